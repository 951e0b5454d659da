"""When an announced stop excuses a service: one definition for alerts, ranking and board."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from checks.model import Maintenance
from checks.run import Run

_SATURDAY = 5


def working_days(announced: date, starts: date) -> int:
    """Count Monday to Friday after the day of the announcement, the day of the start included.

    Public holidays are not known yet and count as working days.
    """
    days = (announced + timedelta(days=n) for n in range(1, (starts - announced).days + 1))
    return sum(day.weekday() < _SATURDAY for day in days)


def notice_days(stop: Maintenance, zone: ZoneInfo) -> int:
    """Return how many working days ahead the stop was announced; days are those of `zone`."""
    return working_days(stop.announced.astimezone(zone).date(), stop.starts.astimezone(zone).date())


def excuses(stop: Maintenance, zone: ZoneInfo, needed: int) -> bool:
    """Whether the stop counts: force majeure, or announced at least `needed` working days ahead.

    Source: Nghị định 224/2026/NĐ-CP, Điều 13 (7 working days).
    """
    return stop.force_majeure or notice_days(stop, zone) >= needed


def covers(stop: Maintenance, run: Run) -> bool:
    """Whether the run's slot lies in the stop of its system or service; the end itself is outside."""
    meant = run.system in stop.systems or (run.service is not None and run.service in stop.services)
    return meant and stop.starts <= run.scheduled_at < stop.ends
