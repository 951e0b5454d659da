"""`kill -9` of the agent in mid-run, again and again: no slot without a row, no row twice."""

import asyncio
import os
import signal
import sqlite3
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from aiohttp import web

from store.open import open_store

EVERY_S = 2
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


async def start_agent(checks: Path, data: Path, **environment: str) -> asyncio.subprocess.Process:
    """Start the real agent and return once it serves."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "agent", "run", "--checks", str(checks), "--data", str(data),
        "--listen", "127.0.0.1:0", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        env=os.environ | environment,
    )  # fmt: skip
    assert process.stdout is not None
    async with asyncio.timeout(60):
        line = b"first"
        while line and not line.startswith(b"board:"):
            line = await process.stdout.readline()
    assert line, "the agent ended before it served"
    return process


async def test_after_every_kill_each_slot_still_has_exactly_one_row(tmp_path: Path) -> None:
    database = tmp_path / "dvcwatch.db"
    began = datetime.now(UTC)
    async with served() as site:
        checks = tmp_path / "checks.yaml"
        lines = "".join(CHECK.format(n=n, port=site.port) for n in range(6))
        checks.write_text(CHECKS.format(port=site.port) + lines, encoding="utf-8")
        for answered in (5, 7, 6):
            process = await start_agent(checks, tmp_path)
            await site.asked(answered)
            site.held.clear()
            site.open.clear()
            async with asyncio.timeout(60):
                await site.held.wait()
            process.kill()  # a walk waits for its answer now
            await process.wait()
            site.open.set()
        process = await start_agent(checks, tmp_path)
        await site.asked(6)
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
    with sqlite3.connect(database) as rows:
        assert rows.execute("select count(*) from runs where closed_at is null").fetchone() == (0,)
    store = await open_store(str(database))
    cells = await store.cells(began - timedelta(minutes=1), datetime.now(UTC))
    await store.close()
    by_check: dict[str, list[datetime]] = {}
    for cell in cells:
        by_check.setdefault(cell.check, []).append(cell.scheduled_at)
    assert len(by_check) == 6
    for moments in by_check.values():
        assert {late - early for early, late in pairwise(moments)} == {timedelta(seconds=EVERY_S)}
    verdicts = Counter(cell.verdict.value for cell in cells)
    assert verdicts["ok"] > 0
    assert verdicts["inconclusive"] + verdicts["skipped"] > 0
    assert set(verdicts) <= {"ok", "inconclusive", "skipped"}
