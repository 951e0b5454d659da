from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from agent.board.board import Board
from agent.web import make_app
from exporters.snapshot import AgentFacts
from store.open import open_store
from tests.agent.board import province
from tests.agent.board.province import CONFIG, NOW, Seeded, seed

FACTS = AgentFacts(
    version="0.1.0", python="3.11.2", browser="Chromium 142.0.7444.60", config_hash=CONFIG.digest,
    config_loaded_at=NOW - timedelta(hours=30), config_reload_ok=True, queue_length=1, runs_in_progress=1,
    loop_lag_s=0.004, degraded=False, outbox_pending=1, store_errors=0, mails_sent=4, mails_failed=1,
    browser_launches=3,
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


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    evidence = tmp_path / "evidence"
    store = await open_store(f"sqlite:///{tmp_path}/dvcwatch.db")
    seeded = await seed(store, evidence)
    board = Board(
        store=store, config=lambda: CONFIG, now=lambda: NOW, evidence=evidence, facts=lambda: FACTS,
        started_at=NOW - timedelta(hours=30), next_due=next_due,
    )  # fmt: skip
    runner = web.AppRunner(make_app(board, lambda accept: (f"# {accept}\n".encode(), "text/plain; version=0.0.4")))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield Site(f"http://127.0.0.1:{port}", seeded, evidence, session)
    await runner.cleanup()
    await store.close()
