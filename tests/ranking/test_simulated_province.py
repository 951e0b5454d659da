"""Does the interval hold the truth? Agencies of known quality, months drawn from it, judged like real ones.

The method was tuned on this seed, so this guards against regressions; the independent figures are in docs/ranking.md.
"""

import numpy as np
import pytest

from checks.ranking import RankingMethod
from ranking.availability import Counts
from ranking.estimate import Floats, Peak, Ratio
from ranking.intervals import as_it_was, groups_of_equals, interval, resampled, with_unseen_days
from ranking.score import score
from ranking.tally import Facts
from tests.ranking import province

DAYS, SLOTS, SLOT_S = 30, 48, 1800.0
METHOD = RankingMethod()
SHARE = METHOD.unseen_outage / 86400
TARGET = province.target(province.walk(), province.system(), province.service())
Quality = tuple[float, float, float, float]
"""Share of stray failures, probability of an interruption on a day, its mean length in slots, satisfaction."""


def month(source: np.random.RandomState, quality: Quality) -> Facts:
    """Draw a month: stray failures, interruptions that fill part of a day, days of different speed."""
    stray, interrupted, length, satisfaction = quality
    bad = source.binomial(SLOTS, stray, DAYS).astype(float)
    longest = np.where(bad > 0, SLOT_S, 0.0)
    for day in np.flatnonzero(source.rand(DAYS) < interrupted):
        slots = min(SLOTS, 1 + source.geometric(1 / length))
        bad[day], longest[day] = min(SLOTS, bad[day] + slots), slots * SLOT_S
    happy = np.clip(satisfaction + source.normal(0, 0.08, DAYS), 0, 1) * (SLOTS - bad)
    completion = with_last_day(SLOTS - bad)
    estimates = {
        "journey_completion": completion,
        "page_availability": completion,
        "longest_outage": Peak(np.append(longest, METHOD.unseen_outage), DAYS * SLOTS),
        "apdex": with_last_day(happy),
    }
    return Facts(TARGET, Counts(), estimates, {}, frozenset(range(DAYS)), (), 0.0)  # type: ignore[arg-type]  # the keys are indicator ids


def with_last_day(good: Floats) -> Ratio:
    """Add the unseen day: the mean of the others with an interruption in it."""
    return Ratio(np.append(good, good.mean() * (1 - SHARE)), np.full(DAYS + 1, float(SLOTS)))


def scores(facts: Facts, rows: Floats) -> Floats:
    found = score([facts], METHOD.table, rows).scores
    assert found is not None
    return found


def qualities(source: np.random.RandomState, count: int) -> list[Quality]:
    kinds = ([0, 0.002, 0.01, 0.03], [0, 0.03, 0.1, 0.3], [2, 6, 12], [0.6, 0.8, 0.95])
    return [tuple(float(source.choice(kind)) for kind in kinds) for _ in range(count)]  # type: ignore[misc]  # a quality has four numbers


@pytest.fixture(scope="module")
def source() -> np.random.RandomState:
    return np.random.RandomState(2026)


def test_intervals_hold_the_true_score_and_hardly_a_good_agency_is_called_weak(source: np.random.RandomState) -> None:
    rows = resampled(range(DAYS), DAYS, 400, METHOD.seed)
    held, weak, wrongly = 0, 0, 0
    trials = qualities(source, 200)
    for number, quality in enumerate(trials):
        truth = np.mean([scores(month(source, quality), as_it_was(DAYS))[0] for _ in range(60)])
        sure = interval(scores(month(source, quality), with_unseen_days(rows, METHOD.seed, str(number))))
        held += sure.low - 0.05 <= truth <= sure.high + 0.05
        weak += sure.high < METHOD.weak_below
        wrongly += sure.high < METHOD.weak_below <= truth
    assert held / len(trials) >= 0.92
    assert weak >= 10
    assert wrongly / weak <= 0.02


def test_two_equal_agencies_land_in_one_group(source: np.random.RandomState) -> None:
    rows = resampled(range(DAYS), DAYS, 400, METHOD.seed)
    together = 0
    trials = qualities(source, 200)
    for number, quality in enumerate(trials):
        pair = [
            scores(month(source, quality), with_unseen_days(rows, METHOD.seed, f"{number}-{side}")) for side in (1, 2)
        ]
        together += len(groups_of_equals(np.array(pair), METHOD.equal_within)) == 1
    assert together / len(trials) >= 0.95
