import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from agent.board.board import Board
from agent.web import make_app
from exporters.snapshot import AgentFacts, ReferenceState
from store.open import open_store
from tests.agent.board import province
from tests.agent.board.province import CONFIG, NOW, Seeded, seed

SILENT = ReferenceState("tcp 192.0.2.7:443", up=False, error="TimeoutError")
FACTS = AgentFacts(
    version="0.1.0", python="3.11.2", browser="Chromium 142.0.7444.60", config_hash=CONFIG.digest,
    config_loaded_at=NOW - timedelta(hours=30), config_reload_ok=True, queue_length=1, runs_in_progress=1,
    loop_lag_s=0.004, degraded=False, outbox_pending=1, store_errors=0, mails_sent=4, mails_failed=1,
    browser_launches=3,
    references=(ReferenceState("dns vnnic.vn", up=True), SILENT),
    network_up=True, clock_ahead_s=0.2,
)  # fmt: skip


@dataclass
class Site:
    """A running board over a seeded store."""

    url: str
    seeded: Seeded
    evidence: Path
    session: aiohttp.ClientSession

    async def text(self, path: str, **headers: str) -> str:
        """Fetch a page that must be there."""
        async with self.session.get(self.url + path, headers=headers) as answer:
            assert answer.status == 200, (path, answer.status)
            return await answer.text()


def next_due(check: str) -> datetime | None:
    return NOW + timedelta(minutes=8) if check == province.PENDING else None


@asynccontextmanager
async def serve(board: Board, seeded: Seeded) -> AsyncIterator[Site]:
    """Run a board on a free port."""
    runner = web.AppRunner(make_app(board, lambda accept: (f"# {accept}\n".encode(), "text/plain; version=0.0.4")))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield Site(f"http://127.0.0.1:{port}", seeded, board.evidence, session)
    await runner.cleanup()


@dataclass(frozen=True)
class Day:
    """A day of results on disk, written once; every test works on a copy of it."""

    folder: Path
    seeded: Seeded


@pytest.fixture(scope="session")
def day(tmp_path_factory: pytest.TempPathFactory) -> Day:
    folder = tmp_path_factory.mktemp("day")

    async def write() -> Seeded:
        store = await open_store(f"sqlite:///{folder}/dvcwatch.db")
        written = await seed(store, folder / "evidence")
        await store.close()
        return written

    return Day(folder, asyncio.run(write()))


@pytest.fixture
async def seeded(day: Day, tmp_path: Path) -> AsyncIterator[tuple[Board, Seeded]]:
    """A board over a day of results, not served yet."""
    shutil.copytree(day.folder, tmp_path, dirs_exist_ok=True)
    store = await open_store(f"sqlite:///{tmp_path}/dvcwatch.db")
    board = Board(
        store=store, config=lambda: CONFIG, now=lambda: NOW, evidence=tmp_path / "evidence", facts=lambda: FACTS,
        started_at=NOW - timedelta(hours=30), next_due=next_due,
    )  # fmt: skip
    yield board, day.seeded
    await store.close()


@pytest.fixture
async def site(seeded: tuple[Board, Seeded]) -> AsyncIterator[Site]:
    async with serve(*seeded) as running:
        yield running


@pytest.fixture
async def broken_site(seeded: tuple[Board, Seeded]) -> AsyncIterator[Site]:
    """A board whose agent cannot say how it is."""

    def no_facts() -> AgentFacts:
        raise ValueError("a bug")

    board, written = seeded
    async with serve(replace(board, facts=no_facts), written) as running:
        yield running


@pytest.fixture
async def storeless_site(seeded: tuple[Board, Seeded], tmp_path: Path) -> AsyncIterator[Site]:
    """A board whose database is no database any more."""
    board, written = seeded
    store = await open_store(f"sqlite:///{tmp_path}/other.db")
    await store.close()
    (tmp_path / "other.db").write_bytes(b"not a database at all" * 100)
    async with serve(replace(board, store=store), written) as running:
        yield running
    await store.close()
