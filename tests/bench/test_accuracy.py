"""What the accuracy bench makes of its readings."""

from datetime import timedelta
from math import isnan

import pytest

from bench.accuracy import ALONE, Reading, bound_s, compared, percentile
from bench.stopwatch import Truth
from checks.run import Health, Run, StepRun, Verdict
from tests import samples

BEGAN_S = samples.NOON.timestamp()


def a_run(verdict: Verdict = Verdict.OK, *, late_s: float = 0.0, degraded: bool = False) -> Run:
    steps = tuple(StepRun(name=str(n), verdict=verdict, duration_s=1.0 + late_s) for n in range(2))
    return samples.run(
        check="cham-1",
        verdict=verdict,
        started_at=samples.NOON,
        finished_at=samples.NOON + timedelta(seconds=10),
        steps=steps,
        health=Health(degraded=degraded),
    )


def a_visit(check: str = "cham-1", began_s: float = BEGAN_S) -> list[Truth]:
    return [Truth(f"{check}.77", n, began_s + 2 * n, began_s + 2 * n + 1.0) for n in range(2)]


@pytest.mark.parametrize(("share", "value"), [(0.5, 2.0), (0.75, 3.0), (0.95, 4.0), (1.0, 4.0)])
def test_a_percentile_is_a_value_that_was_met(share: float, value: float) -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], share) == value


def test_nothing_has_no_percentile() -> None:
    assert isnan(percentile([], 0.95))


def test_a_bound_grows_with_the_step_and_with_the_load() -> None:
    assert (bound_s(0.1, ALONE), bound_s(2.0, ALONE), bound_s(0.1, 4.0), bound_s(2.0, 4.0)) == (0.015, 0.06, 0.025, 0.1)


def test_each_step_of_an_accepted_run_is_held_against_its_own_visit() -> None:
    others = [*a_visit("cham-10"), *a_visit(began_s=BEGAN_S + 60)]
    found = compared([a_run(late_s=0.25)], [*others, *a_visit()])
    assert found.readings == [Reading(0, 1.25, 1.0), Reading(1, 1.25, 1.0)]
    assert (found.walks, found.accepted, found.wrong) == (1, 1, 0)
    assert found.error_s(0.95) == 0.25


def test_a_degraded_run_gives_no_reading_and_a_false_verdict_is_counted() -> None:
    runs = [a_run(degraded=True), a_run(Verdict.SLOW), a_run(Verdict.FAILED), a_run(Verdict.SKIPPED)]
    found = compared(runs, [])
    assert (found.walks, found.accepted, found.wrong, found.readings) == (3, 1, 2, [])
