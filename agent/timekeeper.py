"""What happens to clocks: the wall clock is set, the machine sleeps. Noticed whenever somebody asks for the time.

Three clocks are compared: the wall clock, which people and NTP set; the monotonic clock, which stands still while the
machine sleeps; the boot clock, which goes on. Spans are monotonic, so none of this touches them; moments are the wall
clock's, and slots lie at moments. So the agent's time follows the wall clock when that is set forward, and when it is
set back the agent's time goes on at half its speed until the wall clock has caught up: no moment comes twice, no slot
is left out, nothing stands still, and its moments are off by no more than the clock was.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

import structlog

from checks.run import Reason

log = structlog.get_logger(__name__)

JUMP_S = 1.0
"""What NTP corrects by slewing stays far below this between two looks."""
FAR_S = 86_400.0
"""Beyond this nobody waits for a clock: it was wrong before, or is now."""
_SLEW = 0.001
_SLOWER = 0.5
_TRIES = 20
_AT_ONCE_S = 0.02


class Clocks(NamedTuple):
    """All clocks at one moment, in seconds: `wall` since 1970 UTC, the others since the machine started."""

    wall: float
    monotonic: float
    boot: float


def machine(wall: Callable[[], float] = time.time) -> Clocks:
    """Read this machine's clocks, all at one moment: again, if the process was held up between two of them.

    Where there is no boot clock, sleep looks like a clock that was set forward.
    """
    for _ in range(_TRIES):
        monotonic = time.monotonic()
        boot = time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else monotonic
        clocks = Clocks(wall(), monotonic, boot)
        if time.monotonic() - monotonic < _AT_ONCE_S:
            break
    return clocks


class Kind(Enum):
    """What happened to the clocks."""

    SET = "set"
    SLEPT = "slept"


@dataclass(frozen=True, slots=True)
class Trouble:
    """It happened before `noticed_s` (monotonic); `span_s` is how far the clock was set, or how long the sleep was."""

    kind: Kind
    noticed_s: float
    span_s: float

    @property
    def reason(self) -> Reason:
        """Why what spans it has no result."""
        return Reason.CLOCK if self.kind is Kind.SET else Reason.AGENT_STOPPED

    @property
    def words(self) -> str:
        """The same for people."""
        return _WORDS[self.kind]

    @property
    def is_far(self) -> bool:
        """Whether the moments between were nobody's: the clock was wrong before, or is now."""
        return self.kind is Kind.SET and abs(self.span_s) > FAR_S


_WORDS = {
    Kind.SET: "Đồng hồ của máy đo bị chỉnh vào lúc này.",
    Kind.SLEPT: "Máy đo bị tạm dừng (ngủ) vào lúc này.",
}


@dataclass(slots=True)
class Timekeeper:
    """The agent's time, and what was noticed of the clocks. `troubles` counts since the process started."""

    read: Callable[[], Clocks] = machine
    troubles: int = 0
    _last: Clocks = field(init=False)
    _noticed: deque[Trouble] = field(default_factory=lambda: deque(maxlen=100))
    _ahead_s: float = 0.0
    _ahead_since_s: float = 0.0
    _leapt: bool = False

    def __post_init__(self) -> None:
        self._last = self.read()

    def now_s(self) -> float:
        """Return the agent's time, in seconds since 1970 UTC."""
        clocks = self._look()
        return clocks.wall + self._ahead(clocks.monotonic)

    def wall_s(self) -> float:
        """Return the wall clock, in seconds since 1970 UTC."""
        return self._look().wall

    def monotonic_s(self) -> float:
        """Return the monotonic clock."""
        return self._look().monotonic

    def held_s(self) -> float:
        """Return how far the agent's time is ahead of the wall clock, because that was set back."""
        return self._ahead(self._look().monotonic)

    @property
    def leapt(self) -> bool:
        """Whether the clock was set by more than a day since the process started: what is old cannot be told."""
        return self._leapt

    def trouble_since(self, since_s: float) -> Trouble | None:
        """Return the worst that was noticed after a monotonic moment; None if clocks went on quietly."""
        self._look()
        found = (trouble for trouble in self._noticed if trouble.noticed_s > since_s)
        return max(found, key=lambda trouble: (trouble.is_far, abs(trouble.span_s)), default=None)

    def carry_on(self, newest_s: float) -> None:
        """Go on from a moment that an earlier process had reached, if the wall clock was set back meanwhile."""
        clocks = self._look()
        behind_s = newest_s - clocks.wall
        if JUMP_S < behind_s <= FAR_S:
            self._hold(clocks.monotonic, behind_s)
            log.warning("clock_behind_results", seconds=round(behind_s, 1))

    def _look(self) -> Clocks:
        last, clocks = self._last, self.read()
        self._last = clocks
        span_s, boot_s = clocks.monotonic - last.monotonic, clocks.boot - last.boot
        limit_s = JUMP_S + _SLEW * boot_s
        slept_s, set_s = boot_s - span_s, clocks.wall - last.wall - boot_s
        if slept_s > limit_s:
            self._note(Trouble(Kind.SLEPT, clocks.monotonic, slept_s))
        if abs(set_s) > limit_s:
            self._note(Trouble(Kind.SET, clocks.monotonic, self._follow(clocks.monotonic, set_s)))
        return clocks

    def _follow(self, monotonic_s: float, set_s: float) -> float:
        """Take in that the wall clock was set; return how far the agent's time went with it."""
        if abs(set_s) > FAR_S:
            self._hold(monotonic_s, 0.0)
            self._leapt = True
            return set_s
        ahead_s = self._ahead(monotonic_s) - set_s
        self._hold(monotonic_s, max(0.0, ahead_s))
        return max(0.0, -ahead_s) if set_s > 0 else set_s

    def _hold(self, monotonic_s: float, ahead_s: float) -> None:
        self._ahead_s, self._ahead_since_s = ahead_s, monotonic_s

    def _ahead(self, monotonic_s: float) -> float:
        return max(0.0, self._ahead_s - _SLOWER * (monotonic_s - self._ahead_since_s))

    def _note(self, trouble: Trouble) -> None:
        self.troubles += 1
        self._noticed.append(trouble)
        log.warning("clock_trouble", kind=trouble.kind.value, seconds=round(trouble.span_s, 1))
