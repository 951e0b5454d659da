"""How sure a score is: whole days are drawn again, because runs inside one day fail together."""

from collections.abc import Sequence

import numpy as np

from ranking.estimate import Floats
from ranking.result import Interval

_LOW, _HIGH = 2.5, 97.5


def as_it_was(days: int) -> Floats:
    """Return one row in which every day counts once."""
    return np.ones((1, days))


def resampled(present: Sequence[int], days: int, draws: int, seed: int) -> Floats:
    """Return 1 + `draws` rows of day weights: the month as it was, then months of days drawn with replacement.

    Only days with data (`present`) are drawn. All units share the rows, so a bad day of the whole province does not
    pass for a difference between two of them.
    """
    # RandomState's stream is frozen by numpy's compatibility promise: the paper can be made again in ten years.
    source = np.random.RandomState(seed)
    drawn = np.asarray(sorted(present))[source.randint(0, len(present), size=(draws, len(present)))]
    rows = np.zeros((draws, days))
    np.add.at(rows, (np.arange(draws)[:, None], drawn), 1.0)
    return np.vstack([as_it_was(days), rows])


def interval(scores: Floats) -> Interval:
    """Return the 95 % interval of a score; row 0 is the month itself and always inside."""
    low, high = np.percentile(scores[1:], [_LOW, _HIGH])
    return Interval(float(min(low, scores[0])), float(max(high, scores[0])))


def rank_intervals(scores: Floats) -> list[tuple[int, int]]:
    """Return the 95 % interval of each unit's place; `scores` has one row per unit, one column per month."""
    months = scores[:, 1:]
    places = np.array([1 + (months > own).sum(axis=0) for own in months])
    ends = np.percentile(places, [_LOW, _HIGH], axis=1, method="inverted_cdf")
    return [(int(low), int(high)) for low, high in ends.T]


def groups_of_equals(scores: Floats, margin: float) -> list[list[int]]:
    """Split units, best first, into groups; a group ends where its best unit is clearly better than the next one.

    Clearly: ahead by `margin` points at least, and the 95 % interval of the difference lies above zero. `scores` as in
    `rank_intervals`; returns row numbers.
    """
    order = sorted(range(len(scores)), key=lambda unit: -float(scores[unit, 0]))
    groups: list[list[int]] = []
    for unit in order:
        if groups and not _better(scores[groups[-1][0]], scores[unit], margin):
            groups[-1].append(unit)
        else:
            groups.append([unit])
    return groups


def _better(first: Floats, second: Floats, margin: float) -> bool:
    ahead = first - second
    return bool(ahead[0] >= margin and np.percentile(ahead[1:], _LOW) > 0)
