"""How sure a score is: whole days are drawn again, because runs inside one day fail together.

Days drawn from a month without an interruption never hold one, yet the month does not prove that none can happen:
after D quiet days a rate of up to 3 in D is still possible (the rule of three). So each resampled month also gets a
few unseen days with an interruption of a set length: none with probability 1/2, one 1/4, two 1/8 and so on.
"""

from collections.abc import Sequence
from hashlib import sha256

import numpy as np

from ranking.estimate import Floats
from ranking.result import Interval

_LOW, _HIGH = 1.8, 98.2
"""Percentiles of a 95 % interval from about 30 days; plain 2.5 and 97.5 are too narrow for so few (Hesterberg 2015)."""


def as_it_was(days: int) -> Floats:
    """Return one row in which every day counts once, and the unseen day not at all."""
    return np.append(np.ones(days), 0.0)[None, :]


def resampled(present: Sequence[int], days: int, draws: int, seed: int) -> Floats:
    """Return 1 + `draws` rows of day weights: the month as it was, then months of days drawn with replacement.

    Only days with data (`present`) are drawn. All units share the rows, so a bad day of the whole province does not
    pass for a difference between two of them.
    """
    # RandomState's stream is frozen by numpy's compatibility promise: the paper can be made again in ten years.
    source = np.random.RandomState(seed)
    drawn = np.asarray(sorted(present))[source.randint(0, len(present), size=(draws, len(present)))]
    rows = np.zeros((draws, days + 1))
    np.add.at(rows, (np.arange(draws)[:, None], drawn), 1.0)
    return np.vstack([as_it_was(days), rows])


def with_unseen_days(rows: Floats, seed: int, unit: str) -> Floats:
    """Return the rows with each unit's own unseen days in the last column; row 0 stays as it was."""
    own = int.from_bytes(sha256(f"{seed}:{unit}".encode()).digest()[:4], "big")
    unseen = np.random.RandomState(own).geometric(0.5, size=len(rows) - 1) - 1
    return np.column_stack([rows[:, :-1], np.append(0.0, unseen)])


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
