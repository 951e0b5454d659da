"""A service that never changes, and what the agent has written of it: whatever is said against it is said wrongly."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from aiohttp import web

from checks.run import AGENT, NOBODY, Outcome, Run, Verdict
from tests.faults.watcher import read_outcomes
from tests.probes.servers import web_server
from tests.until import until

WALKS = tuple(f"di-{n}" for n in range(1, 7))
REQUESTS = ("hoi-1", "hoi-2")
EVERY_S = {**dict.fromkeys(WALKS, 12), **dict.fromkeys(REQUESTS, 5)}
_ANSWERS_S = 0.1
_ACCUSING = frozenset({Verdict.FAILED, Verdict.SLOW, Verdict.BLOCKED})
_CHECKS = """\
version: 1
settings:
  contact: mailto:giam-sat@anbinh.example
  location: an-binh
  browser: {{patience: 1s}}
agencies: [{{id: so, name: Sở Tư pháp, email: [so@anbinh.example]}}]
systems: [{{id: cong, name: Cổng, agency: so, url: "http://{host}", hosts: ["{host}"], environment: test}}]
journeys:
  - id: nop
    title: Nộp hồ sơ
    steps:
      - {{name: Mở, do: [{{goto: "${{system.url}}/di"}}], until: {{visible: {{role: link, name: Tiếp tục}}}}}}
      - {{name: Xem, do: [{{click: {{role: link, name: Tiếp tục}}}}], until: {{text: Đã nhận hồ sơ}}}}
checks:
{checks}
alerts:
  mail: {{host: 127.0.0.1, port: 1, security: none, sender: dvcwatch@anbinh.example}}
  rules:
    - {{id: hong, when: failed, to: [agency]}}
    - {{id: cham, when: slow, to: [agency]}}
"""
_LATE = "<p>…</p><script>setTimeout(() => document.body.insertAdjacentHTML('beforeend', `{goal}`), 200)</script>"
_PAGES = {
    "/di": _LATE.format(goal="<a href='/di/2'>Tiếp tục</a>"),
    "/di/2": _LATE.format(goal="<h1>Đã nhận hồ sơ</h1>"),
}


@dataclass
class Service:
    """Two pages whose goals appear 0.2 s late by script; `walked` tells that a walk began."""

    host: str = ""
    walked: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.Response:
        """Answer whatever is asked for."""
        if request.path == "/di":
            self.walked.set()
        await asyncio.sleep(_ANSWERS_S)
        return web.Response(text=_PAGES.get(request.path, "ok"), content_type="text/html")

    async def walk(self) -> None:
        """Wait until the next walk begins."""
        self.walked.clear()
        async with asyncio.timeout(180):
            await self.walked.wait()


@asynccontextmanager
async def served() -> AsyncIterator[Service]:
    """Serve it."""
    service = Service()
    async with web_server(service.answer) as port:
        service.host = f"127.0.0.1:{port}"
        yield service


def written(folder: Path, service: Service) -> Path:
    """Write a checks.yaml of walks and requests, whose budgets the service keeps easily."""
    walk = "type: browser, journey: nop, deadline: 5500ms, confirm_after: 200ms, step_timeout: 4s, budget: 5s"
    request = 'type: http, url: "${system.url}/", deadline: 2s, confirm_after: 200ms, budget: 1s'
    looks = {**dict.fromkeys(WALKS, walk), **dict.fromkeys(REQUESTS, request)}
    lines = [f"  - {{id: {id_}, system: cong, every: {EVERY_S[id_]}s, {look}}}" for id_, look in looks.items()]
    path = folder / "checks.yaml"
    path.write_text(_CHECKS.format(host=service.host, checks="\n".join(lines)), encoding="utf-8")
    return path


@dataclass(frozen=True)
class Ledger:
    """All that an agent has written of the service, by check, the oldest slot first; `open_slots` have no result."""

    slots: dict[str, list[Outcome]]
    open_slots: int
    incidents: int
    mails: int

    @property
    def outcomes(self) -> list[Outcome]:
        """The slots of all checks."""
        return [outcome for of_check in self.slots.values() for outcome in of_check]

    def verdicts(self) -> dict[str, int]:
        """Count the results."""
        return dict(Counter(outcome.run.verdict.value for outcome in self.outcomes))

    def unjust(self) -> list[str]:
        """Say what was held against the service or anybody else but ourselves, in any attempt, slot or message."""
        runs = [run for outcome in self.outcomes for run in (outcome.run, *outcome.earlier)]
        accused = [_said(run) for run in runs if run.verdict in _ACCUSING or run.blame not in (AGENT, NOBODY)]
        if self.incidents or self.mails:
            accused.append(f"{self.incidents} incidents, {self.mails} mails")
        return accused

    def missing(self, began: datetime, ended: datetime) -> list[str]:
        """Say which slots due in a span have not exactly one row."""
        wrong = [f"{self.open_slots} slots without a result"] if self.open_slots else []
        for check, outcomes in self.slots.items():
            every = timedelta(seconds=EVERY_S[check])
            due = [outcome.run.scheduled_at for outcome in outcomes]
            if not due or due[0] > began + 2 * every or due[-1] < ended - 2 * every:
                wrong.append(f"{check}: no row at the beginning or the end of {began:%X}-{ended:%X}")
            wrong += [f"{check}: {one:%X} to {other:%X}" for one, other in pairwise(due) if other - one != every]
        return wrong


def _said(run: Run) -> str:
    return f"{run.id}: {run.verdict}, {run.blame}, {run.reason}, {run.duration_s:.2f} s: {run.message}"


def read_ledger(database: Path, checks: Iterable[str] = EVERY_S) -> Ledger:
    """Read what it says of these checks; the agent may be running."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as store:
        counts = [
            store.execute(f"SELECT count(*) FROM {of}").fetchone()[0]  # noqa: S608 -- words of this module
            for of in ("runs WHERE closed_at IS NULL", "incidents", "outbox")
        ]
    return Ledger({check: read_outcomes(database, check) for check in checks}, *counts)


async def well_again(database: Path, patience_s: float = 180.0) -> None:
    """Wait until of each check a look that began from now on is ok."""
    began = datetime.now(UTC)

    def works(outcomes: Sequence[Outcome]) -> bool:
        return any(one.run.verdict is Verdict.OK and one.run.started_at > began for one in outcomes)

    async def slots() -> dict[str, list[Outcome]]:
        return read_ledger(database).slots

    await until(slots, lambda found: all(map(works, found.values())), within_s=patience_s)
