"""How much any one host is asked of: the budget of visits, and rest for a host that asks for it."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agent.clock import SystemClock
from agent.politeness import Politeness, Rest, rest_for, turn_in_s
from agent.runner import Identity
from checks import model
from checks.config import AnyCheck, Target
from checks.model import HttpCheck, TcpCheck
from checks.run import Finding, Outcome, Pushback, Reason, Slot, Verdict
from exporters.snapshot import Resting
from probes.probe import NO_PROOF, Proof
from tests import samples
from tests.agent.runners import a_runner

HOST = "dvc.example:443"
NOON = datetime(2026, 11, 10, 5, 0, tzinfo=UTC)
OK = Finding(verdict=Verdict.OK)
BUSY = Finding(verdict=Verdict.BLOCKED, blame="system", reason=Reason.WAF, pushback=Pushback(host=HOST, status=429))


def later(span_s: float | None, status: int = 503) -> Finding:
    word = Pushback(host=HOST, status=status, retry_after_s=span_s)
    return Finding(verdict=Verdict.FAILED, blame="system", reason=Reason.HTTP_STATUS, pushback=word)


@dataclass(frozen=True, slots=True)
class StoppedClock(SystemClock):
    """A clock that only moves when somebody sleeps; `slept` is how it moved."""

    slept: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        return 1000.0 + sum(self.slept)

    def now(self) -> datetime:
        return NOON + timedelta(seconds=sum(self.slept))

    async def sleep(self, duration_s: float) -> None:
        self.slept.append(duration_s)
        await asyncio.sleep(0)


def a_target(name: str = "trang-chu", environment: str = "production", **fields: Any) -> Target[AnyCheck]:
    system = samples.SYSTEM.evolve(url="https://dvc.example", hosts=("dvc.example",), environment=environment)
    timing = {"every": "5m", "deadline": "30s", "confirm_after": "10s"}
    check = samples.check(HttpCheck, id=name, url="https://dvc.example/", **(timing | fields))
    return samples.target(check, system=system)


def politeness(clock: SystemClock, **settings: Any) -> Politeness:
    return Politeness(model.Politeness(**settings), clock)


@pytest.mark.parametrize(
    ("begun", "most", "expected"),
    [
        ([], 1, 0.0),
        ([100.0], 1, 50.0),
        ([100.0], 2, 0.0),
        ([100.0, 105.0, 109.0], 3, 50.0),
        ([100.0, 105.0, 109.0], 2, 55.0),
        ([40.0], 1, 0.0),
    ],
)
def test_a_visit_waits_until_fewer_than_most_lie_within_a_minute(
    begun: list[float], most: int, expected: float
) -> None:
    assert turn_in_s(begun, 110.0, most) == expected


@pytest.mark.parametrize(
    ("word", "before", "expected"),
    [
        (later(30), None, Rest(1030.0, 30.0)),
        (later(86400), None, Rest(1600.0, 600.0)),
        (later(0), None, Rest(1000.0, 0.0)),
        (BUSY, None, Rest(1060.0, 60.0)),
        (BUSY, Rest(990.0, 60.0), Rest(1120.0, 120.0)),
        (BUSY, Rest(990.0, 480.0), Rest(1600.0, 600.0)),
        (BUSY, Rest(990.0, 600.0), Rest(1600.0, 600.0)),
        (later(5), Rest(1400.0, 600.0), Rest(1400.0, 5.0)),
    ],
)
def test_a_host_rests_as_long_as_it_says_else_twice_as_long_as_before_and_never_too_long(
    word: Finding, before: Rest | None, expected: Rest
) -> None:
    assert word.pushback is not None
    assert rest_for(word.pushback, before, 1000.0, 600.0) == expected


async def test_visits_beyond_the_budget_wait_for_their_turn() -> None:
    clock = StoppedClock()
    polite = politeness(clock, visits_per_minute=2)
    taken = [await polite.turn(a_target(f"c-{n}"), 300.0) for n in range(5)]

    assert taken == [True] * 5
    assert clock.slept == [60.0, 60.0]


async def test_a_turn_that_does_not_come_in_time_is_none() -> None:
    clock = StoppedClock()
    polite = politeness(clock, visits_per_minute=1)

    assert await polite.turn(a_target(), 10.0)
    assert not await polite.turn(a_target("khac"), 10.0)
    assert clock.slept == []


async def test_test_systems_and_other_kinds_of_checks_have_no_budget() -> None:
    clock = StoppedClock()
    polite = politeness(clock, visits_per_minute=1)
    tcp = samples.target(samples.check(TcpCheck, host="dvc.example", port=443))
    for target in (a_target(environment="test"), tcp):
        for _ in range(20):
            assert await polite.turn(target, 0.0)


async def test_a_429_without_a_time_doubles_the_rest_until_an_answer_is_good() -> None:
    clock = StoppedClock()
    polite, target = politeness(clock), a_target()
    rests = []
    for _ in range(5):
        polite.told(target, BUSY)
        rests.append(polite.rest_s(target))
        await clock.sleep(rests[-1])
    polite.told(target, OK)
    polite.told(target, BUSY)

    assert rests == [60.0, 120.0, 240.0, 480.0, 600.0]
    assert polite.rest_s(target) == 60.0


async def test_a_good_answer_to_another_visit_does_not_end_the_rest_that_was_asked_for() -> None:
    clock = StoppedClock()
    polite = politeness(clock)
    polite.told(a_target(), later(120))
    polite.told(a_target("khac"), OK)

    assert polite.rest_s(a_target("khac")) == 120.0
    assert polite.resting() == (Resting(HOST, NOON + timedelta(seconds=120)),)


async def test_a_check_stays_away_from_a_further_host_that_pushed_it_back() -> None:
    polite = politeness(StoppedClock())
    word = Pushback(host="dinh-danh.example:443", status=429)
    polite.told(a_target("dang-nhap"), OK.evolve(verdict=Verdict.BLOCKED, pushback=word))

    assert polite.rest_s(a_target("dang-nhap")) == 60.0
    assert polite.rest_s(a_target("trang-chu")) == 0.0


class Scripted:
    """A probe that gives one answer an attempt."""

    def __init__(self, *answers: Finding) -> None:
        self.answers = list(answers)

    async def run(self, target: Target[AnyCheck], proof: Proof = NO_PROOF) -> Finding:
        return self.answers.pop(0)


async def walk(polite: Politeness, *answers: Finding, **fields: Any) -> Outcome:
    probe = Scripted(*answers)
    clock = polite.clock
    runner = a_runner({"http": probe}, clock, politeness=polite)
    slot = Slot(check="trang-chu", location="an-binh", due_at=clock.now())
    outcome = await runner.run(a_target(**fields), slot, Identity("may-do", "0" * 12))
    assert probe.answers == []
    return outcome


async def test_a_slot_that_is_due_while_its_host_rests_is_skipped() -> None:
    polite = politeness(StoppedClock())
    polite.told(a_target(), later(120))
    outcome = await walk(polite)

    assert (outcome.run.verdict, outcome.run.blame, outcome.run.reason) == ("skipped", "agent", "backoff")
    assert "đề nghị tạm ngừng" in outcome.run.message


async def test_waiting_for_a_turn_is_told_as_queue_delay() -> None:
    polite = politeness(StoppedClock(), visits_per_minute=1)
    assert await polite.turn(a_target("khac"), 0.0)
    outcome = await walk(polite, OK)

    assert (outcome.run.verdict, outcome.run.queue_delay_s) == ("ok", 60.0)


async def test_the_confirming_attempt_waits_out_the_rest_that_fits_into_the_slot() -> None:
    clock = StoppedClock()
    outcome = await walk(politeness(clock), later(90), later(90))

    assert outcome.run.verdict == "failed"
    assert outcome.run.attempts == 2
    assert clock.slept == [90.0]


async def test_nobody_is_accused_on_one_attempt_when_the_rest_is_longer_than_the_slot() -> None:
    outcome = await walk(politeness(StoppedClock()), later(500))

    assert (outcome.run.verdict, outcome.run.blame, outcome.run.reason) == ("inconclusive", "agent", "backoff")
    assert [run.verdict for run in outcome.earlier] == ["failed"]
    assert "tạm ngừng gửi" in outcome.run.message


async def test_a_plain_503_goes_on_being_measured() -> None:
    outage = later(None).evolve(pushback=None)
    clock = StoppedClock()
    outcome = await walk(politeness(clock), outage, outage)

    assert outcome.run.verdict == "failed"
    assert clock.slept == [10.0]
