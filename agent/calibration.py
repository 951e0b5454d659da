"""How fast is this machine just now? The same page, walked by the same engine, over what it takes at rest."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

import structlog

from agent.admission import Entry, Lane
from agent.baseline import Baseline
from agent.clock import SystemClock
from agent.health import SLOWDOWN_LIMIT, HealthWatch, budget_times
from checks.run import Cause, Finding, Reason, Verdict
from probes.unknown import UnknownFaultError

log = structlog.get_logger(__name__)

EVERY_S = 120.0
AGAIN_S = 15.0
"""So soon after one that was slow, for which there was no turn, or that an audit stood in the way of."""

SOON_S = 1.0
"""So soon while too little is known of the machine at rest, and it is at rest."""

STALE_S = 600.0
WALKS = 3
"""One walk may meet a hiccup: the middle one of three counts."""

USUAL_WAIT = 0.20
"""Share of a walk's time for which some of its work waits for a processor on a machine at rest, at most (0.12 here)."""

PLAIN_S = 1.0
"""For a machine that nothing is known of: five times what any has taken here."""

_LONGEST_S = 10.0
_TURN_S = 2.0
_SETTLE_S = 0.6  # what the walks themselves took is out of sight of the headroom then
_NAME: Final = "reference"

_HURRIED = frozenset(
    {
        Reason.TIMEOUT,
        Reason.DEADLINE,
        Reason.ELEMENT_MISSING,
        Reason.ASSERTION,
        Reason.JS_ERROR,
        Reason.DOWNLOAD,
        Reason.AUTH,
        Reason.DIALOG,
        Reason.PAGE_CRASH,
    }
)
"""Reasons that come about by waiting long enough; the rest is a server's or a browser's word."""


def is_suspect(finding: Finding) -> bool:
    """Whether a walk accuses somebody of what a slow machine could have made itself."""
    return finding.verdict is Verdict.SLOW or (finding.verdict is Verdict.FAILED and finding.reason in _HURRIED)


@dataclass(frozen=True, slots=True)
class Control:
    """What the reference says of an accusation: `slowdown`, None when nobody can tell, and what speaks against it."""

    slowdown: float | None
    causes: tuple[Cause, ...] = ()


@dataclass(slots=True)
class Calibration:
    """Walks the reference page every two minutes, and whenever a walk is about to accuse somebody.

    `walk` walks the page once, `key` names what a baseline holds for once the browser runs, `cold` tells whether the
    next walk would be the first of a browser. Regular walks take a turn
    of the lane, ahead of all others, and are not made beside an audit, whose work they would take for a slow machine;
    the turn of a control is that of the walk it judges.
    """

    walk: Callable[[], Awaitable[Finding]]
    key: Callable[[], str]
    cold: Callable[[], bool]
    lane: Lane
    health: HealthWatch
    clock: SystemClock
    path: Path | None
    _baseline: Baseline | None = None

    async def run(self) -> None:
        """Walk until cancelled."""
        while True:
            await self.clock.sleep(await self.check())

    async def check(self) -> float:
        """Walk when there is a turn; return how long to wait before the next time, in seconds.

        Only what was measured with headroom before and after becomes part of the baseline.
        """
        if self.lane.guest.locked():
            self._forget()
            return AGAIN_S
        async with self.lane.guest:
            return await self._check()

    async def _check(self) -> float:
        entry = await self.lane.enter(_NAME, every_s=EVERY_S, late_s=0.0, left_s=_TURN_S, again=True)
        if entry is not Entry.IN:
            self._forget()
            return AGAIN_S
        try:
            calm = self.lane.shortage() is None
            await self._once()  # a browser that has just started is slower
            took_s = await self._took()
        finally:
            self.lane.leave()
        await self.clock.sleep(_SETTLE_S)
        if took_s is None:
            self._tell(self._hindered())
            return AGAIN_S
        if calm and self.lane.shortage() is None and self.lane.running == 0:
            self._known().take(took_s, self.clock.now().timestamp())
            self._known().write(self.path)
            if self._known().rest_s is None:
                return SOON_S
        return EVERY_S if self._tell(self._known().slowdown(took_s), took_s) else AGAIN_S

    async def ready(self) -> None:
        """Let a browser that has just started, or starts now, walk ours before anybody's: its first walk is slower.

        For the holder of a turn, before its walk.
        """
        if self.cold():
            await self._once()

    async def control(self, accused: Finding, budget_s: float | None, waited: float | None) -> Control:
        """Walk the reference, and say what that means for a suspect finding of a check with this budget.

        For the holder of a turn, right after its walk. `waited` is the share of that walk's time for which work waited
        for a processor, None when nobody can tell. A reference that cannot be walked counts as `_LONGEST_S`.
        """
        took_s = await self._took()
        if took_s is None:
            self._tell(self._hindered())
            return Control(self.health.slowdown, (Cause.SLOWDOWN,))
        slowdown = self._known().slowdown(took_s)
        self._tell(slowdown, took_s)
        return weighed(accused, budget_s, took_s, slowdown, waited or 0.0)

    def _hindered(self) -> float:
        """Return the slowdown of a reference that was not walked: nothing of it is foreign, so the fault is ours."""
        return _LONGEST_S / (self._known().rest_s or PLAIN_S)

    def _tell(self, slowdown: float | None, took_s: float | None = None) -> bool:
        self.health.note(slowdown)
        log.info("calibrated", took_s=took_s and round(took_s, 3), slowdown=slowdown and round(slowdown, 2))
        return slowdown is not None and slowdown <= SLOWDOWN_LIMIT

    def _forget(self) -> None:
        if self.clock.monotonic() - self.health.slowdown_at > STALE_S:
            self.health.note(None)

    async def _took(self) -> float | None:
        """Return what the reference takes, in the middle of three; None when one could not be walked in time."""
        took = []
        for _ in range(WALKS):
            once_s = await self._once()
            if once_s is None:
                return None
            took.append(once_s)
        return median(took)

    async def _once(self) -> float | None:
        try:
            async with asyncio.timeout(_LONGEST_S):
                found = await self.walk()
        except TimeoutError:
            log.warning("reference_not_walked", reason=Reason.DEADLINE)
            return None
        except UnknownFaultError as error:
            log.warning("reference_not_walked", reason=Reason.INTERNAL, where=error.where)
            return None
        if not found.good:
            log.warning("reference_not_walked", reason=found.reason, message=found.message)
            return None
        return found.duration_s

    def _known(self) -> Baseline:
        key = self.key()
        if self._baseline is None or self._baseline.key != key:
            self._baseline = Baseline.read(self.path, key)
        return self._baseline


def weighed(
    accused: Finding, budget_s: float | None, took_s: float, slowdown: float | None, waited: float = 0.0
) -> Control:
    """Return what a reference walk of `took_s` speaks against: an accusation that our own slowness may have made.

    A broken budget stands only when the time, divided by the slowdown, would have broken it too, and when the time
    would have without the share for which work waited for a processor beyond what it does at rest: a wait that was over
    before the reference was walked.
    """
    slow = accused.verdict is Verdict.SLOW
    if slowdown is None:
        if slow:
            return Control(None, (Cause.UNCALIBRATED,))
        return Control(None, (Cause.SLOWDOWN,) if took_s > PLAIN_S else ())
    times = budget_times(accused, budget_s)
    if slowdown > SLOWDOWN_LIMIT or (slow and times <= max(1.0, slowdown)):
        return Control(slowdown, (Cause.SLOWDOWN,))
    held_up = slow and times * (1.0 - max(0.0, waited - USUAL_WAIT)) <= 1.0
    return Control(slowdown, (Cause.PRESSURE,) if held_up else ())
