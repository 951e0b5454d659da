"""What the rule about addresses costs a walk: five pages with and without the gate, turn by turn in one browser."""

import asyncio
import os
import statistics
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from playwright.async_api import CDPSession

from bench.figure import Figure
from bench.portal import portal
from checks.model import BrowserSettings
from checks.owners import HostOwners
from probes.browser import Chromium
from probes.browser.gate import Gate

ROUNDS = 30
_PAGES = 5


class Strict(Gate):
    """A gate that every line passes, as those to unlisted hosts do."""

    @property
    def bypass(self) -> str:
        """Nobody goes around it."""
        return "<-loopback>"


def measure() -> Iterator[Figure]:
    """Yield the median of five pages' time by way of keeping the rule, each beside the same walk without it."""
    with portal() as host:
        spans = asyncio.run(_interleaved(host))
    bare = statistics.median(spans.pop("bare"))
    for what, taken in spans.items():
        yield Figure(f"five pages, {what}", statistics.median(taken) * 1000, "ms", bare * 1000, "the same without")


async def _interleaved(host: str) -> dict[str, list[float]]:
    listed = HostOwners({host: "system:cong"})
    settings = BrowserSettings(sandbox=os.geteuid() != 0)
    spans: dict[str, list[float]] = {}
    async with Chromium(settings, "bench") as plain, Chromium(settings, "bench") as paused:
        walks = (
            _Way("bare", plain, None),
            _Way("the gate there, their host listed", plain, Gate(listed)),
            _Way("all of them through the gate", plain, Strict(listed)),
            _Way("documents paused over CDP instead (not what we do)", paused, None, pausing=True),
        )
        for turn in range(ROUNDS):
            for way in walks if turn % 2 else reversed(walks):
                span_s = await way.walk(f"http://{host}")
                if turn > 1:  # the first rounds warm the browser and the portal
                    spans.setdefault(way.name, []).append(span_s)
    return {way.name: spans[way.name] for way in walks}


@dataclass(slots=True)
class _Way:
    name: str
    chromium: Chromium
    gate: Gate | None
    pausing: bool = False

    async def walk(self, url: str) -> float:
        if self.gate is None:
            return await self._walk(url)
        async with self.gate:
            return await self._walk(url)

    async def _walk(self, url: str) -> float:
        async with self.chromium.context("desktop", gate=self.gate) as walk:
            page = await walk.context.new_page()
            async with _paused(await walk.browser.new_browser_cdp_session() if self.pausing else None):
                began = time.perf_counter()
                await page.goto(f"{url}/0")
                for number in range(1, _PAGES):
                    await page.get_by_role("link").click()
                    await page.wait_for_url(f"{url}/{number}", wait_until="load")
                return time.perf_counter() - began


@asynccontextmanager
async def _paused(session: CDPSession | None) -> AsyncIterator[None]:
    """Have every document wait for our word, as a rule kept by pausing would."""
    if session is None:
        yield
        return
    answers: set[asyncio.Task[Any]] = set()

    def let_go(event: dict[str, Any]) -> None:
        answer = asyncio.ensure_future(session.send("Fetch.continueRequest", {"requestId": event["requestId"]}))
        answers.add(answer)
        answer.add_done_callback(answers.discard)

    session.on("Fetch.requestPaused", let_go)
    await session.send("Fetch.enable", {"patterns": [{"urlPattern": "*", "resourceType": "Document"}]})
    try:
        yield
    finally:
        await session.send("Fetch.disable")
        await session.detach()
