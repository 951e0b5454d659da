"""How the agent was over a span, which limits it passed, and what a finding is then worth."""

import asyncio
from dataclasses import replace

import pytest

from agent.clock import SystemClock
from agent.health import (
    LAG_LIMIT_S,
    MEMORY_LIMIT_BYTES,
    MEMORY_PRESSURE_LIMIT,
    PRESSURE_LIMIT,
    SLOWDOWN_LIMIT,
    STEAL_LIMIT,
    THROTTLED_LIMIT,
    Condition,
    HealthWatch,
    budget_times,
    is_our_delay,
    judged,
    told,
)
from agent.kernel import Counters, Kernel
from checks.run import Cause, Finding, Health, Reason, StepRun, Verdict
from tests.agent.hands import Hands

WELL = Condition(
    span_s=2.0,
    loop_lag_s=LAG_LIMIT_S,
    cpu_pressure=PRESSURE_LIMIT,
    memory_pressure=MEMORY_PRESSURE_LIMIT,
    steal=STEAL_LIMIT,
    throttled=THROTTLED_LIMIT,
    memory_free_bytes=MEMORY_LIMIT_BYTES,
    load_1m=9.0,
    slowdown=SLOWDOWN_LIMIT,
)


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"loop_lag_s": 0.26}, Cause.LAG),
        ({"cpu_pressure": 0.81}, Cause.PRESSURE),
        ({"memory_pressure": 0.11}, Cause.MEMORY_PRESSURE),
        ({"steal": 0.11}, Cause.STEAL),
        ({"throttled": 0.06}, Cause.THROTTLED),
        ({"memory_free_bytes": 199_000_000}, Cause.MEMORY),
        ({"slowdown": 1.51}, Cause.SLOWDOWN),
    ],
)
def test_each_limit_degrades_by_itself_once_it_is_passed(change: dict[str, float], cause: Cause) -> None:
    health = told(replace(WELL, **change))  # type: ignore[arg-type]  # the keys are those of a condition
    assert (health.degraded, health.causes) == (True, (cause,))
    assert told(WELL).degraded is False


def test_what_the_kernel_does_not_tell_degrades_nothing() -> None:
    silent = Condition(1.0, 0.0, None, None, None, None, None, None, None)
    assert told(silent).degraded is False


class Counting(Kernel):
    """A kernel in which work has waited for a processor from second 110 to 112 and never else."""

    def counters(self, at: float) -> Counters:
        return Counters(at, cpu_stall_s=min(max(at - 110.0, 0.0), 2.0))


def watched() -> tuple[HealthWatch, Hands]:
    hands = Hands()
    watch = HealthWatch(hands, Counting())  # type: ignore[arg-type]  # a clock that only tells spans
    watch.read()
    return watch, hands


def test_pressure_is_that_of_the_run_and_of_nothing_before_or_after_it() -> None:
    watch, hands = watched()
    found = []
    for began, ends in ((100.0, 110.0), (110.0, 112.0), (112.0, 120.0)):
        hands.at = ends
        found.append(watch.over(began).cpu_pressure)
    assert found == [0.0, 1.0, 0.0]


def test_a_very_short_run_is_told_of_the_second_it_ended_in() -> None:
    watch, hands = watched()
    for at in (110.5, 111.0, 111.5, 112.5):
        hands.at = at
        watch.read()
    hands.at = 112.51
    condition = watch.over(112.505)
    assert condition.span_s == pytest.approx(1.0)
    assert condition.cpu_pressure == pytest.approx(0.5)


def test_thousands_of_checks_that_ask_at_once_read_the_kernel_once() -> None:
    watch, hands = watched()
    assert watch.read() is watch.read()
    hands.at += 1.0
    assert watch.read().at == hands.at


async def test_a_loop_that_stands_still_is_late() -> None:
    clock = SystemClock()
    watch = HealthWatch(clock)
    task = asyncio.create_task(watch.run())
    await asyncio.sleep(0)
    began = clock.monotonic()
    while clock.monotonic() < began + 0.4:  # what a blocking call of ours would do to the loop
        pass
    assert watch.loop_lag_s(began) >= 0.25  # even before the loop has had a turn again
    task.cancel()


async def test_a_loop_that_is_late_again_and_again_costs_all_of_it_together() -> None:
    clock = SystemClock()
    watch = HealthWatch(clock)
    task = asyncio.create_task(watch.run())
    await asyncio.sleep(0)
    began = clock.monotonic()
    for _ in range(3):
        ends = clock.monotonic() + 0.3
        while clock.monotonic() < ends:
            pass
        await asyncio.sleep(0)
    assert watch.lost_s(began) >= 0.55
    assert watch.lost_s(clock.monotonic() + 1.0) <= watch.lost_s(began)
    task.cancel()


def test_a_cause_that_shows_twice_is_told_once() -> None:
    assert told(replace(WELL, slowdown=1.6), causes=(Cause.SLOWDOWN,)).causes == (Cause.SLOWDOWN,)


def test_no_step_of_a_degraded_run_is_called_slow() -> None:
    step = StepRun(name="Mở", verdict=Verdict.SLOW, reason=Reason.BUDGET, message="mất 3,0 giây", budget_s=1.0)
    slow = Finding(verdict=Verdict.SLOW, blame="system", reason=Reason.BUDGET, message="mất 3,0 giây", steps=(step,))
    found = judged(slow, Health(degraded=True))
    assert (found.verdict, found.message, found.steps[0].verdict, found.steps[0].message) == ("ok", "", "ok", "")
    assert judged(slow, Health()) == slow


def test_the_worst_of_a_walk_and_its_steps_is_held_against_its_budget() -> None:
    steps = (StepRun(name="a", verdict=Verdict.OK, duration_s=1.0, budget_s=2.0),)
    assert budget_times(Finding(verdict=Verdict.OK, duration_s=3.0, steps=steps), 4.0) == 0.75
    assert budget_times(Finding(verdict=Verdict.OK, duration_s=3.0), None) == 0.0


def test_what_our_own_resolver_took_is_in_no_time_that_is_held_against_a_budget() -> None:
    late = StepRun(name="a", verdict=Verdict.INCONCLUSIVE, duration_s=3.0, lookup_s=2.0, budget_s=2.0)
    slow = StepRun(name="b", verdict=Verdict.SLOW, duration_s=1.2, budget_s=1.0)
    found = Finding(verdict=Verdict.SLOW, duration_s=4.2, steps=(late, slow))
    assert budget_times(found, 4.0) == 1.2
    assert budget_times(found, 1.1) == pytest.approx(2.0)


def test_what_our_own_loop_was_late_is_taken_off_a_light_check() -> None:
    slow = Finding(verdict=Verdict.SLOW, reason=Reason.BUDGET, duration_s=1.2)
    assert is_our_delay(slow, 1.0, 0.21)
    assert not is_our_delay(slow, 1.0, 0.19)
    assert not is_our_delay(slow.evolve(duration_s=0.9), 1.0, 0.2)  # slow for another reason: its certificate
    assert not is_our_delay(slow, None, 0.2)


def test_what_our_resolver_took_and_what_our_loop_was_late_are_taken_off_together() -> None:
    slow = Finding(verdict=Verdict.SLOW, reason=Reason.BUDGET, duration_s=2.2, phases={"dns": 1.0, "ttfb": 1.2})
    assert is_our_delay(slow, 1.0, 0.21)
    assert not is_our_delay(slow, 1.0, 0.19)
    assert not is_our_delay(slow.evolve(duration_s=1.9), 1.0, 0.2)  # only the certificate is left
    asked = Finding(verdict=Verdict.SLOW, reason=Reason.BUDGET, duration_s=2.2, phases={"dns": 2.2})
    assert not is_our_delay(asked, 1.0, 0.2)  # a dns check: the resolver is what it measures
