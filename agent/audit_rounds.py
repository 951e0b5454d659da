"""The audits of accessibility: each check about once a day, one at a time, and only while nothing is being timed."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from agent.admission import Lane
from agent.audit import Auditor, audit_now, next_audit
from agent.clock import SystemClock
from agent.rounds import Rounds
from checks.audit import Audit
from checks.config import Target
from checks.model import BrowserCheck
from exporters.snapshot import Snapshot
from store.protocol import Store, StoreError

log = structlog.get_logger(__name__)

_LOOK_EVERY_S = 2.0
_WATCH_EVERY_S = 0.25
_BEFORE_A_SLOT_S = 3.0
_STEP_S = 2.5
_AGAIN_AFTER = timedelta(minutes=10)
_MORE_ROOM = 1.5


@dataclass(slots=True)
class AuditRounds:
    """Starts an audit when a check's is due, its service works, and there is room before the next timed walk.

    `known` holds the newest audit of each check, complete or not; `degraded` tells whether the agent is short of
    breath. An audit that a timed walk needs the browser from is given up, leaves nothing behind, and is tried again
    later with more room. While one is made the reference page is not walked, but for the control of a walk.
    """

    rounds: Rounds
    store: Store
    snapshot: Snapshot
    auditor: Auditor
    degraded: Callable[[], bool]
    clock: SystemClock
    started_at: datetime
    known: dict[str, Audit] = field(default_factory=dict)
    _not_before: dict[str, datetime] = field(default_factory=dict)
    _needed_s: dict[str, float] = field(default_factory=dict)

    async def recall(self) -> None:
        """Take up where an earlier process stopped. Raises StoreError."""
        self.known = dict(await self.store.newest_audits())
        for audit in (await self.store.newest_audits(complete=True)).values():
            self.snapshot.observe_audit(audit)

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            target = self.next_target()
            if target is not None and await self.rounds.runner.politeness.turn(target, 0.0):
                await self.audit(target)
            await self.clock.sleep(_LOOK_EVERY_S)

    def next_target(self) -> Target[BrowserCheck] | None:
        """Return the check to audit now: of those that are due and fit before the next slot, the longest overdue."""
        room_s = self._room_s()
        if room_s <= 0 or self.degraded() or self._lane.guest.locked():
            return None
        due = [(moment, target) for moment, target in self._due() if self.needed_s(target) <= room_s]
        return min(due, key=lambda pair: (pair[0], pair[1].check.id))[1] if due else None

    def _due(self) -> Iterator[tuple[datetime, Target[BrowserCheck]]]:
        now = self.clock.now()
        # Where a timed walk breaks off, an audit would too.
        working = {one.target.check.id for one in self.snapshot.records() if one.ran is not None and one.ran.good}
        for target in self._targets():
            name = target.check.id
            if self.rounds.runner.politeness.rest_s(target) > 0:
                continue
            moment = next_audit(target.check, self.known.get(name), self.started_at)
            if name in working and moment <= now and self._not_before.get(name, now) <= now:
                yield moment, target

    def _targets(self) -> Iterator[Target[BrowserCheck]]:
        for target in self.rounds.config.targets.values():
            check = target.check
            if isinstance(check, BrowserCheck) and check.enabled and check.accessibility.enabled:
                yield target  # type: ignore[misc]  # the condition narrows the check, not the target

    def needed_s(self, target: Target[BrowserCheck]) -> float:
        """Return how long an audit of this check is expected to take."""
        last = self.known.get(target.check.id)
        if last is not None and last.complete:
            guess_s = (last.finished_at - last.started_at).total_seconds() * _MORE_ROOM
        else:
            guess_s = _STEP_S * (len(target.steps) + 1)
        return self._needed_s.get(target.check.id, guess_s)

    def _room_s(self) -> float:
        """Return the seconds until the browser is wanted, less a moment to put it away; 0 while something walks."""
        walks = [name for name, one in self.rounds.config.targets.items() if isinstance(one.check, BrowserCheck)]
        if not set(walks).isdisjoint(self.rounds.walking):
            return 0.0
        slots = [due for name in walks if (due := self.rounds.schedule.next_due(name)) is not None]
        until = min(slots, default=self.clock.now() + timedelta(days=1))
        return (until - self.clock.now()).total_seconds() - _BEFORE_A_SLOT_S

    @property
    def _lane(self) -> Lane:
        return self.rounds.runner.lanes["browser"]

    async def audit(self, target: Target[BrowserCheck]) -> None:
        """Audit one check and keep what was seen, unless it has to give way."""
        async with self._lane.guest:
            began = self.clock.monotonic()
            audit = await self._audited(target)
            took_s = self.clock.monotonic() - began
        if audit is None:
            self._gave_way(target, took_s)
        else:
            await self._keep(audit)

    async def _audited(self, target: Target[BrowserCheck]) -> Audit | None:
        """Return what was seen; None when it had to give way."""
        location = self.rounds.config.settings.location
        work = audit_now(self.auditor, target, identity=self.rounds.identity, location=location, clock=self.clock)
        task = asyncio.create_task(work, name=f"audit {target.check.id}")
        try:
            while not task.done() and self._room_s() > 0:
                await asyncio.wait({task}, timeout=_WATCH_EVERY_S)
        finally:
            task.cancel()
            await asyncio.wait({task})
        return None if task.cancelled() else task.result()

    def _gave_way(self, target: Target[BrowserCheck], took_s: float) -> None:
        name = target.check.id
        self._needed_s[name] = max(took_s, self.needed_s(target)) * _MORE_ROOM
        self._not_before[name] = self.clock.now() + _AGAIN_AFTER
        log.info("audit_gave_way", check=name, after_s=round(took_s, 1))

    async def _keep(self, audit: Audit) -> None:
        try:
            await self.store.save_audit(audit)
        except StoreError as error:
            self._not_before[audit.check] = self.clock.now() + _AGAIN_AFTER
            log.error("audit_not_saved", check=audit.check, error=str(error))  # noqa: TRY400  # says all there is
            return
        self._needed_s.pop(audit.check, None)
        self.known[audit.check] = audit
        self.snapshot.observe_audit(audit)
        log.info("audited", check=audit.check, complete=audit.complete, severe=audit.severe, why=audit.message)
