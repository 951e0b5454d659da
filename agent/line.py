"""The order in which slots that wait get their turn. Pure: no clock, no tasks; nothing here looks at all that wait.

Second attempts go first, the one with the least time left before the others: until they are made, a failure is a
suspicion. Then new slots, in the order of their `turn`: when the check would be due again after its last start, or
at once if it never started. So a check that lost its last slot goes before one that had it: when there is too much to
do, checks of one interval lose the same share of their slots, and rare ones lose least. First come, first served would
not do, nor would the earliest deadline or the newest slot: slots lie on a grid, so the same checks would lose always.
A check has one slot in line at most.

More than `longest` new slots are never kept: the one that has waited longest goes, because what is measured should be
fresh, and its check comes to the front with its next slot.
"""

import heapq
from collections import OrderedDict
from dataclasses import dataclass, field
from itertools import count

_NEVER = float("-inf")


@dataclass(frozen=True, slots=True, eq=False)
class Ticket:
    """One slot of a check that waits. Moments are monotonic seconds.

    `again` marks a second attempt; `latest_s` is when it must have started, `joined_s` when it came.
    """

    check: str
    every_s: float
    due_s: float
    joined_s: float
    latest_s: float
    again: bool = False


@dataclass(slots=True)
class Line:
    """Those who wait. Every operation takes time in the order of the logarithm of their number."""

    longest: int
    _turns: dict[str, float] = field(default_factory=dict)
    _waiting: OrderedDict[Ticket, bool] = field(default_factory=OrderedDict)
    _heap: list[tuple[tuple[bool, float, float], int, Ticket]] = field(default_factory=list)
    _fresh: int = 0
    _serial: count = field(default_factory=count)  # type: ignore[type-arg]  # generic for type checkers only

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._waiting)

    def join(self, ticket: Ticket) -> Ticket | None:
        """Let one join; return who has to go for it, if anybody."""
        order = (False, ticket.latest_s, 0.0) if ticket.again else (True, self._turn(ticket.check), ticket.due_s)
        heapq.heappush(self._heap, (order, next(self._serial), ticket))
        self._waiting[ticket] = True
        self._fresh += not ticket.again
        if self._fresh <= self.longest:
            return None
        dropped = next(one for one in self._waiting if not one.again)
        self.leave(dropped)
        return dropped

    def first(self) -> Ticket | None:
        """Return whose turn it is; None when nobody waits."""
        while self._heap and self._heap[0][2] not in self._waiting:
            heapq.heappop(self._heap)
        return self._heap[0][2] if self._heap else None

    def leave(self, ticket: Ticket) -> None:
        """Let one go, whether it has had its turn or not; no matter if it is gone already."""
        if self._waiting.pop(ticket, None) is None:
            return
        self._fresh -= not ticket.again
        if len(self._heap) > 2 * len(self._waiting) + 16:  # those who left by the back door
            self._heap = [entry for entry in self._heap if entry[2] in self._waiting]
            heapq.heapify(self._heap)

    def started(self, ticket: Ticket, now_s: float) -> None:
        """Remember that a check has had its turn; a second attempt costs it nothing."""
        if not ticket.again:
            self._turns[ticket.check] = now_s + ticket.every_s

    def longest_wait_s(self, now_s: float) -> float:
        """Return how long the one that came first has been waiting."""
        return now_s - next(iter(self._waiting)).joined_s if self._waiting else 0.0

    def _turn(self, check: str) -> float:
        return self._turns.get(check, _NEVER)
