"""One due slot -> one Outcome, whatever happens: waits for its turn, keeps the deadline, confirms a failure."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import structlog

from agent.admission import Entry, Lane
from agent.calibration import Calibration, is_suspect
from agent.clock import SystemClock
from agent.health import HealthWatch, is_our_delay, judged, told
from agent.network import NetworkGuard
from agent.politeness import Politeness
from agent.timekeeper import Trouble
from checks.config import AnyCheck, Target
from checks.errors import SecretError
from checks.model import BrowserCheck
from checks.run import AGENT, Cause, Finding, Health, Outcome, Reason, Run, Slot, Verdict
from checks.secrets import Redact, masked
from probes.probe import Probe, Proof
from probes.unknown import UnknownFaultError

log = structlog.get_logger(__name__)

T = TypeVar("T")

_RECENT_S = 60.0
"""So long before a walk the reference may have been walked to say how fast the machine was in it."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who measures, under which configuration."""

    agent: str
    config_hash: str


@dataclass(slots=True)
class Runner:
    """Runs slots; keeps nothing about checks. `redact` masks secrets in whatever a probe has said.

    `trace` records every walk, for the author of a journey; otherwise only a confirming one is recorded.

    `calibration` walks the reference page before a walk may accuse; without it, as for a person who asks once, the
    kernel's word alone decides.

    `unknown` counts the errors that no table describes, by where they were met (`program`: a bug of ours).

    `measuring` holds the ids of slots being measured now, `begun` those whose first attempt has started.
    """

    probes: Mapping[str, Probe[Any]]
    lanes: Mapping[str, Lane]
    health: HealthWatch
    clock: SystemClock
    evidence: Path | None
    browser_version: Callable[[], str | None]
    redact: Redact
    politeness: Politeness
    guard: NetworkGuard
    trace: bool = False
    calibration: Calibration | None = None
    measuring: set[str] = field(default_factory=set)
    begun: set[str] = field(default_factory=set)
    unknown: Counter[str] = field(default_factory=Counter)
    _since_s: dict[str, float] = field(default_factory=dict)

    async def run(self, target: Target[AnyCheck], slot: Slot, identity: Identity) -> Outcome:
        """Walk one slot to its end. Never raises but for cancellation.

        A failure is confirmed by a second attempt after `confirm_after`; the last attempt is the result.
        """

        def lost(message: str) -> Outcome:
            self.unknown["program"] += 1
            now, internal, verdict = self.clock.now(), Reason.INTERNAL, Verdict.INCONCLUSIVE
            return Outcome(run=skipped_run(target, slot, identity, internal, now, verdict=verdict, why=message))

        try:
            return await or_bug(self._walked(target, slot, identity), target.check.id, lost)
        finally:
            self._since_s.pop(slot.id, None)

    async def _walked(self, target: Target[AnyCheck], slot: Slot, identity: Identity) -> Outcome:
        check = target.check
        spare = timedelta(seconds=check.every - 2 * check.deadline - check.confirm_after)
        first = await self._attempt(target, slot, identity, number=1, latest_start=slot.due_at + spare)
        if first.verdict is not Verdict.FAILED:
            return Outcome(run=first)
        latest = slot.due_at + timedelta(seconds=check.every - check.deadline)
        await self.clock.sleep(self._pause_s(target, latest))
        second = await self._attempt(target, slot, identity, number=2, latest_start=latest)
        if second.verdict is Verdict.SKIPPED:
            message = f"Lần kiểm tra đầu bị hỏng nhưng chưa xác nhận lại được. {second.message}"
            second = second.evolve(verdict=Verdict.INCONCLUSIVE, blame=AGENT, message=message)
        return Outcome(run=second, earlier=(first.evolve(attempts=2),))

    def _pause_s(self, target: Target[AnyCheck], latest: datetime) -> float:
        """Return how long to wait before the second attempt: a host that rests is waited for if that leaves time."""
        usual_s, rest_s = target.check.confirm_after, self.politeness.rest_s(target)
        return max(usual_s, rest_s) if rest_s < self._left_s(latest) else usual_s

    async def _attempt(
        self, target: Target[AnyCheck], slot: Slot, identity: Identity, *, number: int, latest_start: datetime
    ) -> Run:
        lane = self.lanes["browser" if isinstance(target.check, BrowserCheck) else "light"]
        refused = await self._queue(target, slot, lane, latest_start, again=number > 1)
        if refused is not None:
            reason, why = refused
            return skipped_run(target, slot, identity, reason, self.clock.now(), why=why, attempt=number)
        self.measuring.add(slot.id)
        self.begun.add(slot.id)
        try:
            return await self._measure(target, slot, identity, number)
        finally:
            self.measuring.discard(slot.id)
            lane.leave()

    async def _queue(
        self, target: Target[AnyCheck], slot: Slot, lane: Lane, latest_start: datetime, *, again: bool
    ) -> tuple[Reason, str] | None:
        """Wait for the host's turn and the lane's; the reason and its words if one of them does not come in time."""
        check, joined_s = target.check, self.clock.monotonic()
        if self.politeness.rest_s(target) > 0 or not await self.politeness.turn(target, self._left_s(latest_start)):
            return Reason.BACKOFF, WHY_SKIPPED[Reason.BACKOFF]
        late_s = (self.clock.now() - slot.due_at).total_seconds()
        entry = await lane.enter(
            check.id, every_s=check.every, late_s=late_s, left_s=self._left_s(latest_start), again=again
        )
        if entry is not Entry.IN:
            return Reason.AGENT_OVERLOAD, _GIVEN_UP if entry is Entry.DROPPED else WHY_SKIPPED[Reason.AGENT_OVERLOAD]
        refused = self._refused(target, joined_s)
        if refused is not None:
            lane.leave()
        return refused

    def _refused(self, target: Target[AnyCheck], joined_s: float) -> tuple[Reason, str] | None:
        """Why it cannot start although it is its turn: what happened while it waited."""
        if self.politeness.rest_s(target) > 0:  # what another check was told meanwhile
            return Reason.BACKOFF, WHY_SKIPPED[Reason.BACKOFF]
        trouble = self.clock.trouble_since(joined_s)
        return (trouble.reason, trouble.words) if trouble is not None else None

    def _left_s(self, latest_start: datetime) -> float:
        return (latest_start - self.clock.now()).total_seconds()

    async def _measure(self, target: Target[AnyCheck], slot: Slot, identity: Identity, number: int) -> Run:
        if self.calibration is not None and isinstance(target.check, BrowserCheck):
            await self.calibration.ready()
        started_at, started_s = self.clock.now(), self.clock.monotonic()
        started = self.health.read().at
        finding = await self._look_with_evidence(target, f"{slot.id}/{number}", confirming=number > 1)
        self.politeness.told(target, finding)
        health = await self._health(target, finding, started)
        since_s = self._since_s.setdefault(slot.id, started)
        finding, network = await self.guard.judged(
            judged(finding, health), target, since_s=since_s, confirming=number > 1
        )
        finding = undisturbed(finding, self.clock.trouble_since(started_s))
        return made_run(
            target,
            slot,
            identity,
            finding,
            started_at=started_at,
            finished_at=started_at + timedelta(seconds=self.clock.monotonic() - started_s),
            attempt=number,
            health=network.noted(health),
        )

    async def _health(self, target: Target[AnyCheck], finding: Finding, started: float) -> Health:
        """Return how the agent was; before a walk accuses, the reference page is walked in its turn and browser.

        A check without a browser lasts milliseconds of our time: how late the loop was tells enough.
        """
        check, condition = target.check, self.health.over(started)
        if not isinstance(check, BrowserCheck):
            late = is_our_delay(finding, check.budget, self.health.lost_s(started))
            return told(replace(condition, slowdown=None), causes=(Cause.LAG,) if late else ())
        if self.health.slowdown_at < started - _RECENT_S:
            condition = replace(condition, slowdown=None)
        causes = set(condition.causes()) - {Cause.SLOWDOWN}
        if self.calibration is None or causes or not is_suspect(finding):
            return told(condition, self.browser_version())
        control = await self.calibration.control(finding, check.budget, condition.cpu_pressure)
        return told(replace(condition, slowdown=control.slowdown), self.browser_version(), control.causes)

    async def _look_with_evidence(self, target: Target[AnyCheck], place: str, *, confirming: bool) -> Finding:
        """Give a walk a folder of its own; the finding names its files relative to the evidence root.

        No other kind of check leaves files, and making a folder and taking it away costs more than an http request.
        """
        folder = _made(self.evidence, place) if isinstance(target.check, BrowserCheck) else None
        try:
            finding = await self.look(target, Proof(folder, trace=confirming or self.trace, always=self.trace))
        finally:
            if folder is not None:
                _drop_if_empty(folder)
        if finding.evidence:
            placed = tuple(one.evolve(path=f"{place}/{one.path}") for one in finding.evidence)
            finding = finding.evolve(evidence=placed)
        return masked(finding, self.redact)

    async def look(self, target: Target[AnyCheck], proof: Proof) -> Finding:
        """Call the probe inside the hard deadline; what it raises is our fault."""
        return await or_bug(self._look(target, proof), target.check.id, self._bug)

    def _bug(self, message: str) -> Finding:
        self.unknown["program"] += 1
        return _ours(Reason.INTERNAL, message)

    async def _look(self, target: Target[AnyCheck], proof: Proof) -> Finding:
        check = target.check
        try:
            async with asyncio.timeout(check.deadline):
                return await self.probes[check.type].run(target, proof)
        except TimeoutError:
            # A probe ends by itself shortly before the deadline; one that did not was stuck in our own machinery.
            return _ours(Reason.DEADLINE, "Máy đo không kết thúc được lượt kiểm tra trong thời hạn.")
        except UnknownFaultError as error:
            self.unknown[error.where] += 1
            log.warning("unknown_error", check=check.id, where=error.where, code=self.redact(error.code))
            return _ours(Reason.INTERNAL, f"Lỗi chưa ai mô tả nên không quy cho ai ({error}).")
        except SecretError as error:
            return _ours(Reason.CONFIG, f"Máy đo thiếu thông tin bí mật: {error}.")


async def or_bug(work: Awaitable[T], of: str, told: Callable[[str], T]) -> T:
    """Return what came of some work; what it raises is a bug of ours, put into words for `told`, and stops nothing.

    `of` says in the log whose it is: the check that was looked at, or the job that runs beside.
    """
    try:
        return await work
    except Exception as error:  # a bug of ours is inconclusive, never somebody's outage
        log.exception("bug", of=of)
        return told(f"Lỗi nội bộ của máy đo ({type(error).__name__}).")


def undisturbed(finding: Finding, trouble: Trouble | None) -> Finding:
    """Return a finding as it is, or an inconclusive one when something happened to the clocks meanwhile."""
    if trouble is None:
        return finding
    return finding.evolve(verdict=Verdict.INCONCLUSIVE, blame=AGENT, reason=trouble.reason, message=trouble.words)


def _ours(reason: Reason, message: str) -> Finding:
    return Finding(verdict=Verdict.INCONCLUSIVE, blame=AGENT, reason=reason, message=message)


def _made(root: Path | None, place: str) -> Path | None:
    """Make the folder for proof; a disk that takes none costs the proof, never the measurement."""
    if root is None:
        return None
    folder = root / place
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        log.error("no_room_for_evidence", folder=str(folder), error=str(error))  # noqa: TRY400  # says all there is
        return None
    return folder


def _drop_if_empty(folder: Path) -> None:
    for one in (folder, folder.parent):
        try:
            one.rmdir()
        except OSError:  # not empty: there is proof in it
            return


def made_run(
    target: Target[AnyCheck],
    slot: Slot,
    identity: Identity,
    finding: Finding,
    *,
    started_at: datetime,
    finished_at: datetime,
    attempt: int = 1,
    health: Health = Health(),  # noqa: B008  # frozen value
) -> Run:
    """Put a finding into its slot."""
    check = target.check
    return Run(
        **vars(finding),
        id=slot.id,
        check=check.id,
        type=check.type,
        service=target.service.id if target.service is not None else None,
        system=target.system.id,
        agency=target.agency.id,
        location=slot.location,
        agent=identity.agent,
        config_hash=identity.config_hash,
        scheduled_at=slot.due_at,
        started_at=started_at,
        finished_at=finished_at,
        queue_delay_s=max(0.0, (started_at - slot.due_at).total_seconds()) if attempt == 1 else 0.0,
        attempt=attempt,
        attempts=attempt,
        depth=getattr(check, "depth", "L0"),
        device=check.device if isinstance(check, BrowserCheck) else "none",
        cache=check.cache if isinstance(check, BrowserCheck) else "none",
        health=health,
    )


WHY_SKIPPED = {
    Reason.OVERLAP: "Lượt trước của cùng mục kiểm tra chưa kết thúc.",
    Reason.AGENT_OVERLOAD: "Máy đo không còn chỗ để chạy đúng hạn.",
    Reason.AGENT_STOPPED: "Máy đo không hoạt động vào thời điểm này.",
    Reason.BACKOFF: "Máy chủ đề nghị tạm ngừng gửi yêu cầu, hoặc đã đủ số lượt mỗi phút dành cho máy chủ này.",
}
_GIVEN_UP = "Máy đo quá tải: lượt này đã chờ lâu nhất nên được bỏ, để các lượt đến sau được đo đúng lúc."


def skipped_run(
    target: Target[AnyCheck],
    slot: Slot,
    identity: Identity,
    reason: Reason,
    now: datetime,
    *,
    verdict: Verdict = Verdict.SKIPPED,
    why: str | None = None,
    attempt: int = 1,
) -> Run:
    """Return the run of a slot that was not walked (or, as inconclusive, not walked to its end)."""
    message = why if why is not None else WHY_SKIPPED[reason]
    finding = Finding(verdict=verdict, blame=AGENT, reason=reason, message=message)
    return made_run(target, slot, identity, finding, started_at=now, finished_at=now, attempt=attempt).evolve(
        queue_delay_s=0.0
    )
