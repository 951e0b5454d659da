"""Which check is due when. A fixed grid per check, so that a restart neither shifts nor repeats a slot."""

import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from agent.phases import offsets_s
from checks.config import AnyCheck
from checks.run import Slot

BACKFILL = timedelta(days=35)
"""Slots missed longer ago than this get no row any more; a month's report never looks further back."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The moments at which one check is due: `offset_s + k * every_s` from the epoch."""

    every_s: int
    offset_s: int

    def next_after(self, moment: datetime) -> datetime:
        """Return the first moment of the grid later than `moment`."""
        steps = int((moment.timestamp() - self.offset_s) // self.every_s) + 1
        return datetime.fromtimestamp(self.offset_s + steps * self.every_s, UTC)

    def between(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """Yield the moments with after < moment <= until, oldest first."""
        due = self.next_after(after)
        while due <= until:
            yield due
            due += timedelta(seconds=self.every_s)


def grids(checks: Iterable[AnyCheck]) -> dict[str, Grid]:
    """Return the grid of every enabled check; where one stands depends on which others there are."""
    enabled = [check for check in checks if check.enabled]
    offsets = offsets_s(enabled)
    return {check.id: Grid(int(check.every), offsets[check.id]) for check in enabled}


class Schedule:
    """Hands out every slot of every enabled check once. What is due costs nothing to those that are not."""

    def __init__(self, checks: Iterable[AnyCheck], location: str, last: Mapping[str, datetime], now: datetime) -> None:
        """Start at `now`; `last` holds the newest slot that already has a row, per check id."""
        self.location = location
        self._grids = grids(checks)
        oldest = now - BACKFILL
        self._next = {
            name: grid.next_after(max(min(last.get(name, now), now), oldest)) for name, grid in self._grids.items()
        }
        self._queue = [(due, name) for name, due in self._next.items()]
        heapq.heapify(self._queue)

    def adopt(self, checks: Iterable[AnyCheck], now: datetime) -> None:
        """Go on with other checks from `now`, without losing or repeating a slot of those that stand where they stood.

        What is new, or stands elsewhere, begins at its next slot; a slot of the old grid that is due and was not handed
        out yet still is. What is not among `checks` any more is due no more.
        """
        before, self._grids = self._grids, grids(checks)
        self._next = {
            name: self._next[name]
            if name in before and (before[name] == grid or self._next[name] <= now)
            else grid.next_after(now)
            for name, grid in self._grids.items()
        }
        self._queue = [(due, name) for name, due in self._next.items()]
        heapq.heapify(self._queue)

    def restart(self, now: datetime) -> None:
        """Go on from `now`, whatever slots lie between: nobody could have walked them."""
        self._next = {name: grid.next_after(now) for name, grid in self._grids.items()}
        self._queue = [(due, name) for name, due in self._next.items()]
        heapq.heapify(self._queue)

    def take_due(self, now: datetime) -> list[Slot]:
        """Return the slots that fell due since the last call, oldest first; the caller must give each a row."""
        slots = []
        while self._queue and self._queue[0][0] <= now:
            due, name = self._queue[0]
            slots.append(Slot(check=name, location=self.location, due_at=due))
            self._next[name] = self._grids[name].next_after(due)
            heapq.heapreplace(self._queue, (self._next[name], name))
        return slots

    def next_moment(self) -> datetime | None:
        """Return when the next slot falls due; None without checks."""
        return self._queue[0][0] if self._queue else None

    def next_due(self, check_id: str) -> datetime | None:
        """Return when a check is due next; None if it is unknown or switched off."""
        return self._next.get(check_id)
