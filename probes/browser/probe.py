"""The browser probe: one check walked once, told as a Finding."""

import errno
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Error as PlaywrightError

from checks.audit import Audited
from checks.config import Target
from checks.errors import SecretError
from checks.journey import Download, all_actions
from checks.model import BrowserCheck
from checks.run import AGENT, Finding, Reason, Verdict
from checks.secrets import Secrets, masked
from probes.browser.astray import mindful
from probes.browser.audit import Inspection, audited
from probes.browser.chromium import Chromium, WalkContext, page_script
from probes.browser.closing import OURS, close
from probes.browser.diagnosis import suspects, unfound
from probes.browser.doubt import LATE, LINE, PATIENCE_S, doubted
from probes.browser.evidence import collect
from probes.browser.find import BrowserMissing, BrowserStartError
from probes.browser.gate import Gate
from probes.browser.guard import PAGE_PATTERNS, Guard
from probes.browser.pulse import Clock, PageTamperedError
from probes.browser.rehearsal import forget_visit
from probes.browser.result import finding
from probes.browser.stage import BrowserGoneError, Stage
from probes.browser.tally import Tally
from probes.browser.trace import recorded
from probes.browser.traffic import Traffic
from probes.browser.walker import Walk
from probes.browser.watch import Watch
from probes.connection import Lookup, system_lookup
from probes.probe import NO_PROOF, Proof
from probes.unknown import UnknownFaultError

_OF_DEADLINE = 0.95
_EVIDENCE_S = 3.0
_EVIDENCE_PART = 0.1
_DOUBT_LEAST_S = 1.5
_SLOW_START_PART = 0.2
_CLOSING_S = 10.0
_CLOSING_PART = 0.2

_EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS, errno.EAGAIN, errno.ENOSPC})

_TOLD = {
    BrowserGoneError: (Reason.PAGE_CRASH, "trình duyệt của máy đo tự dừng giữa lượt đo"),
    PageTamperedError: (Reason.INTERNAL, "trang thay các hàm gốc mà máy đo cần, không đo được"),
}
_UNREADABLE = ("Unknown key", "is not a valid selector", "while parsing css selector", "while parsing selector")
"""What the driver says of a key or a selector that is none."""


class WalkError(UnknownFaultError):
    """Playwright reported something nobody has described yet; the text is redacted."""

    def __init__(self, said: str) -> None:
        super().__init__("playwright", said)


@dataclass(frozen=True, slots=True)
class BrowserProbe:
    """Walks browser checks.

    `sign_on` holds the ids of the dependencies with `sign_on: true`; in production nothing is typed into them.
    `folder` is that of checks.yaml, where files to be attached lie.
    With a pause of `pace_s` before each act a person can follow the walk; its times are no measurements. `asks` tells
    of each step whether its goal was true before its first action; that costs time, so only authors ask.
    """

    chromium: Chromium
    secrets: Secrets
    sign_on: Collection[str]
    folder: Path = Path()
    clock: Clock = time.monotonic
    wall: Clock = time.time
    pace_s: float = 0.0
    lookup: Lookup = system_lookup
    asks: bool = False

    async def run(self, target: Target[BrowserCheck], proof: Proof = NO_PROOF) -> Finding:
        """Walk once; see `probes.probe.Probe`.

        Raises:
            WalkError: Playwright failed in an unknown way.
            UnknownNetError: Chromium's network failed in an unknown way.
        """
        asked = self.clock()
        return await self._visit(target, lambda context: self._walk(target, context, proof, asked))

    async def audit(self, target: Target[BrowserCheck], within_s: float) -> Audited:
        """Walk once more, in no hurry and without a verdict, and look at the accessibility of each screen.

        What was seen before a failure is kept. `within_s` bounds the whole walk.

        Raises:
            UnknownNetError: Chromium's network failed in an unknown way.
        """
        ends_at = self.clock() + within_s
        seen: list[Inspection] = []

        async def inspect(context: WalkContext) -> Finding:
            walk = await self._prepare(target, context, ends_at - _closing_s(target, within_s))
            seen.append(Inspection(walk.stage))
            walk.look = seen[0].look
            found = finding(walk.stage, await walk.go())
            return found.evolve(after=await close(walk, ends_at))

        try:
            told = await self._visit(target, inspect)
        except WalkError as error:
            told = self._ours(Reason.INTERNAL, f"trình duyệt báo lỗi lạ: {error}")
        whole = audited(told, seen[0] if seen else None).evolve(browser=self.chromium.version)
        return masked(whole, self.secrets.redact)

    async def _visit(
        self, target: Target[BrowserCheck], walk_in: Callable[[WalkContext], Awaitable[Finding]]
    ) -> Finding:
        try:
            return await self._inside(target, walk_in)
        except (BrowserMissing, BrowserStartError) as error:
            return self._ours(Reason.BROWSER_START, f"không khởi động được trình duyệt: {error}")
        except OSError as error:
            if error.errno not in _EXHAUSTED:
                raise
            return self._ours(Reason.AGENT_OVERLOAD, f"máy đo đã dùng hết tài nguyên: {error.strerror}")
        except (BrowserGoneError, PageTamperedError) as error:
            return self._ours(*_TOLD[type(error)])
        except SecretError as error:
            return self._ours(Reason.CONFIG, f"thiếu giá trị bí mật: {error}")
        except PlaywrightError as error:
            # The call log of a failed fill holds the value that was typed.
            first = "".join(error.message.strip().splitlines()[:1])
            if any(sign in error.message for sign in _UNREADABLE):
                return self._ours(Reason.CONFIG, f"trình duyệt không hiểu phép đo: {self.secrets.excerpt(first)}")
            raise WalkError(self.secrets.excerpt(first)) from None

    async def _inside(
        self, target: Target[BrowserCheck], walk_in: Callable[[WalkContext], Awaitable[Finding]]
    ) -> Finding:
        """Walk in a fresh context, behind a gate of its own."""
        fetches = any(isinstance(action, Download) for step in target.all_steps for action in all_actions(step.do))
        async with (
            Gate(target.owners, self.lookup) as gate,
            self.chromium.context(target.check.device, downloads=fetches, gate=gate) as context,
        ):
            try:
                return await walk_in(context)
            except PlaywrightError:
                if context.generation.alive:
                    raise
                raise BrowserGoneError("browser or driver ended during the walk") from None

    async def _walk(self, target: Target[BrowserCheck], context: WalkContext, proof: Proof, asked: float) -> Finding:
        allowed_s = target.check.deadline * _OF_DEADLINE
        ends_at, closing_s = asked + allowed_s, _closing_s(target, allowed_s)
        reserve_s = min(_EVIDENCE_S, allowed_s * _EVIDENCE_PART)
        walk = await self._prepare(target, context, ends_at - closing_s - reserve_s)
        try:
            if target.check.cache == "warm":
                await walk.go(rehearse=True)
                await close(walk, min(self.clock() + closing_s, walk.ends_at), rehearse=True)
                await forget_visit(walk)
            result = await self._measured(walk, proof, asked, walk.ends_at + reserve_s)
        except OURS:  # nobody is signed on for ever because of us
            await close(walk, ends_at)
            raise
        return result.evolve(after=await close(walk, ends_at))

    async def _measured(self, walk: Walk, proof: Proof, asked: float, ends_at: float) -> Finding:
        """Walk, and keep the proof of what went wrong; the rest of the time until `ends_at` is for that."""
        context, check = walk.stage.walk, walk.stage.target.check
        async with recorded(context, wanted=proof.trace and proof.folder is not None) as recording:
            ready_s = self.clock() - asked
            walked = await walk.go()
            await walk.stage.traffic.weigh()
            result = finding(walk.stage, walked, timed=not (proof.trace or self.pace_s))
            if result.reason is Reason.DEADLINE and ready_s > check.deadline * _SLOW_START_PART:
                return self._ours(Reason.AGENT_OVERLOAD, f"máy đo mất {ready_s:.1f} s để chuẩn bị trình duyệt")
            if result.verdict is Verdict.FAILED:
                result = await self._doubted(walk, result, ends_at - self.clock())
            result = await mindful(walk.stage, result)
            if proof.folder is None or (result.good and not proof.always):
                return result
            kept = await recording.keep(proof.folder, self.secrets, walk.ends_at - self.clock())
            if not result.good:
                kept = (*await collect(walk.stage, proof.folder, walk.outline, ends_at - self.clock()), *kept)
            return result.evolve(evidence=kept)

    async def _doubted(self, walk: Walk, result: Finding, left_s: float) -> Finding:
        """Ask whether it was us; half of the time that is left is for the proof."""
        stage = walk.stage
        awaited = result.reason in LINE | LATE
        sent = suspects(stage, result.blame) if awaited else unfound(stage, len(walk.walked) - 1, result.blame)
        urls = [one.url for one in sent]
        patience_s = min(PATIENCE_S, max(_DOUBT_LEAST_S, left_s / 2))
        last = walk.walked[-1]
        return await doubted(
            result,
            urls,
            stage.walk,
            stage.target.owners,
            self.lookup,
            patience_s=patience_s,
            waited_s=last.goal - last.began,
            lost_s=result.steps[len(walk.walked) - 1].lookup_s,
        )

    async def _prepare(self, target: Target[BrowserCheck], context: WalkContext, ends_at: float) -> Walk:
        tally = Tally()
        traffic = Traffic(target.owners, self.clock, context.gate)
        watch = Watch(tally, self.secrets, context.token)
        stage = Stage(context, target, self.secrets, self.clock, traffic, watch, tally, self.wall, self.folder)
        guard = Guard(target, self.sign_on, self.secrets.redact)
        walk = Walk(stage, guard, ends_at, pace_s=self.pace_s, asks=self.asks)
        watch.answer, watch.refused = walk.asked, walk.refused
        traffic.attach(context.context)
        watch.attach(context.context)
        await context.context.add_init_script(page_script(context.key, context.token, PAGE_PATTERNS))
        return walk

    def _ours(self, reason: Reason, message: str) -> Finding:
        text = self.secrets.redact(message)
        return Finding(verdict=Verdict.INCONCLUSIVE, blame=AGENT, reason=reason, message=text)


def _closing_s(target: Target[BrowserCheck], allowed_s: float) -> float:
    """Return the time that is kept for what always follows the walk."""
    return min(_CLOSING_S, allowed_s * _CLOSING_PART) if target.always else 0.0
