"""Which runs count, for whom, and the availability they give (docs/measures.md, "Availability")."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from enum import StrEnum

from checks.run import AGENT, NETWORK, SYSTEM, Run, Verdict


class Fate(StrEnum):
    """What a slot's result is for the score: good, bad, or left out and counted."""

    GOOD = "good"
    BAD = "bad"
    BLOCKED = "blocked"
    INCONCLUSIVE = "inconclusive"
    SKIPPED = "skipped"
    MAINTENANCE = "maintenance"
    DEPENDENCY = "dependency"
    NETWORK = "network"
    DEGRADED = "degraded"


_BY_VERDICT = {
    Verdict.SKIPPED: Fate.SKIPPED,
    Verdict.INCONCLUSIVE: Fate.INCONCLUSIVE,
    Verdict.BLOCKED: Fate.BLOCKED,
}


def fate(run: Run, *, in_maintenance: bool) -> Fate:
    """Return what this result is for the score.

    A slot of an announced stop is maintenance whatever it saw; a run of a slowed-down agent is never ranked.
    """
    if in_maintenance:
        return Fate.MAINTENANCE
    if run.verdict in _BY_VERDICT:
        return _BY_VERDICT[run.verdict]
    if run.health.degraded:
        return Fate.DEGRADED
    if run.verdict is Verdict.FAILED:
        return _failed(run)
    return Fate.GOOD


def _failed(run: Run) -> Fate:
    if run.blame == SYSTEM:
        return Fate.BAD
    if run.blame == NETWORK:
        return Fate.NETWORK
    # A failure that names nobody, or us, is our fault and never somebody's outage.
    return Fate.INCONCLUSIVE if run.blame in (AGENT, "none") else Fate.DEPENDENCY


@dataclass(frozen=True, slots=True)
class Counts:
    """Slots by what became of them. `due` has every slot of the schedule, also those without a row."""

    due: int = 0
    good: int = 0
    bad: int = 0
    slow: int = 0
    blocked: int = 0
    inconclusive: int = 0
    skipped: int = 0
    maintenance: int = 0
    dependency: int = 0
    network: int = 0
    degraded: int = 0

    @property
    def counted(self) -> int:
        """Results that speak for or against the service."""
        return self.good + self.bad

    @property
    def recorded(self) -> int:
        """Slots that have a row."""
        excluded = self.blocked + self.inconclusive + self.skipped + self.maintenance
        return self.counted + excluded + self.dependency + self.network + self.degraded

    @property
    def missing(self) -> int:
        """Due slots without a row: nobody was measuring."""
        return self.due - self.recorded

    @property
    def availability(self) -> float | None:
        """Return good / (good + bad), 0-1; None without a counted result."""
        return self.good / self.counted if self.counted else None

    @property
    def coverage(self) -> float | None:
        """Return (good + bad) / due slots outside announced maintenance, 0-1; None when nothing was due."""
        due = self.due - self.maintenance
        return self.counted / due if due else None


def total(counts: Iterable[Counts]) -> Counts:
    """Add counts field by field."""
    every = tuple(counts)
    return Counts(**{field.name: sum(getattr(one, field.name) for one in every) for field in fields(Counts)})
