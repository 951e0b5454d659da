"""A walk accuses nobody while it may be our own resolver or our own browser."""

import signal
from contextlib import suppress

import psutil

from checks.run import Finding, Reason, Verdict
from probes.browser import Chromium
from probes.browser.doubt import browser_works, doubted, name_is_missing
from tests.probes.browser.conftest import Walker
from tests.probes.browser.portal import Portal, hang, step

UNRESOLVED = Finding(verdict=Verdict.FAILED, blame="system", reason=Reason.DNS, message="không tìm thấy tên miền")
SILENT = Finding(verdict=Verdict.FAILED, blame="system", reason=Reason.TIMEOUT, message="chưa trả lời")


async def yes(_: str) -> bool:
    return True


async def no(_: str) -> bool:
    return False


async def test_a_name_that_the_resolver_denies_is_the_systems_fault(chromium: Chromium) -> None:
    async with chromium.context("desktop") as walk:
        assert await doubted(UNRESOLVED, "http://khong-co.invalid/", walk, yes) == UNRESOLVED


async def test_a_name_that_no_resolver_denies_accuses_nobody(chromium: Chromium) -> None:
    async with chromium.context("desktop") as walk:
        found = await doubted(UNRESOLVED, "http://dvc.example/", walk, no)
    assert (found.verdict, found.blame, found.reason) == (Verdict.INCONCLUSIVE, "network", Reason.DNS)


async def test_a_name_that_resolves_is_not_missing() -> None:
    assert not await name_is_missing("localhost")


async def test_a_silent_server_stays_accused_while_the_browser_works(walk: Walker, site: Portal) -> None:
    site.pages["/"] = hang
    found = await walk(step("Mở", {"goto": site.url + "/"}, until={"text": "x"}), step_timeout="1s")
    assert (found.verdict, found.reason) == (Verdict.FAILED, Reason.TIMEOUT)


def commands() -> list[tuple[psutil.Process, list[str]]]:
    """Return the processes of this test, parents first, with their command lines; one that has just ended has none."""
    found = []
    for one in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # a zombie is one of these too
            found.append((one, one.cmdline()))
    return found


def browser_process() -> psutil.Process:
    """Find the browser of this test, which also speaks to the network."""
    # What stands before the last is the script of a distribution that starts it.
    return [one for one, words in commands() if "--remote-debugging-pipe" in words][-1]


async def test_no_process_speaks_to_the_network_but_the_browser_itself(chromium: Chromium) -> None:
    async with chromium.context("desktop") as walk:
        assert await browser_works(walk.browser)
    assert not any("--type=utility" in words and "NetworkService" in " ".join(words) for _, words in commands())


async def test_a_browser_that_stands_still_accuses_nobody(chromium: Chromium) -> None:
    async with chromium.context("desktop") as walk:
        assert await browser_works(walk.browser)
        frozen = browser_process()
        frozen.send_signal(signal.SIGSTOP)
        try:
            found = await doubted(SILENT, "http://dvc.example/", walk)
        finally:
            frozen.send_signal(signal.SIGCONT)
    assert (found.verdict, found.blame, found.reason) == (Verdict.INCONCLUSIVE, "agent", Reason.PAGE_CRASH)
