"""Audits of accessibility: about once a day, only where there is room, and never in the way of a timed walk."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from agent.audit import next_audit
from agent.audit_rounds import AuditRounds
from agent.calibration import AGAIN_S, Calibration
from agent.clock import SystemClock
from agent.rounds import Rounds
from agent.runner import Identity
from agent.schedule import Schedule
from checks.audit import Audited
from checks.config import Config, Target
from checks.model import BrowserCheck
from checks.run import Finding, Outcome, Pushback, Reason, Verdict
from checks.visits import visited
from exporters.snapshot import Snapshot
from store.protocol import Store, StoreError
from tests import samples
from tests.agent.delivery import a_fanout
from tests.agent.runners import a_runner

CHECKS = """
version: 1
settings: {contact: "mailto:a@b.example", location: an-binh, defaults: {every: 10m, deadline: 60s, confirm_after: 1ms}}
agencies: [{id: so, name: Sở}]
systems: [{id: cong, name: Cổng, agency: so, url: "http://127.0.0.1:1", hosts: ["127.0.0.1:1"]}]
journeys: [{id: di, title: Đi, steps: [{name: Mở, do: [{goto: "${system.url}/"}], until: {text: a}}]}]
checks:
  - {id: mot, type: browser, system: cong, journey: di}
  - {id: hai, type: browser, system: cong, journey: di, accessibility: {every: 7d}}
  - {id: khong, type: browser, system: cong, journey: di, accessibility: {enabled: false}}
  - {id: tat, type: browser, system: cong, journey: di, enabled: false}
  - {id: trang, type: http, system: cong, url: "${system.url}/"}
"""
DAY = timedelta(days=1)


class Set(SystemClock):
    """A clock that stands where it was put; the monotonic one goes on."""

    moment = datetime(2026, 11, 10, tzinfo=UTC)

    def now(self) -> datetime:
        return Set.moment


class Looking:
    """An auditor that answers at once, when told to, or with an error."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.begun = asyncio.Event()
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.error: Exception | None = None
        self.ended = 0

    async def audit(self, target: Target[BrowserCheck], within_s: float) -> Audited:
        self.asked.append(target.check.id)
        self.begun.set()
        try:
            await self.go_on.wait()
        finally:
            self.ended += 1
        if self.error is not None:
            raise self.error
        return Audited(complete=True, engine="axe-core 4")


@pytest.fixture
def looking() -> Looking:
    return Looking()


@pytest.fixture
async def audits(config: Config, store: Store, looking: Looking) -> AuditRounds:
    """An agent that started two hours before the clock's moment; every check has just been walked well."""
    clock = Set()
    Set.moment = datetime(2026, 11, 10, 2, tzinfo=UTC)
    snapshot = Snapshot()
    snapshot.keep(config.targets, "an-binh")
    for name, target in config.targets.items():
        walked = samples.run(Set.moment, check=name, type=target.check.type)
        snapshot.observe(target, Outcome(run=walked))
    fanout = await a_fanout(store, config, config.path.parent)
    runner = a_runner({}, clock)
    schedule = Schedule([one.check for one in config.targets.values()], "an-binh", {}, Set.moment)
    rounds = Rounds(config, store, runner, fanout, clock, Identity("may-do", "0" * 12), schedule)
    return AuditRounds(rounds, store, snapshot, looking, lambda: False, clock, Set.moment - timedelta(hours=2))


def chosen(audits: AuditRounds) -> str | None:
    target = audits.next_target()
    return target.check.id if target is not None else None


def move_to(audits: AuditRounds, *, before_slot_s: float) -> None:
    """Put the clock so many seconds before the next slot of any browser check."""
    audits.rounds.schedule.take_due(Set.moment)
    dues = [audits.rounds.schedule.next_due(name) for name in ("mot", "hai", "khong")]
    Set.moment = min(due for due in dues if due is not None) - timedelta(seconds=before_slot_s)


def roomiest(audits: AuditRounds) -> None:
    """Put the clock just after the slot that the longest pause follows."""
    longest, after = 0.0, Set.moment
    moment = Set.moment
    for _ in range(12):
        audits.rounds.schedule.take_due(moment)
        dues = [audits.rounds.schedule.next_due(name) for name in ("mot", "hai", "khong")]
        coming = min(due for due in dues if due is not None)
        if (coming - moment).total_seconds() > longest:
            longest, after = (coming - moment).total_seconds(), moment
        moment = coming
    Set.moment = after + timedelta(minutes=20)
    audits.rounds.schedule.take_due(Set.moment)


def a_check(name: str = "mot", **fields: object) -> BrowserCheck:
    return samples.check(BrowserCheck, id=name, journey="di", **fields)


def test_audits_lie_on_a_daily_grid_of_their_own_that_a_restart_does_not_move() -> None:
    last = samples.audit(datetime(2026, 11, 10, tzinfo=UTC))
    due = next_audit(a_check(), last, samples.NOON)
    assert last.started_at < due <= last.started_at + DAY
    assert next_audit(a_check(), last.evolve(started_at=due), samples.NOON + 9 * DAY) == due + DAY
    assert next_audit(a_check(accessibility={"every": "7d"}), last.evolve(started_at=due), due) <= due + 7 * DAY


def test_audits_of_many_checks_are_spread_over_the_day() -> None:
    last = samples.audit(datetime(2026, 11, 10, tzinfo=UTC))
    hours = {next_audit(a_check(f"c-{n}"), last, samples.NOON).hour for n in range(300)}
    assert len(hours) == 24


def test_the_first_audit_comes_within_an_hour_and_an_incomplete_one_is_made_again_the_same_day() -> None:
    first = next_audit(a_check(), None, samples.NOON)
    assert samples.NOON < first <= samples.NOON + timedelta(hours=1)
    broken = samples.audit(first, complete=False)
    assert first < next_audit(a_check(), broken, samples.NOON) <= first + DAY / 4


async def test_an_audit_is_made_kept_and_shown(audits: AuditRounds, looking: Looking, store: Store) -> None:
    roomiest(audits)
    target = audits.next_target()
    assert target is not None
    await audits.audit(target)
    (kept,) = (await store.newest_audits()).values()
    assert (kept.check, kept.agent, kept.location, kept.complete) == (target.check.id, "may-do", "an-binh", True)
    assert [one.audit for one in audits.snapshot.records() if one.audit is not None] == [kept]
    assert chosen(audits) not in (None, target.check.id), "the other one is next"


async def test_checks_that_are_off_or_do_not_want_it_are_left_alone(audits: AuditRounds, looking: Looking) -> None:
    roomiest(audits)
    while (target := audits.next_target()) is not None:
        await audits.audit(target)
    assert sorted(looking.asked) == ["hai", "mot"]


async def test_after_a_restart_the_day_s_audit_is_not_made_again(audits: AuditRounds, store: Store) -> None:
    roomiest(audits)
    for name in ("mot", "hai"):
        await store.save_audit(samples.audit(Set.moment - timedelta(minutes=5), check=name))
    assert chosen(audits) is not None
    await audits.recall()
    assert chosen(audits) is None
    assert sum(one.audit is not None for one in audits.snapshot.records()) == 2


async def test_no_audit_begins_that_would_reach_into_a_slot(audits: AuditRounds) -> None:
    move_to(audits, before_slot_s=7.9)
    assert chosen(audits) is None, "two steps need 5 s, and 3 s are kept free before a slot"
    move_to(audits, before_slot_s=8.1)
    assert chosen(audits) is not None


async def test_no_audit_begins_while_anything_walks(audits: AuditRounds) -> None:
    roomiest(audits)
    waiting = asyncio.create_task(asyncio.sleep(0))
    audits.rounds._walks["khong"] = waiting
    assert chosen(audits) is None
    audits.rounds._walks.clear()
    audits.rounds._walks["trang"] = waiting
    assert chosen(audits) is not None, "it needs no browser"
    await waiting


def the_reference(audits: AuditRounds, walk: Callable[[], Awaitable[Finding]]) -> Calibration:
    """Have the agent measure its machine, by this walk of the reference page."""
    runner = audits.rounds.runner
    made = Calibration(walk, str, lambda: False, runner.lanes["browser"], runner.health, SystemClock(), None)
    runner.calibration = made
    return made


async def begun_audit(audits: AuditRounds, looking: Looking) -> asyncio.Task[None]:
    """Return an audit that is under way until it is told to go on."""
    roomiest(audits)
    target = audits.next_target()
    assert target is not None
    looking.go_on.clear()
    auditing = asyncio.create_task(audits.audit(target))
    await looking.begun.wait()
    return auditing


async def test_the_reference_page_is_not_walked_beside_an_audit(audits: AuditRounds, looking: Looking) -> None:
    walks: list[str] = []

    async def walk() -> Finding:
        walks.append("reference")
        return Finding(verdict=Verdict.OK, duration_s=0.2)

    calibration = the_reference(audits, walk)
    auditing = await begun_audit(audits, looking)
    assert await calibration.check() == AGAIN_S
    assert walks == []
    looking.go_on.set()
    await auditing
    await calibration.check()
    assert walks


async def test_an_audit_holds_up_no_control_of_a_walk(audits: AuditRounds, looking: Looking) -> None:
    async def walk() -> Finding:
        return Finding(verdict=Verdict.OK, duration_s=0.2)

    calibration = the_reference(audits, walk)
    auditing = await begun_audit(audits, looking)
    accused = Finding(verdict=Verdict.FAILED, blame="system", reason=Reason.TIMEOUT)
    assert (await calibration.control(accused, None, None)).causes == ()
    looking.go_on.set()
    await auditing


async def test_no_audit_begins_while_the_reference_page_is_walked(audits: AuditRounds, looking: Looking) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def walk() -> Finding:
        begun.set()
        await go_on.wait()
        return Finding(verdict=Verdict.OK, duration_s=0.2)

    calibration = the_reference(audits, walk)
    roomiest(audits)
    target = audits.next_target()
    assert target is not None
    checking = asyncio.create_task(calibration.check())
    await begun.wait()
    assert chosen(audits) is None
    auditing = asyncio.create_task(audits.audit(target))
    await asyncio.sleep(0)
    assert not looking.begun.is_set()
    go_on.set()
    await checking
    await auditing
    assert looking.asked == [target.check.id]


async def test_an_agent_short_of_breath_audits_nothing(audits: AuditRounds) -> None:
    roomiest(audits)
    audits.degraded = lambda: True
    assert chosen(audits) is None


async def test_a_service_that_is_broken_is_not_audited(audits: AuditRounds, config: Config) -> None:
    roomiest(audits)
    for name in ("mot", "hai"):
        failed = samples.run(Set.moment, Verdict.FAILED, blame="system", check=name)
        audits.snapshot.observe(config.targets[name], Outcome(run=failed))
    assert chosen(audits) is None


@pytest.mark.parametrize("wanted_by", ["a slot that is due", "a walk that has begun"])
async def test_an_audit_gives_way_leaves_nothing_and_is_tried_again_later(
    audits: AuditRounds, looking: Looking, store: Store, wanted_by: str
) -> None:
    roomiest(audits)
    target = audits.next_target()
    assert target is not None
    needed_s = audits.needed_s(target)
    looking.go_on.clear()
    auditing = asyncio.create_task(audits.audit(target))
    await looking.begun.wait()
    if wanted_by == "a slot that is due":
        move_to(audits, before_slot_s=2)
    else:
        audits.rounds._walks["khong"] = auditing
    await auditing
    assert looking.ended == 1
    assert await store.newest_audits() == {}
    audits.rounds._walks.clear()
    roomiest(audits)
    assert audits.needed_s(target) > needed_s
    assert chosen(audits) != target.check.id or Set.moment >= audits._not_before[target.check.id]


async def test_what_an_auditor_raises_makes_the_audit_incomplete_and_stops_nothing(
    audits: AuditRounds, looking: Looking, store: Store
) -> None:
    roomiest(audits)
    looking.error = RuntimeError("secret detail")
    target = audits.next_target()
    assert target is not None
    await audits.audit(target)
    (kept,) = (await store.newest_audits()).values()
    assert not kept.complete
    assert "secret" not in kept.model_dump_json()
    assert all(one.audit is None for one in audits.snapshot.records())


async def test_a_stop_ends_an_audit_under_way(audits: AuditRounds, looking: Looking) -> None:
    roomiest(audits)
    looking.go_on.clear()
    running = asyncio.create_task(audits.run())
    await looking.begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert looking.ended == 1


async def test_a_store_that_is_away_costs_the_audit_and_nothing_else(audits: AuditRounds, store: Store) -> None:
    roomiest(audits)
    target = audits.next_target()
    assert target is not None
    await store.close()
    with pytest.raises(StoreError):
        await store.newest_audits()
    await audits.audit(target)
    assert audits.known == {}


async def test_a_host_that_asked_to_be_left_alone_is_not_audited(audits: AuditRounds) -> None:
    roomiest(audits)
    target = audits.next_target()
    assert target is not None
    word = Pushback(host=visited(target), status=429)
    audits.rounds.runner.politeness.told(target, Finding(verdict=Verdict.BLOCKED, blame="system", pushback=word))
    other = audits.next_target()
    assert other is None or visited(other) != visited(target)
