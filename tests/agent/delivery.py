"""A fanout as the agent wires it, without the agent."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing, suppress
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
    settling = Settling(lambda: config, lambda: IDENTITY, clock)
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


class RunsTable:
    """The table of runs, which can be taken away from the store: every statement about it fails meanwhile."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.away = False

    async def go(self) -> None:
        await asyncio.to_thread(self._rename, "runs", "elsewhere")
        self.away = True

    async def come_back(self) -> None:
        if self.away:
            await asyncio.to_thread(self._rename, "elsewhere", "runs")
        self.away = False

    def _rename(self, old: str, new: str) -> None:
        with closing(sqlite3.connect(self._path, timeout=30, isolation_level=None)) as connection:
            connection.execute(f"ALTER TABLE {old} RENAME TO {new}")
