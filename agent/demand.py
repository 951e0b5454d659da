"""What a schedule asks of this machine and what the machine has: browser-seconds a minute, told before it is late."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from agent.headroom import width
from agent.kernel import Kernel
from checks.config import AnyCheck, Config, Target
from checks.model import BrowserCheck
from checks.run import Run
from store.protocol import Store

USED_AT_MOST = 0.8
"""Share of a place's time that slots may take: the rest is for second attempts, audits, and browsers that start."""

TIGHT_ABOVE = 0.75
"""Share of what is carried above which a schedule is called tight."""

_START_S = 0.5
_STEP_S = 0.3  # as walks of the practice province take; rather too little, for nothing is to be refused for a guess
_MINUTE_S = 60.0
_ASKED_RUNS = 9
_NAMED = 3


class Fit(StrEnum):
    """How a schedule fits the machine."""

    WELL = "fits"
    TIGHT = "tight"
    NOT = "too much"


@dataclass(frozen=True, slots=True)
class Need:
    """What one check's walks need: how long a place is taken, how often, and whether results tell so or a guess."""

    check: str
    walk_s: float
    every_s: float
    known: bool

    @property
    def per_minute_s(self) -> float:
        """Browser-seconds a minute."""
        return self.walk_s / self.every_s * _MINUTE_S


@dataclass(frozen=True, slots=True)
class Statement:
    """A schedule beside a machine that walks `width` at once on `cores`."""

    needs: tuple[Need, ...]
    width: int
    cores: float

    @property
    def needed_s(self) -> float:
        """Browser-seconds a minute that the schedule needs."""
        return sum(need.per_minute_s for need in self.needs)

    @property
    def carried_s(self) -> float:
        """Browser-seconds a minute that the machine has for it."""
        return self.width * _MINUTE_S * USED_AT_MOST

    @property
    def fit(self) -> Fit:
        """How it fits."""
        if self.needed_s > self.carried_s:
            return Fit.NOT
        return Fit.TIGHT if self.needed_s > self.carried_s * TIGHT_ABOVE else Fit.WELL

    @property
    def heaviest(self) -> tuple[Need, ...]:
        """The checks that need most, most first."""
        return tuple(sorted(self.needs, key=lambda need: (-need.per_minute_s, need.check))[:_NAMED])

    def __str__(self) -> str:
        """Say it in one line."""
        guessed = sum(not need.known for need in self.needs)
        basis = f", {guessed} of {len(self.needs)} durations guessed from the number of steps" if guessed else ""
        walks = "walk" if self.width == 1 else "walks"
        return (
            f"this schedule needs {self.needed_s:.1f} browser-seconds per minute, this machine has "
            f"{self.carried_s:.1f} ({self.width} {walks} at once on {self.cores:g} cores{basis})"
        )

    def warning(self) -> str | None:
        """Say what is wrong with a schedule that does not fit well; None when it does."""
        return None if self.fit is Fit.WELL else f"{self}: {self.fit.value}; {self.advice()}"

    def advice(self) -> str:
        """Say what can be done about one that does not fit well."""
        most = ", ".join(f"{need.check} ({need.walk_s:.1f} s every {need.every_s:g} s)" for need in self.heaviest)
        return f"walk less often or use more cores; most is needed by {most}"


def walks_of(config: Config) -> list[Target[BrowserCheck]]:
    """Return the enabled checks that walk."""
    return [
        target  # type: ignore[misc]  # the condition narrows the check, not the target
        for target in config.targets.values()
        if isinstance(target.check, BrowserCheck) and target.check.enabled
    ]


def guess_s(target: Target[BrowserCheck]) -> float:
    """Return how long a walk may take that nobody has seen yet."""
    visits = 2 if target.check.cache == "warm" else 1
    return min(target.check.deadline, _START_S + _STEP_S * (len(target.steps) * visits + len(target.always)))


def seen_s(runs: Iterable[Run]) -> float | None:
    """Return how long walks took a place, in the middle; None without a good one.

    Only good ones count: while a service is down its walks take all of their time, and that is not the schedule's.
    """
    spans = [(run.finished_at - run.started_at).total_seconds() for run in runs if run.good]
    return median(spans) if spans else None


def stated(config: Config, cores: float, seen: Mapping[str, float]) -> Statement:
    """Return what a configuration asks of so many cores; `seen` holds how long a check's walks took, where known."""
    needs = []
    for target in walks_of(config):
        name = target.check.id
        needs.append(Need(name, seen.get(name, guess_s(target)), target.check.every, name in seen))
    return Statement(tuple(needs), width(config.settings.browser, cores), cores)


def stated_here(config: Config) -> Statement:
    """Return what a configuration asks of the machine this runs on, guessed without any results."""
    return stated(config, Kernel().cores(), {})


async def weigh(config: Config, store: Store, cores: float) -> Statement:
    """Return what a configuration asks of so many cores, by the results in the store. Raises StoreError."""
    seen = {}
    for target in walks_of(config):
        span_s = seen_s(await store.recent(target.check.id, _ASKED_RUNS))
        if span_s is not None:
            seen[target.check.id] = span_s
    return stated(config, cores, seen)


def light_per_minute(targets: Iterable[Target[AnyCheck]]) -> float:
    """Return how many http, tls, dns and tcp checks fall due in a minute."""
    return sum(
        _MINUTE_S / target.check.every
        for target in targets
        if target.check.enabled and not isinstance(target.check, BrowserCheck)
    )
