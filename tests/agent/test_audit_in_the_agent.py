"""The real agent's parts on a real site: timed walks are as they would be without the audit between them."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from agent.app import Agent, Options, make_agent
from checks.config import AnyCheck, Target
from checks.load import load
from checks.run import Outcome, Run, Verdict
from checks.secrets import Secrets
from exporters.snapshot import Snapshot

PAGE = (
    "<!doctype html><html lang=vi><title>Tờ khai</title><body><main><h1>Tờ khai</h1>"
    "<label>Họ tên <input name=ten></label><input name=cccd value=1><button></button></main></body></html>"
)
CHECKS = """
version: 1
settings:
  contact: "mailto:a@b.example"
  browser: {{sandbox: {sandbox}, patience: 1s}}
agencies: [{{id: so, name: Sở}}]
systems: [{{id: cong, name: Cổng, agency: so, url: "{url}", hosts: ["{host}"], environment: test}}]
journeys:
  - id: di
    title: Đi
    steps:
      - {{name: Mở, do: [{{goto: "${{system.url}}/"}}], until: {{text: Tờ khai}}}}
      - {{name: Khai, do: [{{fill: {{label: Họ tên, value: An}}}}], until: {{text: Tờ khai}}}}
checks: [{{id: mot, type: browser, system: cong, journey: di, every: 18s, deadline: 8s, confirm_after: 1ms}}]
"""


@asynccontextmanager
async def site() -> AsyncIterator[str]:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html")

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


class Heard(Snapshot):
    """What is known of every check, which lets others wait for more."""

    def __init__(self, known: Snapshot) -> None:
        super().__init__()
        self._records = known._records
        self.closed = asyncio.Semaphore(0)

    def observe(self, target: Target[AnyCheck], outcome: Outcome) -> None:
        super().observe(target, outcome)
        self.closed.release()


async def settled(agent: Agent) -> None:
    """Wait until one more slot is closed; its walk is over then."""
    assert isinstance(agent.fanout.snapshot, Heard)
    await agent.fanout.snapshot.closed.acquire()


@pytest.fixture
async def agent(tmp_path: Path) -> AsyncIterator[Agent]:
    async with site() as url:
        sandbox = str(os.geteuid() != 0).lower()
        text = CHECKS.format(url=url, host=url.removeprefix("http://"), sandbox=sandbox)
        (tmp_path / "checks.yaml").write_text(text, encoding="utf-8")
        config = load(tmp_path / "checks.yaml")
        options = Options(tmp_path / "data", "127.0.0.1", 0, f"sqlite:///{tmp_path}/data/dvcwatch.db")
        async with make_agent(config, options, Secrets({}, tmp_path)) as made:
            made.fanout.snapshot = Heard(made.snapshot)
            yield made


async def audited_between_two(agent: Agent) -> tuple[Run, Run]:
    """Wait for a slot that leaves room, audit before the next one, and return the slots on both sides."""
    (target,) = agent.audits._targets()
    await settled(agent)
    while agent.audits._room_s() < 10:
        await settled(agent)
    await agent.audits.audit(target)
    await settled(agent)
    before, after = (await agent.store.recent("mot", 2))[::-1]
    return before, after


def both_walked(before: Run, after: Run) -> bool:
    """Whether both slots were walked; a busy machine leaves one out, or takes it back, and accuses nobody."""
    return not {before.verdict, after.verdict} & {Verdict.SKIPPED, Verdict.INCONCLUSIVE}


async def test_an_audit_between_timed_walks_changes_no_slot(agent: Agent) -> None:
    stop = asyncio.Event()
    async with asyncio.timeout(300), asyncio.TaskGroup() as group:
        delivering = group.create_task(agent.fanout.run())
        walking = group.create_task(agent.rounds.run(stop, 5))
        while not both_walked(*(pair := await audited_between_two(agent))):
            pass
        stop.set()
        await walking
        await agent.fanout.drain()
        delivering.cancel()
    before, after = pair
    assert (before.verdict, after.verdict, after.attempts) == (Verdict.OK, Verdict.OK, 1)
    untimed = {"forced_wait_s": 0.0, "handling_s": 0.0}
    assert after.ux.evolve(**untimed) == before.ux.evolve(**untimed)
    assert [step.census for step in after.steps] == [step.census for step in before.steps]
    (audit,) = (await agent.store.newest_audits()).values()
    assert audit.complete, audit.message
    assert {one.rule for screen in audit.screens for one in screen.violations} == {"label", "button-name"}
    assert before.finished_at <= audit.started_at
    assert audit.finished_at <= after.scheduled_at
    assert len(await agent.store.cells(before.scheduled_at, after.finished_at)) == 2
