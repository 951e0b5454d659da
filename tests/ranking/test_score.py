import random
from typing import Any

import numpy as np
import pytest

from checks.ranking import INDICATORS, PILLARS, IndicatorId, RankingMethod
from checks.run import Reason, Run, Verdict
from ranking.estimate import Peak, Quantile, Ratio, pack, rounded_ms
from ranking.intervals import as_it_was, groups_of_equals, rank_intervals, resampled, with_unseen_days
from ranking.rank import rank
from ranking.score import class_of, share_of_points
from tests.ranking import province
from tests.ranking.province import FAILED, NOVEMBER


def test_the_default_points_are_35_25_25_and_15() -> None:
    points = {pillar: sum(i.points for i in INDICATORS.values() if i.pillar == pillar) for pillar in PILLARS}
    assert points == {"availability": 35, "response": 25, "convenience": 25, "access": 15}


@pytest.mark.parametrize("name", list(INDICATORS))
def test_full_points_at_the_full_anchor_none_at_the_zero_anchor_half_between(name: IndicatorId) -> None:
    indicator = INDICATORS[name]
    beyond = indicator.full + (indicator.full - indicator.zero)
    below = indicator.zero - (indicator.full - indicator.zero)
    values = np.array([beyond, indicator.full, (indicator.full + indicator.zero) / 2, indicator.zero, below])
    assert share_of_points(indicator, values) == pytest.approx([1, 1, 0.5, 0, 0])


@pytest.mark.parametrize(
    ("points", "expected"),
    [(100, "A"), (90, "A"), (89.99, "B"), (80, "B"), (65, "C"), (50, "D"), (49.9, "E"), (0, "E")],
)
def test_classes_begin_at_their_cut(points: float, expected: str) -> None:
    assert class_of(points, RankingMethod().classes, ()) == expected


def test_a_gate_caps_but_never_lifts() -> None:
    method = RankingMethod()
    assert class_of(95, method.classes, method.gates[:1]) == "C"
    assert class_of(10, method.classes, method.gates[:1]) == "E"
    assert class_of(95, method.classes, method.gates) == "E"


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({"indicators": {"apdex": {"full": 0.5, "basis": "-"}}}, "indicators.apdex: full and zero must differ"),
        ({"classes": [{"name": "A", "from_score": 90}]}, "the last from_score 0"),
        ({"classes": [{"name": "B", "from_score": 90}, {"name": "A", "from_score": 0}]}, "from the best to the worst"),
        ({"indicators": {name: {"points": 0, "basis": "-"} for name in INDICATORS}}, "nothing is left to score"),
    ],
)
def test_a_method_that_cannot_score_is_refused(section: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        RankingMethod.model_validate(section)


@pytest.mark.parametrize(
    ("seconds", "ms"), [(0.0004, 0), (0.1234, 123), (0.9994, 999), (1.2345, 1230), (12.345, 12300), (123.45, 123000)]
)
def test_times_keep_three_significant_digits(seconds: float, ms: int) -> None:
    assert rounded_ms(seconds) == ms


def times(q: float, *samples: tuple[int, float]) -> Quantile:
    """Make a quantile of (day, seconds)."""
    return Quantile(q, np.array([pack(day, seconds) for day, seconds in samples], dtype=np.uint64))


def test_a_quantile_is_the_nearest_rank() -> None:
    twenty = times(0.95, *((0, n) for n in range(1, 21)))
    assert twenty.at(as_it_was(1))[0] == 19
    assert times(0.75, (0, 2)).at(as_it_was(1))[0] == 2


def test_estimates_follow_the_weights_of_the_days() -> None:
    days = np.array([[1.0, 1.0], [2.0, 0.0], [0.0, 0.0]])
    ratio = Ratio(np.array([9.0, 0.0]), np.array([10.0, 10.0]))
    assert ratio.at(days) == pytest.approx([0.45, 0.9, np.nan], nan_ok=True)
    assert Peak(np.array([60.0, 600.0]), 2).at(days) == pytest.approx([600, 60, np.nan], nan_ok=True)
    mixed = times(0.5, *[(0, 1)] * 3, *[(1, 9)] * 5)
    assert mixed.at(days) == pytest.approx([9, 1, np.nan], nan_ok=True)


def test_resampled_months_have_as_many_days_and_come_out_the_same_again() -> None:
    rows = resampled([0, 3, 4], 6, 50, seed=7)
    assert rows.shape == (51, 7)
    assert rows[0].tolist() == [1] * 6 + [0]
    assert (rows[1:].sum(axis=1) == 3).all()
    assert rows[1:, [1, 2, 5, 6]].sum() == 0
    assert (rows == resampled([0, 3, 4], 6, 50, seed=7)).all()


def test_each_unit_gets_its_own_unseen_days_and_the_month_itself_none() -> None:
    rows = resampled(range(30), 30, 4000, seed=7)
    one, other = (with_unseen_days(rows, 7, unit) for unit in ("mot", "hai"))
    assert (one[0] == as_it_was(30)[0]).all()
    assert (one[:, :-1] == rows[:, :-1]).all()
    assert (one == with_unseen_days(rows, 7, "mot")).all()
    assert (one[:, -1] != other[:, -1]).any()
    unseen = one[1:, -1]
    assert [float((unseen == n).mean()) for n in (0, 1)] == pytest.approx([0.5, 0.25], abs=0.03)


def test_a_unit_close_behind_the_best_of_its_group_joins_it() -> None:
    noise = np.random.RandomState(1).normal(0, 3, 400)
    scores = np.array([np.r_[90.0, 90 + noise], np.r_[89.5, np.full(400, 89.5)], np.r_[60.0, 60 + noise]])
    assert groups_of_equals(scores, 1) == [[0, 1], [2]]
    assert rank_intervals(scores) == [(1, 2), (1, 2), (3, 3)]


def test_a_gain_below_the_margin_is_none_however_certain() -> None:
    scores = np.array([np.full(200, 99.9), np.full(200, 99.2)])
    assert groups_of_equals(scores, 1) == [[0, 1]]
    assert groups_of_equals(scores, 0.5) == [[0], [1]]


def wild_month(seed: int) -> list[Run]:
    """Any verdicts, any times, any counts."""
    source = random.Random(seed)  # noqa: S311 — test data
    journey, page = province.one_system().targets.values()

    def walk(_due: object, _n: int) -> dict[str, Any]:
        if source.random() < 0.2:
            timed_out = province.step(source.expovariate(0.1), Verdict.FAILED, reason=Reason.TIMEOUT)
            return FAILED | {"steps": (timed_out,)}
        step = province.step(source.expovariate(0.2), lcp_s=source.expovariate(0.2))
        counts = {name: source.randrange(40) for name in ("steps", "clicks", "fields", "re_entry", "clicks_to_find")}
        return {"steps": (step,), "ux": province.GOOD_UX.evolve(**counts, handling_s=source.uniform(0, 500))}

    def load(_due: object, _n: int) -> dict[str, Any]:
        return dict(FAILED) if source.random() < 0.05 else {}

    return [*province.month(journey, walk), *province.month(page, load)]


@pytest.mark.parametrize("seed", range(4))
def test_points_lie_between_none_and_all_and_add_up_to_the_score(seed: int) -> None:
    (unit,) = rank(wild_month(seed), province.one_system(), NOVEMBER).units
    lines = [line for pillar in unit.pillars for line in pillar.indicators]
    assert all(0 <= line.got <= line.of + 1e-9 for line in lines)
    assert sum(line.of for line in lines) == pytest.approx(100)
    assert unit.judgement.score == pytest.approx(sum(line.got for line in lines), abs=1e-5)
    sure = unit.judgement.interval
    assert sure is not None
    assert 0 <= sure.low <= sum(line.got for line in lines) + 1e-5
    assert sure.high <= 100


@pytest.mark.parametrize("verdict", [Verdict.INCONCLUSIVE, Verdict.BLOCKED, Verdict.SKIPPED])
def test_results_that_say_nothing_of_the_service_never_change_its_score(verdict: Verdict) -> None:
    config, runs = province.one_system(), wild_month(9)
    more = [run.evolve(verdict=verdict, blame="agent", location="may-hai") for run in runs if run.check == "khai-sinh"]
    plain, joined = (rank(some, config, NOVEMBER).units[0] for some in (runs, runs + more))
    assert joined.judgement.score == plain.judgement.score
    assert joined.counts.due > plain.counts.due
