"""One indicator of one check, kept day by day, so that any mixture of days can be valued at once.

`at(days)` takes day weights of shape (N, D): row n says how often each of the D days counts. It returns N values,
NaN where those days hold no sample. A row of ones is the month as it was; resampled rows give the interval.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log10
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_EXACT_BELOW_MS = 1000


class Estimate(Protocol):
    """Anything that values mixtures of days."""

    @property
    def samples(self) -> int:
        """How many observations the month holds."""

    def at(self, days: Floats) -> Floats:
        """Return one value per row of `days`."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """A sum over a sum: shares, means, Apdex. `top`, `bottom` and `seen` have one entry per day."""

    top: Floats
    bottom: Floats

    @property
    def samples(self) -> int:
        """Observations: the sum of `bottom`."""
        return round(float(self.bottom.sum()))

    def at(self, days: Floats) -> Floats:
        """Return sum(top) / sum(bottom) of each row."""
        below = days @ self.bottom
        value: Floats = np.divide(days @ self.top, below, out=np.full(len(days), np.nan), where=below > 0)
        return value


@dataclass(frozen=True, slots=True)
class Quantile:
    """The nearest-rank quantile of times: the smallest value that a share `q` of the samples does not exceed.

    `values` (seconds, ascending, shape K) with `counts` of shape (D, K).
    """

    q: float
    values: Floats
    counts: Floats

    @property
    def samples(self) -> int:
        """Observations of all days."""
        return round(float(self.counts.sum()))

    def at(self, days: Floats) -> Floats:
        """Return the quantile of each row."""
        heaped = np.cumsum(days @ self.counts, axis=1)
        total = heaped[:, -1]
        # The small number keeps 0.95 * 20 at 19 where floating point says 19.000000000000004.
        needed = np.maximum(np.ceil(self.q * total - 1e-9), 1)
        place = np.argmax(heaped >= needed[:, None], axis=1)
        return np.where(total > 0, self.values[place], np.nan)


@dataclass(frozen=True, slots=True)
class Peak:
    """The largest of daily values; `longest` is 0 on a quiet day and NaN on a day without a sample."""

    longest: Floats
    slots: int

    @property
    def samples(self) -> int:
        """Slots that were looked at."""
        return self.slots

    def at(self, days: Floats) -> Floats:
        """Return the largest value among the days that each row holds."""
        present = (days > 0) & ~np.isnan(self.longest)
        largest = np.where(present, self.longest, -1.0).max(axis=1)
        return np.where(largest >= 0, largest, np.nan)


def rounded_ms(seconds: float) -> int:
    """Return a time in whole milliseconds, from one second on to three significant digits.

    That bounds the number of different values, so that a month of times stays small, at an error under 0.5 %.
    """
    ms = round(seconds * 1000)
    if ms < _EXACT_BELOW_MS:
        return ms
    unit = int(10 ** (int(log10(ms)) - 2))
    return round(ms / unit) * unit


def quantile(q: float, days: int, counted: Mapping[tuple[int, int], int]) -> Quantile:
    """Build a quantile from (day, milliseconds) -> how often; `counted` must not be empty."""
    values = sorted({ms for _, ms in counted})
    column = {ms: k for k, ms in enumerate(values)}
    counts = np.zeros((days, len(values)))
    for (day, ms), times in counted.items():
        counts[day, column[ms]] = times
    return Quantile(q, np.array(values) / 1000, counts)
