"""Whether one more can be measured truly just now: what is left of the machine, not who uses it."""

from dataclasses import dataclass
from enum import StrEnum

from agent.health import MEMORY_LIMIT_BYTES, THROTTLED_LIMIT, HealthWatch
from checks.model import BrowserSettings

CORES_A_WALK = 2
"""One journey at a time per two cores measures truly (docs/benchmarks.md); more at once measures the queue."""

WALK_BYTES = 250_000_000
"""Measured: a walk of five plain pages takes 130 MB beside the resting browser, a browser's start 180 MB."""

FREE_CORES = 1.2
"""Measured: a walk uses one core on average; the machine is as idle as before a quarter of a second after its end."""

PRESSURE = 0.4
LAG_S = 0.1
LOAD_A_CORE = 1.0

_LOOKED_BACK_S = 0.5  # a walk of ours that ended longer ago has left nothing behind
_TOO_OLD_S = 2.0


class Shortage(StrEnum):
    """What is missing for one more. Without memory nothing starts; the rest is waited for, not for ever."""

    MEMORY = "memory"
    CORES = "cores"
    PRESSURE = "pressure"
    LOAD = "load"
    LAG = "lag"


@dataclass(frozen=True, slots=True)
class Left:
    """What this machine had left in the last moment; None where nobody can tell."""

    idle_cores: float | None
    cpu_pressure: float | None
    throttled: float | None
    load_1m: float | None
    memory_free_bytes: int | None
    loop_lag_s: float


def width(settings: BrowserSettings, cores: float) -> int:
    """Return how many walks may be measured at once on so many cores; the settings can only lower it."""
    carried = max(1, int(cores / CORES_A_WALK))
    return carried if settings.concurrency is None else min(settings.concurrency, carried)


def short_for_walk(left: Left, cores: float) -> Shortage | None:
    """Return what is missing for a walk.

    What other walks of ours take is not idle either. The load, which forgets slowly, is asked only where the kernel
    tells no pressure.
    """
    if left.memory_free_bytes is not None and left.memory_free_bytes < MEMORY_LIMIT_BYTES + WALK_BYTES:
        return Shortage.MEMORY
    if left.idle_cores is not None and left.idle_cores < min(FREE_CORES, cores * FREE_CORES / CORES_A_WALK):
        return Shortage.CORES
    if (left.throttled or 0.0) > THROTTLED_LIMIT:
        return Shortage.CORES
    if (left.cpu_pressure or 0.0) > PRESSURE:
        return Shortage.PRESSURE
    if left.cpu_pressure is None and (left.load_1m or 0.0) > LOAD_A_CORE * cores:
        return Shortage.LOAD
    return short_for_probe(left.loop_lag_s)


def short_for_probe(loop_lag_s: float) -> Shortage | None:
    """Return what is missing for a light probe: only a loop that comes in time, for a late one times itself."""
    return Shortage.LAG if loop_lag_s > LAG_S else None


@dataclass(frozen=True, slots=True)
class Headroom:
    """Judges by the samples of the health watch; knows of no shortage of cores while that does not run."""

    health: HealthWatch
    cores: float

    def for_walk(self) -> Shortage | None:
        """Return what is missing now for one more walk."""
        return short_for_walk(self.left(), self.cores)

    def for_probe(self) -> Shortage | None:
        """Return what is missing now for one more light probe."""
        return short_for_probe(self._lag_s())

    def left(self) -> Left:
        """Return what this machine has left."""
        shares, kernel = self.health.shares(_LOOKED_BACK_S), self.health.kernel
        told = 0.0 < shares.span_s < _TOO_OLD_S
        return Left(
            idle_cores=shares.idle_cores if told else None,
            cpu_pressure=shares.cpu_pressure if told else None,
            throttled=shares.throttled if told else None,
            load_1m=kernel.load_1m() if told else None,
            memory_free_bytes=kernel.memory_free_bytes(),
            loop_lag_s=self._lag_s(),
        )

    def _lag_s(self) -> float:
        return self.health.loop_lag_s(self.health.clock.monotonic() - _LOOKED_BACK_S)
