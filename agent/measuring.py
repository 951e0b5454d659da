"""The instruments: probes, the lanes they queue in, and the watch over the agent's own health."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.admission import Lane
from agent.audit import Auditor
from agent.clock import SystemClock
from agent.headroom import Headroom, width
from agent.health import HealthWatch
from agent.network import NetworkGuard
from agent.politeness import Politeness
from agent.runner import Runner
from checks.config import Config
from checks.run import Health
from checks.secrets import Secrets
from probes.browser.chromium import Chromium
from probes.browser.probe import BrowserProbe
from probes.dns import DnsProbe
from probes.http import HttpProbe
from probes.probe import Probe
from probes.reference import References
from probes.tcp import TcpProbe
from probes.tls import TlsProbe

_LATELY_S = 60.0
_LIGHT_PATIENCE_S = 5.0
_PACE_S = 0.5  # two samples of the machine: what the walk before takes is seen in them


@dataclass(frozen=True, slots=True)
class Instruments:
    """Everything that measures, ready to use."""

    runner: Runner
    lanes: Mapping[str, Lane]
    health: HealthWatch
    headroom: Headroom
    chromium: Chromium
    auditor: Auditor
    politeness: Politeness
    guard: NetworkGuard

    def lately(self) -> Health:
        """Return how the agent was in the last minute."""
        return self.health.since(self.health.clock.monotonic() - _LATELY_S)

    def degraded(self) -> bool:
        """Whether the agent was too slow to measure in the last minute."""
        return self.lately().degraded

    def browser_version(self) -> str | None:
        """Return what the browser says it is; None before its first launch."""
        return self.chromium.version

    def browser_launches(self) -> int:
        """Return how often a browser process was started."""
        return self.chromium.launches


@asynccontextmanager
async def instruments(
    config: Config,
    secrets: Secrets,
    clock: SystemClock,
    evidence: Path | None,
    *,
    sandbox: bool = True,
    headed: bool = False,
    pace_s: float = 0.0,
    trace: bool = False,
    asks: bool = False,
    hurry_s: float = float("inf"),
) -> AsyncIterator[Instruments]:
    """Make the probes; the browser starts with its first walk and is closed at the end.

    `evidence` is the folder for proof of failures, none is kept when None; `sandbox` False switches Chromium's own
    sandbox off whatever checks.yaml says; `pace_s` is a pause before each act, for people who watch; `trace` records
    every walk; with `asks` each step tells whether its goal was true before it began; for a person who waits,
    `hurry_s` bounds how long a walk waits for a calm machine.
    """
    settings = config.settings.browser
    folder = config.path.parent
    sign_on = [outside.id for outside in config.dependencies.values() if outside.sign_on]
    async with Chromium(
        settings.evolve(sandbox=settings.sandbox and sandbox), config.user_agent, headed=headed
    ) as chromium:
        browser = BrowserProbe(chromium, secrets, sign_on, folder, pace_s=pace_s, asks=asks)
        probes: dict[str, Probe[Any]] = {
            "http": HttpProbe(folder, secrets, config.user_agent, now=clock.now),
            "tls": TlsProbe(folder, secrets, now=clock.now),
            "dns": DnsProbe(secrets),
            "tcp": TcpProbe(secrets),
            "browser": browser,
        }
        health = HealthWatch(clock)
        headroom = Headroom(health, health.kernel.cores())
        patience_s = min(settings.patience, hurry_s)
        lanes = {
            "browser": Lane(width(settings, headroom.cores), headroom.for_walk, patience_s, pace_s=_PACE_S),
            "light": Lane(config.settings.concurrency, headroom.for_probe, _LIGHT_PATIENCE_S),
        }
        politeness = Politeness(config.settings.politeness, clock)
        references = References(config.settings.reference_targets, config.user_agent, now=clock.now)
        guard = NetworkGuard(references, clock)
        runner = Runner(
            probes, lanes, health, clock, evidence, lambda: chromium.version, secrets.redact, politeness, guard, trace
        )
        try:
            yield Instruments(runner, lanes, health, headroom, chromium, browser, politeness, guard)
        finally:
            references.close()
