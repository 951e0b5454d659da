"""One indicator of one check, kept day by day, so that any mixture of days can be valued at once.

`at(days)` takes day weights of shape (N, D): row n says how often each of the D days counts. It returns N values,
NaN where those days hold no sample. The last of the D days is the unseen one (see `ranking.intervals`), the others
are the days of the period; the month as it was has ones and, for the unseen day, a zero.
"""

from dataclasses import dataclass
from math import log10
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_EXACT_BELOW_MS = 1000
_DAY_SHIFT = np.uint64(32)
_MS_MASK = np.uint64(2**32 - 1)


class Estimate(Protocol):
    """Anything that values mixtures of days."""

    @property
    def samples(self) -> int:
        """How many observations the month holds."""

    def at(self, days: Floats) -> Floats:
        """Return one value per row of `days`."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """A sum over a sum: shares, means, Apdex. `top` and `bottom` have one entry per day."""

    top: Floats
    bottom: Floats

    @property
    def samples(self) -> int:
        """Observations: the sum of `bottom` over the days of the period."""
        return round(float(self.bottom[:-1].sum()))

    def at(self, days: Floats) -> Floats:
        """Return sum(top) / sum(bottom) of each row."""
        below = days @ self.bottom
        value: Floats = np.divide(days @ self.top, below, out=np.full(len(days), np.nan), where=below > 0)
        return value


@dataclass(frozen=True, slots=True)
class Quantile:
    """The nearest-rank quantile of times: the smallest value that a share `q` of the samples does not exceed.

    `samples_ms` holds the samples packed by `pack`, in any order, at least one. It is unfolded only while it is
    valued: a month of many checks would not fit into memory otherwise.
    """

    q: float
    samples_ms: NDArray[np.uint64]

    @property
    def samples(self) -> int:
        """Observations of all days."""
        return len(self.samples_ms)

    def at(self, days: Floats) -> Floats:
        """Return the quantile of each row."""
        day, ms = self.samples_ms >> _DAY_SHIFT, self.samples_ms & _MS_MASK
        values, column = np.unique(ms, return_inverse=True)
        counts = np.zeros((days.shape[1], len(values)))
        np.add.at(counts, (day, column), 1.0)
        heaped = np.cumsum(days @ counts, axis=1)
        total = heaped[:, -1]
        # The small number keeps 0.95 * 20 at 19 where floating point says 19.000000000000004.
        needed = np.maximum(np.ceil(self.q * total - 1e-9), 1)
        place = np.argmax(heaped >= needed[:, None], axis=1)
        return np.where(total > 0, values[place] / 1000, np.nan)


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


@dataclass(frozen=True, slots=True)
class Fixed:
    """One look for the whole period, whatever the days."""

    value: float
    samples: int = 1

    def at(self, days: Floats) -> Floats:
        """Return the value for each row."""
        return np.full(len(days), self.value)


def rounded_ms(seconds: float) -> int:
    """Return a time in whole milliseconds, from one second on to three significant digits.

    That bounds the number of different values, so that a month of times stays small, at an error under 0.5 %.
    """
    ms = round(seconds * 1000)
    if ms < _EXACT_BELOW_MS:
        return ms
    unit = int(10 ** (int(log10(ms)) - 2))
    return round(ms / unit) * unit


def pack(day: int, seconds: float) -> int:
    """Return one time sample as a number: its day and its rounded milliseconds."""
    return day << int(_DAY_SHIFT) | rounded_ms(seconds)
