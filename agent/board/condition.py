"""The agent's own condition beside its limits: why a run was marked as degraded, or why not."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from agent import health as limits
from checks.run import Cause, Health

Unit = Literal["times", "seconds", "share", "bytes"]


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of a run's health, or of the agent now, and its limit; `value` is None where nobody knows.

    `is_cause` tells that it degraded the run: a lag, a slowdown or a wait for processors within its limit does when it
    alone broke a budget.
    """

    cause: Cause
    unit: Unit
    value: float | None
    limit: float
    is_cause: bool

    @property
    def least(self) -> bool:
        """Whether the limit is the least there must be, not the most."""
        return self.cause is Cause.MEMORY

    @property
    def within(self) -> bool:
        """Whether the limit itself was kept."""
        if self.value is None:
            return True
        return self.value >= self.limit if self.least else self.value <= self.limit


def readings(health: Health, always: Collection[Cause] = ()) -> tuple[Reading, ...]:
    """Return what is known of the condition, or degraded, or is named in `always`; in the order of docs/measures.md."""
    every = (
        _reading(health, Cause.LAG, "seconds", health.loop_lag_s, limits.LAG_LIMIT_S),
        _reading(health, Cause.PRESSURE, "share", health.cpu_pressure, limits.PRESSURE_LIMIT),
        _reading(health, Cause.STEAL, "share", health.steal, limits.STEAL_LIMIT),
        _reading(health, Cause.THROTTLED, "share", health.throttled, limits.THROTTLED_LIMIT),
        _reading(health, Cause.MEMORY_PRESSURE, "share", health.memory_pressure, limits.MEMORY_PRESSURE_LIMIT),
        _reading(health, Cause.MEMORY, "bytes", health.memory_free_bytes, limits.MEMORY_LIMIT_BYTES),
        _reading(health, Cause.SLOWDOWN, "times", health.slowdown, limits.SLOWDOWN_LIMIT),
    )
    return tuple(one for one in every if one.value is not None or one.is_cause or one.cause in always)


def _reading(health: Health, cause: Cause, unit: Unit, value: float | None, limit: float) -> Reading:
    return Reading(cause, unit, value, limit, cause in health.causes)
