"""What runs beside measuring, under bugs, stores that hang and clocks that are wrong at the start: it ends nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from aiohttp import web

from agent.app import Agent, Options, make_agent
from agent.network import NetworkGuard
from checks.load import load, load_whole
from checks.run import Slot
from checks.secrets import Secrets
from store.open import open_store
from store.protocol import StoreError
from tests.agent.whole import running
from tests.probes.servers import LOOPBACK, web_server
from tests.samples import run as sample_run

CHECKS = """
version: 1
settings: {{contact: "mailto:a@b.example", location: an-binh{references}}}
agencies: [{{id: so, name: Sở}}]
systems: [{{id: cong, name: Cổng, agency: so, url: "http://127.0.0.1:1", hosts: ["127.0.0.1:1"], environment: test}}]
journeys:
  - {{id: xem, title: Xem, steps: [{{name: Mở, do: [{{goto: "${{system.url}}/"}}], until: {{text: Xin chào}}}}]}}
checks:
  - {{id: mot, type: tcp, system: cong, host: 127.0.0.1, port: 1, every: 1h, deadline: 1s}}
"""
WALK = "  - {{id: d{n}, type: browser, system: cong, journey: xem, every: {every}, deadline: 3s, confirm_after: 1s}}\n"
TEN_DAYS = timedelta(days=10)


def write(folder: Path, references: str = "", walks: str = "") -> Path:
    (folder / "checks.yaml").write_text(CHECKS.format(references=references) + walks, encoding="utf-8")
    return folder / "checks.yaml"


def many(count: int, every: str = "8s") -> str:
    return "".join(WALK.format(n=n, every=every) for n in range(count))


@asynccontextmanager
async def made(path: Path) -> AsyncIterator[Agent]:
    folder = path.parent
    options = Options(folder / "data", LOOPBACK, 0, f"sqlite:///{folder}/data/dvcwatch.db")
    async with make_agent(load(path), options, Secrets({}, folder)) as agent:
        yield agent


async def test_a_bug_in_what_runs_beside_measuring_is_logged_and_begun_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again, asked = asyncio.Event(), NetworkGuard.ask
    bugs = [ValueError("a bug"), MemoryError()]

    async def ask(guard: NetworkGuard) -> None:
        if bugs:
            raise bugs.pop()
        await asked(guard)
        again.set()

    monkeypatch.setattr(NetworkGuard, "ask", ask)
    async with made(write(tmp_path)) as agent, running(agent), asyncio.timeout(30):
        await again.wait()


async def test_a_store_that_hangs_does_not_keep_the_agent_from_being_described(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = asyncio.Semaphore(0)

    async def hangs(_: object) -> None:
        asked.release()
        await asyncio.Event().wait()

    monkeypatch.setattr("agent.app._STORE_S", 0.05)
    async with made(write(tmp_path)) as agent, running(agent):
        monkeypatch.setattr(type(agent.store), "outbox_pending", hangs)
        errors, described = agent.fanout.store_errors, agent.snapshot.agent
        async with asyncio.timeout(30):
            await asked.acquire()
            await asked.acquire()
        assert agent.snapshot.agent is not described
        assert agent.fanout.store_errors > errors


async def test_while_the_store_is_away_another_configuration_is_weighed_as_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise StoreError("away")

    async with made(write(tmp_path, walks=many(1))) as agent, running(agent):
        monkeypatch.setattr(type(agent.store), "recent", away)
        problems = await agent.adopt(load_whole(write(tmp_path, walks=many(60))))
        assert "this schedule needs" in problems[0].message
        assert await agent.adopt(load_whole(write(tmp_path, walks=many(2, "1h")))) == ()
        assert len(agent.statement.needs) == 2


@pytest.mark.parametrize("wrong", [True, False])
async def test_a_clock_that_is_days_ahead_at_the_start_fills_no_days_with_rows(tmp_path: Path, *, wrong: bool) -> None:
    now = datetime.now(UTC)
    last_due = (now - TEN_DAYS).replace(minute=0, second=0, microsecond=0)
    date = format_datetime(now - TEN_DAYS if wrong else now, usegmt=True)

    async def answer(_: web.Request) -> web.Response:
        return web.Response(headers={"Date": date})

    store = await open_store(f"sqlite:///{tmp_path}/dvcwatch.db")
    slot = Slot(check="mot", location="an-binh", due_at=last_due)
    await store.open_slots([slot], last_due)
    await store.save_many([sample_run(id=slot.id, check="mot", location="an-binh", scheduled_at=last_due)])
    await store.close()
    (tmp_path / "data").mkdir()
    (tmp_path / "dvcwatch.db").rename(tmp_path / "data" / "dvcwatch.db")
    async with web_server(answer) as port:
        references = f', reference_targets: [{{type: http, url: "http://{LOOPBACK}:{port}/"}}]'
        async with made(write(tmp_path, references)) as agent:
            rows = await agent.store.recent("mot", 1000)
    assert len(rows) == 1 if wrong else len(rows) >= 240  # one an hour; the grid has a phase of its own
