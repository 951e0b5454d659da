"""What observing costs: the first five steps of a shipped walk, with everything observed and with nothing.

Without means: nobody listens to requests and console, no screen is read out, and the page script keeps only what
waiting and the guard need. The two take turns in the same browser.
"""

import asyncio
import os
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from typing import cast

from playwright.async_api import BrowserContext

from bench.figure import Figure
from bench.province import ROOT, province
from checks.config import Target
from checks.load import load
from checks.model import BrowserCheck, BrowserSettings
from checks.secrets import Secrets
from probes.browser import BrowserProbe, Chromium
from probes.browser.chromium import page_script
from probes.browser.gate import Gate
from probes.browser.guard import PAGE_PATTERNS, Guard
from probes.browser.stage import Stage
from probes.browser.tally import Tally
from probes.browser.traffic import Traffic
from probes.browser.walker import Walk, Walked
from probes.browser.watch import Watch

BOUND = 1.03
CHECK = "khai-sinh"
STEPS = 5
_TURNS = 60
_WARM = 2
# Parts of page.js that only observe, and what stands for them.
_BLINDED = {
    "const census = ": "const census = () => ({}), unused1 = ",
    "const survey = ": "const survey = () => ({}), unused2 = ",
    "const watch = ": "const watch = () => {}, unused3 = ",
}


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds of one walk: of its steps, as measured, and of everything with the context around it."""

    steps_s: float
    all_s: float


class Deaf(Traffic):
    """Hears of no request."""

    def attach(self, context: BrowserContext) -> None:
        """Listen to nothing."""


class Quiet(Watch):
    """Hears of tabs and dialogs only, which a walk needs."""

    def attach(self, context: BrowserContext) -> None:
        """Listen to what the walk itself needs."""
        context.on("page", self._opened)
        context.on("dialog", self._asked)


class Blind(Walk):
    """Walks without reading out a screen."""

    async def _observe(self, walked: Walked, *, last: bool) -> None:
        """Look at nothing."""


def measure() -> Iterator[Figure]:
    """Yield the median time of the steps, and of the whole walk, with and without observing."""
    with province():
        observed, blind = asyncio.run(_take_turns())
    steps, bare = statistics.median(t.steps_s for t in observed), statistics.median(t.steps_s for t in blind)
    yield Figure("steps of a walk of five pages, everything observed", steps, "s", bare, "nothing observed")
    yield Figure("the same, as ratio", steps / bare, "x", BOUND, "the bound")
    whole, rest = statistics.median(t.all_s for t in observed), statistics.median(t.all_s for t in blind)
    yield Figure("that walk with its context, reading out screens included", whole, "s", rest, "nothing observed")


async def _take_turns() -> tuple[list[Took], list[Took]]:
    config = load(ROOT / "checks.yaml")
    whole = cast("Target[BrowserCheck]", config.targets[CHECK])
    target = replace(whole, steps=whole.steps[:STEPS])
    settings = BrowserSettings(sandbox=os.geteuid() != 0)
    async with Chromium(settings, config.user_agent) as chromium:
        probe = BrowserProbe(chromium, Secrets(os.environ, ROOT), sign_on=())
        observed, blind = [], []
        for _ in range(_WARM + _TURNS):
            observed.append(await _timed(lambda: _observed(probe, target)))
            blind.append(await _timed(lambda: _blind(probe, target)))
    return observed[_WARM:], blind[_WARM:]


async def _timed(walk: Callable[[], Awaitable[float]]) -> Took:
    began = time.perf_counter()
    steps_s = await walk()
    return Took(steps_s, time.perf_counter() - began)


async def _observed(probe: BrowserProbe, target: Target[BrowserCheck]) -> float:
    found = await probe.run(target)
    assert found.good, found.message  # noqa: S101 -- a failed walk measures nothing
    return found.duration_s


async def _blind(probe: BrowserProbe, target: Target[BrowserCheck]) -> float:
    clock, secrets = probe.clock, probe.secrets
    async with (
        Gate(target.owners, probe.lookup) as gate,
        probe.chromium.context(target.check.device, gate=gate) as context,
    ):
        tally, traffic = Tally(), Deaf(target.owners, clock, gate)
        watch = Quiet(tally, secrets, context.token)
        stage = Stage(context, target, secrets, clock, traffic, watch, tally, probe.wall, probe.folder)
        walk = Blind(stage, Guard(target, probe.sign_on, secrets.redact), clock() + target.check.deadline)
        watch.answer, watch.refused = walk.asked, walk.refused
        watch.attach(context.context)
        await context.context.add_init_script(_blinded(page_script(context.key, context.token, PAGE_PATTERNS)))
        walked = await walk.go()
    assert walked[-1].failure is None, walked[-1].failure  # noqa: S101 -- as above
    return walked[-1].goal - walked[0].began


def _blinded(script: str) -> str:
    for part, instead in _BLINDED.items():
        if script.count(part) != 1:
            raise ValueError(f"page.js has no {part!r} any more")
        script = script.replace(part, instead)
    return script
