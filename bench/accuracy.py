"""How far reported step times are from the true ones, alone and with more work offered than the machine can do.

The walks go through the agent's own runner, with its lanes and its admission; the truth is told by the page itself (see
`bench.stopwatch`). Plain Playwright walks the same pages, as many at once as are offered, since nobody holds it back.
"""

import asyncio
import random
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import Browser, async_playwright, expect

from bench.figure import Figure
from bench.scene import Line, line, sandboxed, written
from bench.stopwatch import STEPS, Truth, stopwatch, truths
from checks.run import Run, Verdict
from probes.browser.chromium import SCREENS
from probes.browser.find import find_browser

ALONE = 0.0
LOADS = (ALONE, 1.0, 2.0, 4.0)
"""Walks offered, as multiples of what the machine does; alone is one after the other, without a queue."""
SPAN_S = 150.0
_CHECKS = 60
_WALK_S = 5.0
"""About what one walk takes, waits included."""
_SLACK_S = 0.5
_JOURNEY = """\
journeys:
  - id: cham
    title: Chậm
    parameters: {dau: {description: Trang đầu}}
    steps:
      - {name: "0", do: [goto: "${dau}"], until: {text: xong 0}}
      - {name: "1", do: [click: {role: button, name: Bấm 1}], until: {text: xong 1}}
      - {name: "2", do: [click: {role: button, name: Bấm 2}], until: {visible: {text: xong 2}}}
      - {name: "3", do: [click: {role: button, name: Bấm 3}], until: {text: xong 3}}
      - {name: "4", do: [click: {role: button, name: Bấm 4}], until: {text: xong 4}}
      - {name: "5", do: [click: {role: link, name: Bấm 5}], until: {visible: {role: heading, name: xong 5}}}
"""


def bound_s(true_s: float, load: float) -> float:
    """Return how far a reported time may be from the true one: at most this for 95 of 100."""
    return max(0.015, 0.03 * true_s) if load == ALONE else max(0.025, 0.05 * true_s)


@dataclass(frozen=True, slots=True)
class Reading:
    """One step as it was reported beside what it was."""

    step: int
    reported_s: float
    true_s: float

    @property
    def error_s(self) -> float:
        """Reported less true."""
        return self.reported_s - self.true_s


@dataclass(slots=True)
class Found:
    """What walks of one kind at one load brought."""

    readings: list[Reading] = field(default_factory=list)
    walks: int = 0
    accepted: int = 0
    wrong: int = 0

    def error_s(self, share: float) -> float:
        """Return the size of error that `share` of the readings do not exceed, in seconds."""
        return percentile([abs(one.error_s) for one in self.readings], share)

    def of_bound(self, load: float) -> float:
        """Return what 95 of 100 readings do not exceed, as a multiple of what they may."""
        return percentile([abs(one.error_s) / bound_s(one.true_s, load) for one in self.readings], 0.95)


def measure() -> Iterator[Figure]:
    """Yield the error of reported step times at each load, ours and plain Playwright's."""
    with stopwatch() as host:
        for load in LOADS:
            said, ours = f"{load:g} x offered" if load else "alone", asyncio.run(_ours(host, load, SPAN_S))
            yield from _figures(said, ours, load)
            yield Figure(f"{said}, walks accepted", ours.accepted, "", ours.walks, "walks begun")
            yield Figure(f"{said}, false slow or failed", ours.wrong, "", ours.walks, "walks begun")
            beyond = sum(one.error_s > bound_s(one.true_s, load) for one in ours.readings)
            yield Figure(f"{said}, beyond its true time and the bound", beyond, "", len(ours.readings), "steps")
        for at_once in (1, 4):
            plain = asyncio.run(_plainly(host, at_once, SPAN_S / 2))
            yield from _figures(f"plain Playwright, {at_once} at once", plain, ALONE if at_once == 1 else at_once)


def _figures(said: str, found: Found, load: float) -> Iterator[Figure]:
    bound_ms = 1000 * bound_s(0.0, load)
    for share in (0.5, 0.95, 1.0):
        yield Figure(
            f"{said}, |error| p{100 * share:.0f}", 1000 * found.error_s(share), "ms", bound_ms, "the least bound"
        )
    yield Figure(f"{said}, p95 of |error| / bound of its step", found.of_bound(load), "x", 1.0, "the bound")


def percentile(values: Iterable[float], share: float) -> float:
    """Return the least value that `share` of all do not exceed; not a number without values."""
    ordered = sorted(values)
    return ordered[max(0, round(share * len(ordered) + 0.499999) - 1)] if ordered else float("nan")


# -- ours


async def _ours(host: str, load: float, span_s: float) -> Found:
    with tempfile.TemporaryDirectory() as folder:
        listed = [
            f'id: cham-{n}, type: browser, system: may, journey: cham, with: {{dau: "http://{host}/first/cham-{n}"}}, '
            "budget: 20s, step_budget: 3s"
            for n in range(_CHECKS)
        ]
        path = written(Path(folder), host, listed, journeys=_JOURNEY, every="2m", deadline="40s")
        async with line(path) as agents:
            await agents.run("cham-0")  # the first walk of a browser is slower, and one of 200 in real life
            truths(host)
            runs = await _offered(agents, load, span_s)
    return compared(runs, truths(host))


async def _offered(agents: Line, load: float, span_s: float) -> list[Run]:
    """Offer walks at random moments, so many that all of them would need `load` times what the lane can do.

    Alone, each walk begins when the one before has ended.
    """
    width = agents.agent.instruments.lanes["browser"].width
    loop = asyncio.get_running_loop()
    ends_at, walks, number = loop.time() + span_s, set[asyncio.Task[Run]](), 0
    while loop.time() < ends_at:
        walk = asyncio.create_task(_one(agents, f"cham-{number % _CHECKS}"))
        walks.add(walk)
        number += 1
        if load == ALONE:
            await walk
        else:
            await asyncio.sleep(random.expovariate(load * width / _WALK_S))
    done, late = await asyncio.wait(walks, timeout=2 * _WALK_S)
    for walk in late:
        walk.cancel()
    await asyncio.wait(walks)
    return [walk.result() for walk in done]


async def _one(agents: Line, check: str) -> Run:
    return (await agents.run(check)).run


def compared(runs: Iterable[Run], told: Iterable[Truth]) -> Found:
    """Hold each accepted run against the visit that the page has told of."""
    visits: dict[str, dict[int, Truth]] = {}
    for one in told:
        visits.setdefault(one.visit, {})[one.step] = one
    found = Found()
    for run in runs:
        if run.verdict is Verdict.SKIPPED:
            continue
        found.walks += 1
        found.wrong += run.verdict in (Verdict.SLOW, Verdict.FAILED)
        if run.good and not run.health.degraded:
            found.accepted += 1
            found.readings += _readings(run, visits)
    return found


def _readings(run: Run, visits: dict[str, dict[int, Truth]]) -> Iterator[Reading]:
    began_s, ended_s = run.started_at.timestamp() - _SLACK_S, run.finished_at.timestamp() + _SLACK_S
    for visit, steps in visits.items():
        if visit.partition(".")[0] == run.check and all(began_s < one.began_s < ended_s for one in steps.values()):
            for number, truth in steps.items():
                yield Reading(number, run.steps[number].duration_s, truth.span_s)


# -- plain Playwright


async def _plainly(host: str, at_once: int, span_s: float) -> Found:
    """Walk so many at once as are offered, each on and on."""
    found, spans = Found(), dict[str, list[float]]()
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=find_browser().path, chromium_sandbox=sandboxed())
        ends_at = time.monotonic() + span_s

        async def walk_on(name: str) -> None:
            number = 0
            while time.monotonic() < ends_at:
                spans[f"{name}-{number}"] = await _walk_plainly(browser, f"http://{host}/first/{name}-{number}")
                number += 1

        await asyncio.gather(*(walk_on(f"tran-{n}") for n in range(at_once)))
        await browser.close()
    for one in truths(host):
        name = one.visit.partition(".")[0]
        if name in spans:
            found.readings.append(Reading(one.step, spans[name][one.step], one.span_s))
    found.walks = found.accepted = len(spans)
    return found


async def _walk_plainly(browser: Browser, first: str) -> list[float]:
    context = await browser.new_context(**SCREENS["desktop"], locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh")
    spans: list[float] = []
    try:
        page = await context.new_page()
        for step in range(len(STEPS)):
            began = time.perf_counter()
            if step == 0:
                await page.goto(first)
            else:
                await page.get_by_role("link" if step == len(STEPS) - 1 else "button", name=f"Bấm {step}").click()
            await expect(page.get_by_text(f"xong {step}")).to_be_visible(timeout=10_000)
            spans.append(time.perf_counter() - began)
    finally:
        await context.close()
    return spans
