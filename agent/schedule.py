"""Which check is due when. A fixed grid per check, so that a restart neither shifts nor repeats a slot."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from checks.config import AnyCheck
from checks.run import Slot

BACKFILL = timedelta(days=35)
"""Slots missed longer ago than this get no row any more; a month's report never looks further back."""


def offset_s(check: AnyCheck) -> int:
    """Return where in its interval a check stands: stable over restarts, spread evenly over checks."""
    digest = hashlib.sha256(check.id.encode()).digest()
    return int.from_bytes(digest[:8], "big") % int(check.every)


def next_due(check: AnyCheck, after: datetime) -> datetime:
    """Return the first slot of the check's grid later than `after`."""
    every, offset = int(check.every), offset_s(check)
    steps = int((after.timestamp() - offset) // every) + 1
    return datetime.fromtimestamp(offset + steps * every, UTC)


def due_between(check: AnyCheck, after: datetime, until: datetime) -> Iterator[datetime]:
    """Yield the check's slots with after < slot <= until, oldest first."""
    due = next_due(check, after)
    while due <= until:
        yield due
        due += timedelta(seconds=check.every)


class Schedule:
    """Hands out every slot of every enabled check once. Remembers only the last slot handed out per check."""

    def __init__(self, checks: Iterable[AnyCheck], location: str, last: Mapping[str, datetime], now: datetime) -> None:
        """Start at `now`; `last` holds the newest slot that already has a row, per check id."""
        self.checks = {check.id: check for check in checks if check.enabled}
        self.location = location
        oldest = now - BACKFILL
        self._last = {name: max(min(last.get(name, now), now), oldest) for name in self.checks}

    def take_due(self, now: datetime) -> list[Slot]:
        """Return the slots that fell due since the last call, oldest first; the caller must give each a row."""
        slots = [
            Slot(check=check.id, location=self.location, due_at=due)
            for check in self.checks.values()
            for due in due_between(check, self._last[check.id], now)
        ]
        for slot in slots:
            self._last[slot.check] = max(self._last[slot.check], slot.due_at)
        return sorted(slots, key=lambda slot: (slot.due_at, slot.check))

    def next_moment(self) -> datetime | None:
        """Return when the next slot falls due; None without checks."""
        return min((next_due(check, self._last[check.id]) for check in self.checks.values()), default=None)

    def next_due(self, check_id: str) -> datetime | None:
        """Return when a check is due next; None if it is unknown or switched off."""
        check = self.checks.get(check_id)
        return next_due(check, self._last[check_id]) if check is not None else None
