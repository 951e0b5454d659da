"""A fanout as the agent wires it, without the agent."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from agent.backlog import Backlog
from agent.clock import SystemClock
from agent.fanout import Fanout, recalled
from agent.runner import Identity
from agent.settled import Settling
from agent.spool import Spool
from alerting.letters import Letters
from checks.config import Config
from exporters.snapshot import Snapshot
from store.protocol import Store

IDENTITY = Identity("may-do", "0" * 12)


async def a_fanout(
    store: Store, config: Config, folder: Path, on_mail: Callable[[], None] = lambda: None, max_bytes: int = 256_000_000
) -> Fanout:
    """Make one that spools below `folder`."""
    snapshot, clock = Snapshot(), SystemClock()
    snapshot.keep(config.targets, "an-binh")
    backlog = Backlog(Spool(folder / "spool", max_bytes))
    settling = Settling(lambda: config, IDENTITY, clock)
    standing = await recalled(store)
    return Fanout(store, snapshot, Letters(), standing, lambda: config, clock, on_mail, backlog, settling)


@asynccontextmanager
async def delivering(one: Fanout) -> AsyncIterator[None]:
    """Deliver while the block lasts, and what is left at its end."""
    async with cut_off(one):
        yield
        await one.drain()


@asynccontextmanager
async def cut_off(one: Fanout) -> AsyncIterator[None]:
    """Deliver while the block lasts; at its end drop everything, as a killed process would."""
    task = asyncio.create_task(one.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
