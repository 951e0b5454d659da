"""`dvcwatch capacity`: measures for a minute what this machine really carries, and holds a schedule against it."""

import asyncio
import json
import logging
import os
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from agent import logs
from agent.clock import SystemClock
from agent.constant_site import CHECKS, constant_site
from agent.demand import USED_AT_MOST, Fit, Statement, light_per_minute, stated, weigh
from agent.errors import AgentError
from agent.headroom import width
from agent.levels import Ask, Climb, Level, climbed, unhindered
from agent.measuring import Instruments, instruments
from checks.config import Config
from checks.load import load
from checks.model import BrowserSettings
from checks.secrets import Secrets
from store.open import open_store

_SETTLE_S, _LOOK_S = 2.0, 1.0
_BUSY_CORES = 0.3
_WALK_LENGTHS_S = (2.0, 5.0, 10.0, 30.0)
_INTERVALS_S = (60, 300, 900, 3600)
_MINUTE_S = 60.0


@dataclass(frozen=True, slots=True)
class Measured:
    """What was found. `idle_cores` were left before it began: fewer than there are means that others work here."""

    cores: float
    idle_cores: float
    walks: tuple[Level, ...]
    probes: tuple[Level, ...]

    @property
    def busy(self) -> bool:
        """Whether others work on this machine, so that it was measured below its worth."""
        return self.idle_cores < self.cores - _BUSY_CORES

    @property
    def walks_at_once(self) -> int:
        """How many walks at once do not slow each other."""
        return unhindered(self.walks).at_once

    @property
    def light_per_minute(self) -> int:
        """How many http checks a minute it carries."""
        return int(unhindered(self.probes).per_minute * USED_AT_MOST)

    def held_against(self, statement: Statement) -> Statement:
        """Return a statement for what was measured: never more at once than by the number of cores."""
        return replace(statement, width=min(statement.width, self.walks_at_once))


def carried(carried_s: float, walk_s: float, every_s: float) -> int:
    """Return how many checks with walks of `walk_s` every `every_s` fit into so many browser-seconds a minute."""
    return int(carried_s / _MINUTE_S * every_s / walk_s)


def climbs(cores: float) -> tuple[Climb, Climb]:
    """Return how far walks and http checks are tried: less than a minute together, with what starts before."""
    walks = range(1, max(2, int(cores) + 1) + 1)
    return Climb("walks", walks, 7.0, 35.0), Climb("http checks", [2**n for n in range(10)], 1.5, 14.0)


async def measure_capacity(config: Config | None, store: str | None, *, sandbox: bool, as_json: bool) -> bool:
    """Measure, print, and return whether the schedule fits (True without one).

    Raises:
        AgentError: No walk of our own pages comes to its end here.
        StoreError: The store cannot be read.
    """
    console = Console(stderr=True)
    logs.configure(level=logging.ERROR)
    console.print("measuring for about a minute; nothing else should work on this machine meanwhile")
    found = await measured(lambda line: console.print(line, highlight=False), climbs, sandbox=sandbox)
    own = stated(config, found.cores, {}) if config is not None else None
    if config is not None and store is not None:
        own = await _weighed(config, store, found.cores)
    if as_json:
        print(json.dumps(_as_json(found, own, config), ensure_ascii=False, indent=2))
    else:
        print("\n".join(lines(found, own, config)))
    return own is None or found.held_against(own).fit is not Fit.NOT


async def _weighed(config: Config, url: str, cores: float) -> Statement:
    store = await open_store(url)
    try:
        return await weigh(config, store, cores)
    finally:
        await store.close()


async def measured(
    tell: Callable[[str], None], wanted: Callable[[float], tuple[Climb, Climb]], *, sandbox: bool
) -> Measured:
    """Measure walks and http checks of our own pages, as far as `wanted` of so many cores; `tell` hears how it goes.

    Raises:
        AgentError: They do not come to their end here.
    """
    with tempfile.TemporaryDirectory() as folder:
        async with constant_site() as url:
            path = Path(folder) / "checks.yaml"
            host = url.removeprefix("http://")
            path.write_text(CHECKS.format(url=url, host=host, sandbox=str(sandbox).lower()), encoding="utf-8")
            config = load(path)
            async with instruments(config, Secrets(os.environ, path.parent), SystemClock(), None) as tools:
                watch = asyncio.create_task(tools.health.run(), name="health")
                try:
                    return await _stages(config, tools, wanted(tools.headroom.cores), tell)
                finally:
                    watch.cancel()


async def _stages(
    config: Config, tools: Instruments, wanted: tuple[Climb, Climb], tell: Callable[[str], None]
) -> Measured:
    await asyncio.sleep(_SETTLE_S)  # our own start is over then
    cores, idle_cores = tools.headroom.cores, tools.health.shares(_LOOK_S).idle_cores
    found = []
    for climb, check in zip(wanted, ("di", "hoi"), strict=True):
        ask = _asking(config, tools, check)
        await ask()  # the browser starts, and everything is read from the disk once
        found.append(await climbed(climb, ask, tell))
    return Measured(cores, idle_cores if idle_cores is not None else cores, *found)


def _asking(config: Config, tools: Instruments, check: str) -> Ask:
    target = config.targets[check]
    probe = tools.runner.probes[target.check.type]

    async def ask() -> float:
        finding = await probe.run(target)
        if not finding.good:
            raise AgentError(f"this machine cannot measure its own pages: {finding.message}; see dvcwatch doctor")
        return finding.duration_s

    return ask


# -- telling it


def lines(found: Measured, own: Statement | None, config: Config | None) -> Iterable[str]:
    """Tell what was found, and how `own`, the statement of `config`, fits it, line by line."""
    empty = found.held_against(Statement((), width(BrowserSettings(), found.cores), found.cores))
    if found.busy:
        yield f"busy: {found.idle_cores:.1f} of {found.cores:g} cores were idle; measure again when it is calm"
    yield (
        f"{found.cores:g} cores: {found.walks_at_once} walks at once do not slow each other, "
        f"the agent makes {empty.width} at a time: {empty.carried_s:.0f} browser-seconds per minute"
    )
    walk = found.walks[0]
    yield f"a walk of three plain pages keeps its place for {walk.place_s:.1f} s ({walk.took_s:.1f} s of it are timed)"
    for walk_s in _WALK_LENGTHS_S:
        fits = ", ".join(f"{carried(empty.carried_s, walk_s, every)} every {_spoken(every)}" for every in _INTERVALS_S)
        yield f"  walks of {walk_s:g} s: {fits}"
    yield f"  http checks beside them: {found.light_per_minute} per minute"
    if own is not None and config is not None:
        held = found.held_against(own)
        light = light_per_minute(config.targets.values())
        yield f"{config.path}: {held}: {held.fit.value}" + ("" if held.fit is Fit.WELL else f"; {held.advice()}")
        fits_light = "fits" if light <= found.light_per_minute else "too much"
        yield f"{config.path}: {light:.0f} light checks per minute: {fits_light}"


def _spoken(every_s: int) -> str:
    return f"{every_s // 3600} h" if every_s % 3600 == 0 else f"{every_s // 60} min"


def _as_json(found: Measured, own: Statement | None, config: Config | None) -> dict[str, object]:
    held = found.held_against(own) if own is not None else None
    return {
        "cores": found.cores,
        "idle_cores_before": round(found.idle_cores, 2),
        "busy": found.busy,
        "walks": [_level_json(level) for level in found.walks],
        "http": [_level_json(level) for level in found.probes],
        "walks_at_once": found.walks_at_once,
        "http_per_minute": found.light_per_minute,
        "schedule": None
        if held is None or config is None
        else {
            "needed_s_per_minute": round(held.needed_s, 2),
            "carried_s_per_minute": round(held.carried_s, 2),
            "walks_at_once": held.width,
            "light_per_minute": round(light_per_minute(config.targets.values()), 1),
            "fit": held.fit.value,
        },
    }


def _level_json(level: Level) -> dict[str, float]:
    return {
        "at_once": level.at_once,
        "took_s": round(level.took_s, 4),
        "place_s": round(level.place_s, 4),
        "per_minute": round(level.per_minute, 1),
    }
