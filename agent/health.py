"""The agent watching itself while it watches others: its own slowness must not become their slowness."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from itertools import takewhile

from agent.clock import SystemClock
from agent.kernel import Counters, Kernel, Shares, between
from checks.run import AGENT, NOBODY, Cause, Finding, Health, Reason, StepRun, Verdict

LAG_LIMIT_S = 0.25
PRESSURE_LIMIT = 0.80
STEAL_LIMIT = 0.10
THROTTLED_LIMIT = 0.05
MEMORY_PRESSURE_LIMIT = 0.10
MEMORY_LIMIT_BYTES = 200_000_000
SLOWDOWN_LIMIT = 1.5

_SAMPLE_EVERY_S = 0.1
_READ_EVERY_S = 0.09  # the sampling below, and not those who ask, reads what a run is judged by
_KEPT_S = 660.0  # longer than any deadline
_SHORTEST_SPAN_S = 1.0
_NOW_S = 2.0


@dataclass(frozen=True, slots=True)
class Condition:
    """How this machine was over a span; shares are of the span, 0-1, and None where the kernel does not tell.

    `slowdown` is how many times as long as at rest our reference walk took, the latest one; None when it is not known.
    """

    span_s: float
    loop_lag_s: float
    cpu_pressure: float | None
    memory_pressure: float | None
    steal: float | None
    throttled: float | None
    memory_free_bytes: int | None
    load_1m: float | None
    slowdown: float | None

    def causes(self) -> tuple[Cause, ...]:
        """Return which limits were passed, in the order of docs/measures.md; none when measurements can be trusted."""
        passed = (
            (Cause.LAG, self.loop_lag_s > LAG_LIMIT_S),
            (Cause.PRESSURE, (self.cpu_pressure or 0.0) > PRESSURE_LIMIT),
            (Cause.STEAL, (self.steal or 0.0) > STEAL_LIMIT),
            (Cause.THROTTLED, (self.throttled or 0.0) > THROTTLED_LIMIT),
            (Cause.MEMORY_PRESSURE, (self.memory_pressure or 0.0) > MEMORY_PRESSURE_LIMIT),
            (Cause.MEMORY, self.memory_free_bytes is not None and self.memory_free_bytes < MEMORY_LIMIT_BYTES),
            (Cause.SLOWDOWN, (self.slowdown or 0.0) > SLOWDOWN_LIMIT),
        )
        return tuple(cause for cause, is_passed in passed if is_passed)


@dataclass(slots=True)
class HealthWatch:
    """Samples the event loop's lag and the kernel's counters, and answers how the machine was over a span.

    `slowdown` is noted by whoever walks the reference page; `slowdown_at` is when, on the monotonic clock.
    """

    clock: SystemClock
    kernel: Kernel = field(default_factory=Kernel)
    slowdown: float | None = None
    slowdown_at: float = float("-inf")
    _lags: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=int(_KEPT_S / _SAMPLE_EVERY_S)))
    _readings: deque[Counters] = field(default_factory=lambda: deque(maxlen=int(_KEPT_S / _SAMPLE_EVERY_S)))
    _due: float | None = None
    _memory_free_bytes: int | None = None
    _load_1m: float | None = None

    async def run(self) -> None:
        """Sample until cancelled."""
        while True:
            self.read()
            self._due = self.clock.monotonic() + _SAMPLE_EVERY_S
            await asyncio.sleep(_SAMPLE_EVERY_S)
            now = self.clock.monotonic()
            self._lags.append((now, max(0.0, now - self._due)))

    def read(self) -> Counters:
        """Return the counters of now, at most a few hundredths of a second old: thousands of checks may ask at once."""
        now = self.clock.monotonic()
        if not self._readings or now - self._readings[-1].at > _READ_EVERY_S:
            self._readings.append(self.kernel.counters(now))
            self._memory_free_bytes, self._load_1m = self.kernel.memory_free_bytes(), self.kernel.load_1m()
        return self._readings[-1]

    def loop_lag_s(self, since: float) -> float:
        """Return the worst lag since a monotonic moment, in seconds; one that is under way counts as far as it is."""
        late = self.clock.monotonic() - self._due if self._due is not None else 0.0
        lately = takewhile(lambda one: one[0] >= since, reversed(self._lags))  # thousands of checks may ask
        return max(0.0, late, *(lag for _, lag in lately))

    def lost_s(self, since: float) -> float:
        """Return the sum of all lags since a monotonic moment, in seconds: who passes the loop often waits often."""
        late = self.clock.monotonic() - self._due if self._due is not None else 0.0
        return max(0.0, late) + sum(lag for _, lag in takewhile(lambda one: one[0] >= since, reversed(self._lags)))

    def note(self, slowdown: float | None) -> None:
        """Take in what the reference walk that just ended says; None when nobody can tell."""
        self.slowdown, self.slowdown_at = slowdown, self.clock.monotonic()

    def now(self) -> Condition:
        """Return how the machine has been over the last two seconds."""
        return self.over(self.clock.monotonic() - _NOW_S)

    def over(self, started: float) -> Condition:
        """Return how the machine was from the monotonic moment `started` until now.

        Shares of a very short span mean nothing: they are told of a second at least.
        """
        shares = self.shares(max(self.clock.monotonic() - started, _SHORTEST_SPAN_S))
        return Condition(
            span_s=shares.span_s,
            loop_lag_s=self.loop_lag_s(started),
            cpu_pressure=shares.cpu_pressure,
            memory_pressure=shares.memory_pressure,
            steal=shares.steal,
            throttled=shares.throttled,
            memory_free_bytes=self._memory_free_bytes,
            load_1m=self._load_1m,
            slowdown=self.slowdown,
        )

    def shares(self, span_s: float) -> Shares:
        """Return what the kernel counted over the last `span_s`, or since the first reading if there was none then."""
        after = self.read()
        before = next((one for one in reversed(self._readings) if one.at <= after.at - span_s), self._readings[0])
        return between(before, after)

    def since(self, started: float, browser: str | None = None) -> Health:
        """Return the agent's health over the span from the monotonic moment `started` until now."""
        return told(self.over(started), browser)


def told(condition: Condition, browser: str | None = None, causes: tuple[Cause, ...] = ()) -> Health:
    """Return a condition as a run keeps it; `causes` are those that the condition itself does not show."""
    every = tuple(dict.fromkeys((*condition.causes(), *causes)))
    return Health(
        degraded=bool(every),
        causes=every,
        slowdown=_rounded(condition.slowdown),
        loop_lag_s=round(condition.loop_lag_s, 4),
        load_1m=_rounded(condition.load_1m),
        cpu_pressure=_rounded(condition.cpu_pressure),
        memory_pressure=_rounded(condition.memory_pressure),
        steal=_rounded(condition.steal),
        throttled=_rounded(condition.throttled),
        memory_free_bytes=condition.memory_free_bytes,
        browser=browser,
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def judged(finding: Finding, health: Health) -> Finding:
    """Return what a finding is worth given the agent's health: a starved agent accuses nobody.

    A slow walk of a degraded agent, and each slow step of it, counts as reached (ok) and is marked by its health; a
    failed one is inconclusive.
    """
    if not health.degraded:
        return finding
    if any(step.verdict is Verdict.SLOW for step in finding.steps):
        finding = finding.evolve(steps=tuple(_unhurried(step) for step in finding.steps))
    if finding.verdict is Verdict.SLOW:
        return finding.evolve(verdict=Verdict.OK, blame=NOBODY, reason=None, message="")
    if finding.verdict is Verdict.FAILED:
        return finding.evolve(verdict=Verdict.INCONCLUSIVE, blame=AGENT, reason=Reason.AGENT_OVERLOAD)
    return finding


def _unhurried(step: StepRun) -> StepRun:
    return step.evolve(verdict=Verdict.OK, reason=None, message="") if step.verdict is Verdict.SLOW else step


def budget_times(finding: Finding, budget_s: float | None) -> float:
    """Return how many times its budget the worst of a walk and its steps took; 0 where nothing has a budget.

    What our own resolver took is not counted.
    """
    own = [(step.duration_s - step.lookup_s, step.budget_s) for step in finding.steps]
    parts = ((finding.duration_s - sum(step.lookup_s for step in finding.steps), budget_s), *own)
    return max((took_s / allowed_s for took_s, allowed_s in parts if allowed_s), default=0.0)


def is_our_delay(finding: Finding, budget_s: float | None, lost_s: float) -> bool:
    """Whether a look without a browser broke its budget only by as much as our own loop was late, taken together.

    What our own resolver took breaks no budget; a look that is nothing but a question to a resolver measures that.
    """
    lookup_s = finding.phases.get("dns", 0.0) if len(finding.phases) > 1 else 0.0
    took_s = finding.duration_s - lookup_s
    return finding.verdict is Verdict.SLOW and budget_s is not None and budget_s < took_s <= budget_s + lost_s
