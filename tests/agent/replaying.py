"""Replays a spool until it is killed or done: `python -m tests.agent.replaying FOLDER`."""

import asyncio
import sys
from pathlib import Path

from store.open import open_store
from tests.agent.delivery import a_fanout
from tests.alerting.province import config, rule


async def replay(folder: Path) -> None:
    """Say `begun` and `done` on standard output."""
    store = await open_store(str(folder / "dvcwatch.db"))
    one = await a_fanout(store, config(rule()), folder)
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    await one.replay()
    await store.close()
    sys.stdout.write("done\n")


if __name__ == "__main__":
    asyncio.run(replay(Path(sys.argv[1])))
