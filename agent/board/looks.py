"""How a check, a service or a system looks on the board right now: one closed set of states."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from checks.config import AnyCheck, Config, Target
from checks.model import Maintenance
from checks.run import Run, Verdict
from exporters.snapshot import CheckRecord


class Look(StrEnum):
    """What people are shown; each has its shape, its word and its colour."""

    BROKEN = "broken"
    BLOCKED = "blocked"
    SLOW = "slow"
    UNKNOWN = "unknown"
    MAINTENANCE = "maintenance"
    PENDING = "pending"
    OFF = "off"
    GOOD = "good"


WORST_FIRST = tuple(Look)
"""The order in which states are listed, and in which one hides another."""

RANK = {look: rank for rank, look in enumerate(WORST_FIRST)}
"""State -> its place in that order, 0 for the worst."""

_OF_VERDICT = {
    Verdict.OK: Look.GOOD,
    Verdict.SLOW: Look.SLOW,
    Verdict.FAILED: Look.BROKEN,
    Verdict.BLOCKED: Look.BLOCKED,
    Verdict.INCONCLUSIVE: Look.UNKNOWN,
    Verdict.SKIPPED: Look.UNKNOWN,
}


def look_of(verdict: Verdict) -> Look:
    """Return the state a verdict is shown as."""
    return _OF_VERDICT[verdict]


def worst(looks: Iterable[Look]) -> Look:
    """Return the state that speaks for several checks; `PENDING` for none.

    Checks that are off, or have no result yet, do not hide what the others say.
    """
    said = set(looks)
    telling = said - {Look.OFF, Look.PENDING}
    ranked = sorted(telling or said or {Look.PENDING}, key=RANK.__getitem__)
    return ranked[0]


def windows(config: Config, target: Target[AnyCheck]) -> tuple[Maintenance, ...]:
    """Return the announced stops that touch this check."""
    service = target.service.id if target.service is not None else None
    return tuple(m for m in config.maintenance if target.system.id in m.systems or service in m.services)


def stopped(stops: Iterable[Maintenance], at: datetime) -> bool:
    """Whether an announced stop covers the moment."""
    return any(stop.starts <= at < stop.ends for stop in stops)


def is_stale(target: Target[AnyCheck], run: Run, now: datetime) -> bool:
    """Whether the newest result is too old to speak for the present (the rule that the metrics follow too)."""
    return CheckRecord.of(target).fresh(run, now) is None


def look_now(config: Config, target: Target[AnyCheck], run: Run | None, now: datetime) -> Look:
    """Return how a check looks at `now`, given its newest closed run."""
    if not target.check.enabled:
        return Look.OFF
    if stopped(windows(config, target), now):
        return Look.MAINTENANCE
    if run is None:
        return Look.PENDING
    return Look.UNKNOWN if is_stale(target, run, now) else look_of(run.verdict)
