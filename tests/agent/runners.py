"""A runner as the agent wires it, on a machine that is well, with nobody to ask about the network."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agent.admission import Lane
from agent.clock import SystemClock
from agent.health import Condition, HealthWatch
from agent.network import NetworkGuard
from agent.politeness import Politeness
from agent.runner import Runner
from checks.model import Politeness as PoliteSettings
from probes.probe import Probe
from tests.agent.guards import unguarded


class Rested(HealthWatch):
    """An agent that is well, however busy the machine of the test is."""

    def over(self, started: float) -> Condition:
        return Condition(
            span_s=self.clock.monotonic() - started,
            loop_lag_s=0.0,
            cpu_pressure=0.0,
            memory_pressure=0.0,
            steal=0.0,
            throttled=0.0,
            memory_free_bytes=None,
            load_1m=None,
            slowdown=self.slowdown,
        )


def a_runner(
    probes: Mapping[str, Probe[Any]],
    clock: SystemClock,
    *,
    lanes: Mapping[str, Lane] | None = None,
    politeness: Politeness | None = None,
    guard: NetworkGuard | None = None,
    evidence: Path | None = None,
) -> Runner:
    """Wire a runner; lanes of nine, the usual politeness and no references unless others are given."""
    return Runner(
        probes,
        lanes if lanes is not None else {"light": Lane(9), "browser": Lane(9)},
        Rested(clock),
        clock,
        evidence,
        lambda: None,
        str,
        politeness if politeness is not None else Politeness(PoliteSettings(), clock),
        guard if guard is not None else unguarded(clock),
    )
