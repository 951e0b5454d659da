"""The agent is killed or stopped in mid-run, again and again: no slot without a row, no row twice."""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from types import MappingProxyType

from aiohttp import web

from checks.run import Verdict
from store.open import open_store
from store.protocol import Cell
from tests.agent.delivery import RunsTable

EVERY_S = 2
NOTHING: Mapping[str, str] = MappingProxyType({})
EVER = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
CHECKS = """
version: 1
settings:
  contact: mailto:a@b.example
  location: an-binh
  defaults: {{every: 2s, deadline: 900ms, confirm_after: 1ms}}
agencies: [{{id: so, name: Sở}}]
systems:
  - {{id: cong, name: Cổng, agency: so, url: "http://127.0.0.1:{port}", hosts: ["127.0.0.1:{port}"], environment: test}}
checks:
"""
CHECK = '  - {{id: trang-{n}, type: http, system: cong, url: "http://127.0.0.1:{port}/"}}\n'


class Site:
    """A page that answers while `open` is set; while it is not it keeps everybody waiting and sets `held`."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.open.set()
        self.held = asyncio.Event()
        self.port = 0
        self._asked = asyncio.Semaphore(0)

    async def answer(self, _: web.Request) -> web.Response:
        self._asked.release()
        if not self.open.is_set():
            self.held.set()
        await self.open.wait()
        return web.Response(text="ok")

    async def asked(self, times: int) -> None:
        """Wait until it was asked so many more times."""
        async with asyncio.timeout(60):
            for _ in range(times):
                await self._asked.acquire()


@asynccontextmanager
async def served() -> AsyncIterator[Site]:
    site, app = Site(), web.Application()
    app.router.add_get("/", site.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    site.port = runner.addresses[0][1]
    yield site
    await runner.cleanup()


async def start_agent(
    checks: Path,
    data: Path,
    *before: str,
    on_board: Callable[[str], None] = lambda _: None,
    environment: Mapping[str, str] = NOTHING,
) -> asyncio.subprocess.Process:
    """Start the real agent, `before` written before its command, and return once it serves.

    `on_board` is told the board's address.
    """
    process = await asyncio.create_subprocess_exec(
        *before, sys.executable, "-m", "agent", "run", "--checks", str(checks), "--data", str(data),
        "--listen", "127.0.0.1:0", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, **environment},
    )  # fmt: skip
    assert process.stdout is not None
    async with asyncio.timeout(60):
        line = b"first"
        while line and not line.startswith(b"board:"):
            line = await process.stdout.readline()
    assert line, "the agent ended before it served"
    on_board(line.decode().removeprefix("board:").strip())
    return process


@asynccontextmanager
async def surely_ended(process: asyncio.subprocess.Process) -> AsyncIterator[None]:
    """Let no agent outlive its test, whatever becomes of that."""
    try:
        yield
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def ended(process: asyncio.subprocess.Process) -> None:
    """End an agent as an operator does."""
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == 0


def written(folder: Path, site: Site, checks: int) -> Path:
    """Write a checks.yaml with so many checks of the site."""
    path = folder / "checks.yaml"
    lines = "".join(CHECK.format(n=n, port=site.port) for n in range(checks))
    path.write_text(CHECKS.format(port=site.port) + lines, encoding="utf-8")
    return path


async def rows_of(database: Path | str) -> dict[str, list[Cell]]:
    """Return the rows by check; every one must be closed, and no slot between two of them without a row."""
    store = await open_store(str(database))
    found: dict[str, list[Cell]] = {}
    for cell in await store.cells(*EVER):
        found.setdefault(cell.check, []).append(cell)
    assert await store.unfinished("an-binh") == ()
    await store.close()
    for of_check in found.values():
        steps = {late.scheduled_at - early.scheduled_at for early, late in pairwise(of_check)}
        assert steps == {timedelta(seconds=EVERY_S)}
    return found


def verdicts_of(found: Mapping[str, list[Cell]]) -> Counter[Verdict]:
    """Count the verdicts of all checks; nobody may have been accused."""
    verdicts = Counter(cell.verdict for of_check in found.values() for cell in of_check)
    assert set(verdicts) <= {Verdict.OK, Verdict.INCONCLUSIVE, Verdict.SKIPPED}
    return verdicts


async def test_after_every_kill_each_slot_still_has_exactly_one_row(tmp_path: Path) -> None:
    async with served() as site:
        checks = written(tmp_path, site, 6)
        for answered in (5, 7, 6):
            process = await start_agent(checks, tmp_path)
            async with surely_ended(process):
                await site.asked(answered)
                site.held.clear()
                site.open.clear()
                async with asyncio.timeout(60):
                    await site.held.wait()
            site.open.set()  # a walk was waiting for its answer when the agent was killed
        process = await start_agent(checks, tmp_path)
        async with surely_ended(process):
            await site.asked(6)
            await ended(process)
    found = await rows_of(tmp_path / "dvcwatch.db")
    assert len(found) == 6
    verdicts = verdicts_of(found)
    assert verdicts[Verdict.OK] > 0
    assert verdicts[Verdict.INCONCLUSIVE] + verdicts[Verdict.SKIPPED] > 0


async def test_whenever_the_agent_is_ended_and_its_store_goes_each_slot_has_exactly_one_row(tmp_path: Path) -> None:
    random = Random(11)  # noqa: S311 - an order that is the same every time, not a secret
    database = tmp_path / "dvcwatch.db"
    table = RunsTable(database)
    async with served() as site:
        checks = written(tmp_path, site, 4)
        for _ in range(8):
            await table.come_back()
            process = await start_agent(checks, tmp_path)
            async with surely_ended(process):
                for _ in range(random.randrange(1, 4)):
                    await asyncio.sleep(random.uniform(0.0, 1.5))  # at any moment, in any phase
                    if random.random() < 0.5:
                        await (table.come_back() if table.away else table.go())
                if random.random() < 0.25:
                    await ended(process)
        await table.come_back()
        process = await start_agent(checks, tmp_path)
        async with surely_ended(process):
            await site.asked(8)
            await ended(process)
    found = await rows_of(database)
    assert len(found) == 4
    assert verdicts_of(found)[Verdict.OK] > 0
    assert not list((tmp_path / "spool").glob("*.jsonl")), "nothing waits any more"
