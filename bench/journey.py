"""Our walk beside plain Playwright: the same five pages of the practice province, the same browser.

`python -m bench.journey ENGINE WALKS [AT_ONCE]` is one worker: it walks and prints what came of it. Processor time is
that of the worker and of all processes it started (driver, browser, renderers), as the kernel counts at their end.
"""

import asyncio
import json
import logging
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from playwright.async_api import Page, async_playwright, expect

from agent import logs
from bench.figure import Figure
from bench.province import ROOT, province
from checks.config import Target
from checks.load import load
from checks.model import BrowserCheck, BrowserSettings
from checks.secrets import Secrets
from probes.browser import BrowserProbe, Chromium
from probes.browser.chromium import SCREENS
from probes.browser.find import find_browser
from probes.browser.generation import FLAGS

BOUND_TIME = 1.03
BOUND_CPU = 1.10
CHECK = "khai-sinh"
PAGES = 5
_ROUNDS = 3
_WALKS = 12
Walk = Callable[[], Awaitable[float]]


@dataclass(frozen=True, slots=True)
class Batch:
    """What one worker brought back.

    `spans` are the seconds of each walk, as measured; `wall_s` is how long all but the first of each lane took, with
    their contexts, `cpu_s` the processor time of everything, the start included.
    """

    spans: list[float]
    wall_s: float
    cpu_s: float


def measure() -> Iterator[Figure]:
    """Yield the median time of a walk and its processor time, ours beside plain Playwright's."""
    with province():
        rounds = [{engine: batch(engine, _WALKS) for engine in _SHOWN} for _ in range(_ROUNDS)]
        starts = {engine: min(batch(engine, 1).cpu_s for _ in range(2)) for engine in _SHOWN}
    spans = {engine: statistics.median([s for one in rounds for s in one[engine].spans]) for engine in _SHOWN}
    spent = {
        engine: statistics.median([(one[engine].cpu_s - starts[engine]) / (_WALKS - 1) for one in rounds])
        for engine in _SHOWN
    }
    for what, found, bound in (("median time", spans, BOUND_TIME), ("processor time", spent, BOUND_CPU)):
        for plain, said in (("plain", "plain Playwright"), ("flags", "plain Playwright with our launch flags")):
            yield Figure(f"walk of five pages, {what}", found["ours"], "s", found[plain], said)
        yield Figure(f"{what}, ours over plain Playwright's", found["ours"] / found["plain"], "x", bound, "the bound")


# -- the engines


@asynccontextmanager
async def _ours() -> AsyncIterator[Walk]:
    config = load(ROOT / "checks.yaml")
    target = config.targets[CHECK]
    assert isinstance(target.check, BrowserCheck)  # noqa: S101 -- as shipped
    walked = Target(target.check, target.system, target.agency, target.service, target.steps[:PAGES], target.owners)
    secrets = Secrets(os.environ, ROOT)
    async with Chromium(BrowserSettings(sandbox=_sandboxed()), config.user_agent) as chromium:
        probe = BrowserProbe(chromium, secrets, sign_on=())

        async def walk() -> float:
            found = await probe.run(walked)
            assert found.good, found.message  # noqa: S101 -- a failed walk measures nothing
            return found.duration_s

        yield walk


@asynccontextmanager
async def _plain(flags: tuple[str, ...] = ()) -> AsyncIterator[Walk]:
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(
            executable_path=find_browser().path, chromium_sandbox=_sandboxed(), args=list(flags)
        )

        async def walk() -> float:
            context = await browser.new_context(**SCREENS["desktop"], locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh")
            try:
                return await _walk_plainly(await context.new_page())
            finally:
                await context.close()

        yield walk
        await browser.close()


@asynccontextmanager
async def _afresh() -> AsyncIterator[Walk]:
    async with async_playwright() as driver:

        async def walk() -> float:
            browser = await driver.chromium.launch(executable_path=find_browser().path, chromium_sandbox=_sandboxed())
            try:
                context = await browser.new_context(**SCREENS["desktop"], locale="vi-VN")
                return await _walk_plainly(await context.new_page())
            finally:
                await browser.close()

        yield walk


async def _walk_plainly(page: Page) -> float:
    """The first five steps of the shipped walk, as anybody would write them with Playwright."""
    service, began = "Đăng ký khai sinh", time.perf_counter()
    await page.goto("http://127.0.0.1:9471/")
    await expect(page.get_by_role("heading", name="Dịch vụ công trực tuyến")).to_be_visible()
    await page.get_by_label("Tìm thủ tục hành chính").fill(service)
    await page.get_by_role("button", name="Tìm kiếm").click()
    await expect(page.get_by_text("thủ tục với từ khóa")).to_be_visible()
    await page.get_by_role("link", name=service, exact=True).click()
    online = page.get_by_role("link", name="Nộp trực tuyến")
    await expect(online).to_be_visible()
    await online.click()
    await page.get_by_label("Cơ quan tiếp nhận").select_option("UBND phường An Thịnh")
    await page.get_by_role("radio", name="Đăng ký khai sinh đúng hạn").check()
    await page.get_by_role("button", name="Tiếp tục").click()
    await expect(page.get_by_role("heading", name="Đăng nhập để nộp hồ sơ")).to_be_visible()
    await page.get_by_role("link", name="Đăng nhập bằng tài khoản định danh").click()
    await expect(page.get_by_role("heading", name="Đăng nhập tài khoản định danh")).to_be_visible()
    return time.perf_counter() - began


Engine = Callable[[], AbstractAsyncContextManager[Walk]]
ENGINES: dict[str, Engine] = {"ours": _ours, "plain": _plain, "flags": partial(_plain, FLAGS), "afresh": _afresh}
_SHOWN = ("ours", "plain", "flags")


def _sandboxed() -> bool:
    return os.geteuid() != 0


# -- running them


def batch(engine: str, walks: int, at_once: int = 1) -> Batch:
    """Have a worker walk `walks` times, so many `at_once`."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = (sys.executable, "-m", "bench.journey", engine, str(walks), str(at_once))
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spans, wall_s = json.loads(done.stdout)
    return Batch(spans, wall_s, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


async def _work(engine: str, walks: int, at_once: int) -> tuple[list[float], float]:
    async with ENGINES[engine]() as walk:
        spans = list(await asyncio.gather(*(walk() for _ in range(at_once))))
        began, left = time.perf_counter(), iter(range(walks - at_once))

        async def lane() -> None:
            for _ in left:  # shared: each walk is done by whoever is free
                spans.append(await walk())  # noqa: PERF401 -- not after each other

        await asyncio.gather(*(lane() for _ in range(at_once)))
        return spans, time.perf_counter() - began


if __name__ == "__main__":
    logs.configure(sys.stderr, level=logging.ERROR)
    print(json.dumps(asyncio.run(_work(sys.argv[1], int(sys.argv[2]), int((*sys.argv, "1")[3])))))
