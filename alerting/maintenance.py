"""Which runs fall into an announced stop.

A run inside such a window that speaks against its check opens no incident: it is not shown to the rules at
all (`alerting.changes`), so beliefs and streaks stay as they were before the stop. A good run is shown, so that
an incident from before the stop ends as soon as the service is back.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from checks.model import Maintenance
from checks.run import Run

NOTICE_WORKING_DAYS: Final = 7
"""Nghị định 224/2026/NĐ-CP, Điều 13: a planned stop is announced at least 7 working days ahead."""

_SATURDAY: Final = 5


def announced_stop(windows: Iterable[Maintenance], run: Run, zone: ZoneInfo) -> Maintenance | None:
    """Return the first window that covers the run's system or service and due moment, and that counts.

    A window counts when it was announced in time or was force majeure; one that names neither systems nor
    services covers nothing.
    """
    return next((w for w in windows if _covers(w, run) and (w.force_majeure or announced_in_time(w, zone))), None)


def announced_in_time(window: Maintenance, zone: ZoneInfo) -> bool:
    """Whether the stop was announced at least 7 working days before the day it starts.

    Days are those of `zone`; Monday to Friday are working days, public holidays are not taken out. The day of
    the announcement is not counted, the day of the start is.
    """
    told, starts = (moment.astimezone(zone).date() for moment in (window.announced, window.starts))
    return _working_days(told, starts) >= NOTICE_WORKING_DAYS


def _covers(window: Maintenance, run: Run) -> bool:
    meant = run.system in window.systems or (run.service is not None and run.service in window.services)
    return meant and window.starts <= run.scheduled_at < window.ends


def _working_days(told: date, starts: date) -> int:
    days = (told + timedelta(days=offset) for offset in range(1, (starts - told).days + 1))
    return sum(day.weekday() < _SATURDAY for day in days)
