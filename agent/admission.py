"""Where runs wait for their turn, and when they get it: only so many at once, and only while there is headroom."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

import structlog

from agent.headroom import Shortage
from agent.line import Line, Ticket

log = structlog.get_logger(__name__)

SERVED_WITHIN_S = 600.0
"""More than what the lane serves in this time is never kept waiting."""

_LOOK_EVERY_S = 0.25
_SHORTEST_LINE = 8
_FIRST_GUESS_S = 1.0
_MEMORY = 0.95


class Entry(Enum):
    """How waiting ended: with a turn; without one in time; given up, so that younger slots are measured in time."""

    IN = "in"
    LATE = "late"
    DROPPED = "dropped"


def _plenty() -> Shortage | None:
    return None


@dataclass(slots=True)
class Lane:
    """Where runs of one kind wait; `width` are measured at once, fewer without headroom.

    `shortage` tells what is missing for one more. Short of memory, nothing starts. Short of anything else, nothing
    starts for `patience_s`, or for half of the time a slot has; if it is still missing then, the machine is always a
    bit busy, and runs go one at a time: how healthy the agent was meanwhile decides what they are worth. Two starts are
    `pace_s` apart, so that what one takes is seen before the next. Who waits gets in in the order of `agent.line`.

    `guest` is held by who has no slot and would spoil, or be spoilt by, another such: one reference walk, or one audit.
    """

    width: int
    shortage: Callable[[], Shortage | None] = _plenty
    patience_s: float = 0.0
    pace_s: float = 0.0
    running: int = 0
    dropped: int = 0
    guest: asyncio.Lock = field(default_factory=asyncio.Lock)
    _line: Line = field(init=False)
    _turns: dict[Ticket, asyncio.Future[Entry]] = field(default_factory=dict)
    _held_since: float | None = None
    _started_s: float = float("-inf")
    _look: asyncio.TimerHandle | None = None
    _spent_s: float = _FIRST_GUESS_S
    _ended: float = 1.0
    _changed_s: float = 0.0

    def __post_init__(self) -> None:
        self._line = Line(self._longest())

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._line)

    @property
    def held(self) -> bool:
        """Whether somebody could start but for the headroom."""
        return self._held_since is not None and self.waiting > 0 and self.running < self.width

    def widen(self, width: int) -> None:
        """Measure so many at once from now on; who is being measured beyond that ends as usual."""
        self.width = width
        self._let_in()

    def longest_wait_s(self) -> float:
        """Return how long the one that came first has been waiting."""
        return self._line.longest_wait_s(_now_s()) if self.waiting else 0.0

    async def enter(self, check: str, *, every_s: float, late_s: float, left_s: float, again: bool = False) -> Entry:
        """Wait for a turn, at most `left_s`; whoever gets one gives it back by `leave`.

        `every_s` is the check's interval, `late_s` the time since its slot fell due; `again` marks a second attempt.
        """
        now_s = _now_s()
        ticket = Ticket(check, every_s, now_s - late_s, now_s, now_s + left_s, again)
        turn: asyncio.Future[Entry] = asyncio.get_running_loop().create_future()
        self._turns[ticket] = turn
        self._line.longest = self._longest()
        out = self._line.join(ticket)
        if out is not None and not self._turns[out].done():
            self.dropped += 1
            self._turns[out].set_result(Entry.DROPPED)
        self._let_in()
        try:
            if turn.done():  # as nearly always; a timer would cost more than all of this
                return turn.result()
            async with asyncio.timeout(max(0.0, left_s)):
                return await turn
        except TimeoutError:
            return turn.result() if turn.done() and not turn.cancelled() else Entry.LATE
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.result() is Entry.IN:
                self.leave()
            raise
        finally:
            del self._turns[ticket]
            self._line.leave(ticket)

    def leave(self) -> None:
        """Give the turn back."""
        self._count(-1)
        self._spent_s, self._ended = self._spent_s * _MEMORY, self._ended * _MEMORY + 1.0
        self._let_in()

    def _let_in(self) -> None:
        while self._room() and (ticket := self._line.first()) is not None and self._may_start(ticket):
            self._line.leave(ticket)
            if self._turns[ticket].done():  # it has given up in this very moment
                continue
            self._started_s = _now_s()
            self._line.started(ticket, self._started_s)
            self._count(+1)
            self._turns[ticket].set_result(Entry.IN)
        if self.waiting == 0:
            self._held_since = None
        elif self.running < self.width and self._look is None:
            self._look = asyncio.get_running_loop().call_later(_LOOK_EVERY_S, self._look_again)

    def _look_again(self) -> None:
        self._look = None
        self._let_in()

    def _room(self) -> bool:
        return self.running < self.width and _now_s() - self._started_s >= self.pace_s

    def _may_start(self, ticket: Ticket) -> bool:
        missing = self.shortage()
        if missing is None:
            self._held_since = None
            return True
        now_s = _now_s()
        if self._held_since is None:
            self._held_since = now_s
            log.log(logging.WARNING if missing is Shortage.MEMORY else logging.INFO, "held", missing=missing.value)
        if missing is Shortage.MEMORY:
            return False
        waited_s, had_s = now_s - ticket.joined_s, ticket.latest_s - ticket.joined_s
        return self.running == 0 and (now_s - self._held_since >= self.patience_s or waited_s >= had_s / 2)

    def _count(self, change: int) -> None:
        now_s = _now_s()
        self._spent_s += self.running * (now_s - self._changed_s)
        self._changed_s = now_s
        self.running += change

    def _longest(self) -> int:
        mean_s = max(self._spent_s / self._ended, 0.001)
        return max(_SHORTEST_LINE, int(self.width * SERVED_WITHIN_S / mean_s))


def _now_s() -> float:
    return asyncio.get_running_loop().time()
