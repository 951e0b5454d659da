"""How often each duration was seen, as a value."""

from bisect import bisect_left
from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Example:
    """The newest run that fell into a bucket; shown as its exemplar."""

    run: str
    seconds: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Distribution:
    """Counts per bucket; `bounds` are upper limits in seconds, one more bucket follows above the last."""

    bounds: tuple[float, ...]
    counts: tuple[int, ...]
    examples: tuple[Example | None, ...]
    sum_s: float = 0.0

    @classmethod
    def empty(cls, bounds: tuple[float, ...]) -> "Distribution":
        """Return a distribution that has seen nothing."""
        buckets = len(bounds) + 1
        return cls(bounds, (0,) * buckets, (None,) * buckets)

    def add(self, example: Example) -> "Distribution":
        """Return the distribution with one more duration in it."""
        at = bisect_left(self.bounds, example.seconds)
        counts = (*self.counts[:at], self.counts[at] + 1, *self.counts[at + 1 :])
        examples = (*self.examples[:at], example, *self.examples[at + 1 :])
        return replace(self, counts=counts, examples=examples, sum_s=self.sum_s + example.seconds)
