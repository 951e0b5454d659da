"""The agent watching itself while it watches others: its own slowness must not become their slowness."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from agent.clock import SystemClock
from checks.run import AGENT, Finding, Health, Reason, Verdict

LAG_LIMIT_S = 0.25
PRESSURE_LIMIT = 0.80
MEMORY_LIMIT_BYTES = 200_000_000
_SAMPLE_EVERY_S = 0.25
_KEPT_SAMPLES = 4 * 600  # ten minutes: longer than any deadline


@dataclass(slots=True)
class HealthWatch:
    """Samples the event loop's lag and answers how the agent was since a given moment."""

    clock: SystemClock
    _lags: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=_KEPT_SAMPLES))

    async def run(self) -> None:
        """Sample until cancelled."""
        while True:
            before = self.clock.monotonic()
            await asyncio.sleep(_SAMPLE_EVERY_S)
            now = self.clock.monotonic()
            self._lags.append((now, max(0.0, now - before - _SAMPLE_EVERY_S)))

    def loop_lag_s(self, since: float) -> float:
        """Return the worst lag sampled since a monotonic moment, in seconds."""
        return max((lag for at, lag in self._lags if at >= since), default=0.0)

    def since(self, started: float, browser: str | None = None) -> Health:
        """Return the agent's health over the span from the monotonic moment `started` until now."""
        lag = self.loop_lag_s(started)
        pressure = cpu_pressure()
        memory = psutil.virtual_memory().available
        return Health(
            degraded=lag > LAG_LIMIT_S or (pressure or 0.0) > PRESSURE_LIMIT or memory < MEMORY_LIMIT_BYTES,
            loop_lag_s=round(lag, 4),
            load_1m=round(psutil.getloadavg()[0], 2),
            cpu_pressure=pressure,
            memory_free_bytes=memory,
            browser=browser,
        )


def cpu_pressure(path: Path = Path("/proc/pressure/cpu")) -> float | None:
    """Return the share of the last ten seconds in which some task waited for a core; None if not told."""
    try:
        first = path.read_text(encoding="ascii").splitlines()[0]
        return float(first.split("avg10=")[1].split()[0]) / 100
    except (OSError, IndexError, ValueError):
        return None


def judged(finding: Finding, health: Health) -> Finding:
    """Return what a finding is worth given the agent's health: a starved agent accuses nobody.

    A slow walk of a degraded agent counts as reached (ok) and is marked by its health; a failed one is
    inconclusive.
    """
    if not health.degraded:
        return finding
    if finding.verdict is Verdict.SLOW:
        return finding.evolve(verdict=Verdict.OK, blame="none", reason=None)
    if finding.verdict is Verdict.FAILED:
        return finding.evolve(verdict=Verdict.INCONCLUSIVE, blame=AGENT, reason=Reason.AGENT_OVERLOAD)
    return finding
