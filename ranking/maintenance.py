"""Announced stops, laid over the runs when they are scored; the runs keep what they saw."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from checks.maintenance import excuses, notice_days
from checks.model import Maintenance
from checks.run import Run
from ranking.period import Period


@dataclass(frozen=True, slots=True)
class Window:
    """One planned stop that touches the period, and whether its runs are left out of the score."""

    id: str
    systems: tuple[str, ...]
    services: tuple[str, ...]
    starts: datetime
    ends: datetime
    note: str
    notice_days: int
    force_majeure: bool
    accepted: bool

    def holds(self, run: Run) -> bool:
        """Whether the slot of `run` lies in the stop of its system or service."""
        inside = self.starts <= run.scheduled_at < self.ends
        return inside and (run.system in self.systems or run.service in self.services)


def windows(planned: Iterable[Maintenance], period: Period, needed: int) -> tuple[Window, ...]:
    """Return the stops that touch the period, in order; accepted with enough notice or for force majeure."""
    touching = (stop for stop in planned if stop.starts < period.until and stop.ends > period.since)
    found = (_window(stop, period, needed) for stop in touching)
    return tuple(sorted(found, key=lambda window: (window.starts, window.id)))


def _window(stop: Maintenance, period: Period, needed: int) -> Window:
    return Window(
        id=stop.id,
        systems=stop.systems,
        services=stop.services,
        starts=stop.starts,
        ends=stop.ends,
        note=stop.note,
        notice_days=notice_days(stop, period.zone),
        force_majeure=stop.force_majeure,
        accepted=excuses(stop, period.zone, needed),
    )
