"""The instruments: probes, the lanes they queue in, and the watch over the agent's own health."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.admission import Lane
from agent.audit import Auditor
from agent.calibration import Calibration
from agent.clock import SystemClock
from agent.headroom import Headroom, width
from agent.health import HealthWatch
from agent.network import NetworkGuard
from agent.politeness import Politeness
from agent.reference import page_digest, reference_site, reference_target
from agent.runner import Runner
from checks.config import Config
from checks.model import BrowserSettings
from checks.run import Health
from checks.secrets import Secrets
from probes.browser.chromium import Chromium
from probes.browser.probe import BrowserProbe
from probes.dns import DnsProbe
from probes.http import HttpProbe
from probes.probe import NO_PROOF, Probe
from probes.reference import References
from probes.tcp import TcpProbe
from probes.tls import TlsProbe

_LATELY_S = 60.0
_LIGHT_PATIENCE_S = 5.0
_PACE_S = 0.5  # two samples of the machine: what the walk before takes is seen in them


Probes = Mapping[str, Probe[Any]]


@dataclass(slots=True)
class Instruments:
    """Everything that measures, ready to use. `probes` makes the probes that a configuration asks for."""

    runner: Runner
    lanes: Mapping[str, Lane]
    health: HealthWatch
    headroom: Headroom
    chromium: Chromium
    politeness: Politeness
    guard: NetworkGuard
    probes: Callable[[Config], Probes]
    calibration: Calibration | None = None
    sandbox: bool = True

    @property
    def auditor(self) -> Auditor:
        """Who looks at accessibility."""
        auditor: Auditor = self.runner.probes["browser"]  # type: ignore[assignment]  # the browser probe is both
        return auditor

    def adopt(self, config: Config) -> None:
        """Measure by another configuration from now on; what is being measured ends as it began."""
        settings = config.settings
        self.runner.probes = self.probes(config)
        self.chromium.adopt(_browser(config, sandbox=self.sandbox), config.user_agent)
        self.lanes["browser"].patience_s = settings.browser.patience
        self.lanes["browser"].widen(width(settings.browser, self.headroom.cores))
        self.lanes["light"].widen(settings.concurrency)
        self.politeness.settings = settings.politeness

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
    calibrated: Path | None = None,
) -> AsyncIterator[Instruments]:
    """Make the probes; the browser starts with its first walk and is closed at the end.

    `evidence` is the folder for proof of failures, none is kept when None; `sandbox` False switches Chromium's own
    sandbox off whatever checks.yaml says; `pace_s` is a pause before each act, for people who watch; `trace` records
    every walk; with `asks` each step tells whether its goal was true before it began; for a person who waits,
    `hurry_s` bounds how long a walk waits for a calm machine; with `calibrated`, a file for the baseline, the reference
    page is walked before anybody is accused.
    """
    settings = config.settings.browser
    async with (
        Chromium(_browser(config, sandbox=sandbox), config.user_agent, headed=headed) as chromium,
        reference_site() as url,
    ):

        def probes(config: Config) -> Probes:
            return _probes(config, secrets, clock, chromium, pace_s=pace_s, asks=asks)

        health = HealthWatch(clock)
        headroom = Headroom(health, health.kernel.cores())
        patience_s = min(settings.patience, hurry_s)
        lanes = {
            "browser": Lane(width(settings, headroom.cores), headroom.for_walk, patience_s, pace_s=_PACE_S),
            "light": Lane(config.settings.concurrency, headroom.for_probe, _LIGHT_PATIENCE_S),
        }
        politeness = Politeness(config.settings.politeness, clock)
        guard = NetworkGuard(references_of(config, clock), clock)
        made = probes(config)
        runner = Runner(
            made, lanes, health, clock, evidence, lambda: chromium.version, secrets.redact, politeness, guard, trace
        )
        calibration = None
        if calibrated is not None:
            reference, processor = reference_target(url), health.kernel.processor()
            calibration = Calibration(
                lambda: runner.look(reference, NO_PROOF),
                lambda: f"{chromium.version}, {headroom.cores:g} cores, {processor}, page {page_digest()}",
                lambda: chromium.cold, lanes["browser"], health, clock, calibrated,
            )  # fmt: skip
            runner.calibration = calibration
        try:
            yield Instruments(
                runner, lanes, health, headroom, chromium, politeness, guard, probes, calibration, sandbox
            )
        finally:
            guard.references.close()


def _browser(config: Config, *, sandbox: bool) -> BrowserSettings:
    settings = config.settings.browser
    return settings.evolve(sandbox=settings.sandbox and sandbox)


def _probes(
    config: Config, secrets: Secrets, clock: SystemClock, chromium: Chromium, *, pace_s: float, asks: bool
) -> Probes:
    folder = config.path.parent
    sign_on = [outside.id for outside in config.dependencies.values() if outside.sign_on]
    return {
        "http": HttpProbe(folder, secrets, config.user_agent, now=clock.wall),
        "tls": TlsProbe(folder, secrets, now=clock.wall),
        "dns": DnsProbe(secrets),
        "tcp": TcpProbe(secrets),
        "browser": BrowserProbe(chromium, secrets, sign_on, folder, pace_s=pace_s, asks=asks),
    }


def references_of(config: Config, clock: SystemClock) -> References:
    """Return the references that a configuration names, ready to be asked."""
    return References(config.settings.reference_targets, config.user_agent, now=clock.wall)
