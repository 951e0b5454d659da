"""The guard between a failure and an accusation: did our own network, resolver and clock work meanwhile?

The references are asked regularly and, when a run failed in a way that our own network could cause, at once: after the
run's clocks have stopped, before it is judged. In memory only; a restart forgets, and the next round knows again.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog

from agent.clock import SystemClock
from agent.together import (
    NETWORK_KIND,
    WINDOW_S,
    WITH_REFERENCES,
    WITHOUT_REFERENCES,
    Attempted,
    Bar,
    accused,
    attempted,
    failing_together,
)
from checks.config import AnyCheck, Target
from checks.model import BrowserCheck, HttpCheck
from checks.run import AGENT, NETWORK, Finding, Health, Reason, Verdict
from exporters.snapshot import ReferenceState
from probes.reference import References, Round

log = structlog.get_logger(__name__)

EVERY_S = 10.0
CLOCK_LIMIT_S = 300.0
FRESH_S = 1.0
_KEPT = 2000
_ATTEMPTS_KEPT = 20_000  # over a minute of what 10,000 checks do
_MOST_NAMED = 5

SUSPECT = NETWORK_KIND | {Reason.ELEMENT_MISSING, Reason.ASSERTION, Reason.JS_ERROR, Reason.DOWNLOAD, Reason.AUTH}
"""Reasons of failures behind which a network that broke during the run may hide: a script or picture never came."""

_FOUND = frozenset({Reason.TCP, Reason.TLS})
"""Reasons for which the name had been found already."""


@dataclass(frozen=True, slots=True)
class Network:
    """How our own network was over a span, as far as the references tell; the worst round counts.

    `asked` is 0 when nobody could tell. `failing` is how many were silent at once.
    """

    asked: int = 0
    failing: int = 0
    down: bool = False
    resolver_dead: bool = False
    intercepted: bool = False
    clock_ahead_s: float | None = None

    @classmethod
    def over(cls, rounds: Sequence[Round]) -> "Network":
        """Sum up rounds, in their order."""
        told = [one.clock_ahead_s for one in rounds if one.clock_ahead_s is not None]
        return cls(
            asked=max((len(one.answers) for one in rounds), default=0),
            failing=max((one.failing for one in rounds), default=0),
            down=any(one.down for one in rounds),
            resolver_dead=any(one.resolver_dead for one in rounds),
            intercepted=any(one.intercepted for one in rounds),
            clock_ahead_s=told[-1] if told else None,
        )

    @property
    def clock_is_wrong(self) -> bool:
        """Whether the references say that this machine's clock is wrong."""
        return self.clock_ahead_s is not None and abs(self.clock_ahead_s) > CLOCK_LIMIT_S

    def noted(self, health: Health) -> Health:
        """Return the agent's health with what the references said beside it."""
        if not self.asked:
            return health
        return health.evolve(references=self.asked, references_silent=self.failing)


def over_plain_http(target: Target[AnyCheck]) -> bool:
    """Whether nothing vouches for whose answers were seen: a portal or proxy of our own network may have given them."""
    if isinstance(target.check, HttpCheck):
        return target.check.url.startswith("http:")
    return isinstance(target.check, BrowserCheck) and target.system.url.startswith("http:")


def suspicious(finding: Finding, *, plain: bool = False) -> bool:
    """Whether our own network could have caused this finding; over `plain` http it can have said anything."""
    if finding.verdict is Verdict.FAILED:
        return plain or finding.reason in SUSPECT
    return finding.verdict is Verdict.SLOW or (finding.verdict is Verdict.BLOCKED and plain)


def cleared(finding: Finding, network: Network, *, plain: bool = False) -> Finding:
    """Return a finding as it is, or an inconclusive one where our own network, resolver or clock was at fault."""
    if not suspicious(finding, plain=plain):
        return finding
    if network.clock_is_wrong and _hangs_on_the_clock(finding):
        minutes = round(abs(network.clock_ahead_s or 0.0) / 60)
        why = f"Đồng hồ của máy đo lệch khoảng {minutes} phút nên không xét được chứng thư số hay mã dùng một lần"
        message = f"{why}; {finding.message}"
        return finding.evolve(verdict=Verdict.INCONCLUSIVE, blame=AGENT, reason=Reason.CONFIG, message=message)
    if network.down:
        message = f"Mạng của máy đo có sự cố ({network.failing}/{network.asked} địa chỉ đối chứng không trả lời)"
        return _network(finding, message)
    if network.intercepted and (plain or finding.reason is Reason.TLS):
        return _network(finding, "Chứng thư số của các địa chỉ đối chứng cũng không hợp lệ ở đây")
    if network.resolver_dead and finding.reason not in _FOUND:
        return _network(finding, "Máy chủ tên miền của máy đo không tìm được cả các tên đối chứng")
    return finding


def _hangs_on_the_clock(finding: Finding) -> bool:
    """Whether a wrong clock of ours could have caused it: a certificate or its days left, a one-time password."""
    few_days_left = finding.verdict is Verdict.SLOW and finding.certificate is not None
    return finding.reason is Reason.TLS or few_days_left or finding.ux.otp > 0


def _network(finding: Finding, why: str) -> Finding:
    message = f"{why}; {finding.message}"
    return finding.evolve(verdict=Verdict.INCONCLUSIVE, blame=NETWORK, message=message)


@dataclass(slots=True)
class NetworkGuard:
    """Asks the references, remembers their answers and everybody's attempts, and judges findings by them.

    They are asked every `every_s` seconds; an answer that is `fresh_s` old at most is good for whoever asks.
    """

    references: References
    clock: SystemClock
    every_s: float = EVERY_S
    fresh_s: float = FRESH_S
    _rounds: deque[Round] = field(default_factory=lambda: deque(maxlen=_KEPT))
    _attempts: deque[Attempted] = field(default_factory=lambda: deque(maxlen=_ATTEMPTS_KEPT))
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def run(self) -> None:
        """Ask regularly until cancelled."""
        while True:
            await self.ask()
            await self.clock.sleep(self.every_s)

    async def adopt(self, references: References) -> None:
        """Ask other references from now on; what the earlier ones said of the past stays."""
        async with self._asking:
            before, self.references = self.references, references
        before.close()

    async def judged(
        self, finding: Finding, target: Target[AnyCheck], *, since_s: float, confirming: bool
    ) -> tuple[Finding, Network]:
        """Return what a finding is worth, and how our network was since `since_s`, when the slot's first attempt began.

        Only a confirming attempt is held against those of others: it alone can accuse.
        """
        plain = over_plain_http(target)
        if suspicious(finding, plain=plain):
            await self.ask()
        network = self.since(since_s)
        judged = cleared(finding, network, plain=plain)
        now_s = self.clock.monotonic()
        told = attempted(judged, target.system.id, now_s)
        if told is not None:
            self._attempts.append(told)
        if confirming and told is not None and told.silent is not None:
            judged = self._among_others(judged, target, min(since_s, now_s - WINDOW_S))
        return judged, network

    def since(self, since_s: float) -> Network:
        """Return how our network was from the monotonic moment `since_s` on; the round before it counts too."""
        return Network.over([one for one in self._rounds if one.ended_s > since_s - self.every_s])

    def states(self) -> tuple[ReferenceState, ...]:
        """Return how the references answered last; nothing before the first round."""
        answers = self._rounds[-1].answers if self._rounds else ()
        return tuple(ReferenceState(one.label, one.answered, one.error) for one in answers)

    @property
    def up(self) -> bool | None:
        """Whether our own network worked in the latest round; None when there was none."""
        return not self._rounds[-1].down if self._rounds else None

    @property
    def clock_ahead_s(self) -> float | None:
        """How far our clock was ahead in the latest round that told."""
        return Network.over(self._rounds).clock_ahead_s

    def together(self) -> frozenset[str]:
        """Return the systems that are failing together now."""
        return failing_together(self._attempts, self.clock.monotonic() - WINDOW_S, self._bar)

    @property
    def _bar(self) -> Bar:
        return WITH_REFERENCES if self.references.targets else WITHOUT_REFERENCES

    async def ask(self) -> None:
        """Ask all references, unless that was done a moment ago; who comes meanwhile shares the answer."""
        asked_s = self.clock.monotonic()
        async with self._asking:
            if not self.references.targets or (self._rounds and self._rounds[-1].began_s >= asked_s - self.fresh_s):
                return
            before = self._rounds[-1] if self._rounds else None
            self._rounds.append(await self.references.ask())
            self._tell(before, self._rounds[-1])

    def _tell(self, before: Round | None, now: Round) -> None:
        silent = [f"{one.label} ({one.error})" for one in now.answers if not one.answered]
        if now.down and not (before is not None and before.down):
            log.error("network_down", silent=silent)
        elif before is not None and before.down and not now.down:
            log.warning("network_up_again", silent=silent)
        elif silent and (before is None or before.failing != now.failing):
            log.warning("references_silent", silent=silent)

    def _among_others(self, finding: Finding, target: Target[AnyCheck], since_s: float) -> Finding:
        failing = failing_together(self._attempts, since_s, self._bar)
        if accused(finding, target.system.id) not in failing:
            return finding
        names = ", ".join(sorted(failing)[:_MOST_NAMED])
        network = self.since(since_s)
        if not network.asked or network.down:
            return _network(finding, f"{len(failing)} hệ thống cùng mất liên lạc ({names}), có thể do mạng của máy đo")
        log.warning("common_failure", systems=sorted(failing))
        message = f"{finding.message}; {len(failing)} hệ thống cùng mất liên lạc ({names}), có thể cùng một nguyên nhân"
        return finding.evolve(together=tuple(sorted(failing)), message=message)
