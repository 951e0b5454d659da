"""A walk accuses nobody while it may be our own resolver or our own browser."""

import signal

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
        assert await doubted(UNRESOLVED, "http://khong-co.invalid/", walk.browser, yes) == UNRESOLVED


async def test_a_name_that_no_resolver_denies_accuses_nobody(chromium: Chromium) -> None:
    async with chromium.context("desktop") as walk:
        found = await doubted(UNRESOLVED, "http://dvc.example/", walk.browser, no)
    assert (found.verdict, found.blame, found.reason) == (Verdict.INCONCLUSIVE, "network", Reason.DNS)


async def test_a_name_that_resolves_is_not_missing() -> None:
    assert not await name_is_missing("localhost")


async def test_a_silent_server_stays_accused_while_the_browser_works(walk: Walker, site: Portal) -> None:
    site.pages["/"] = hang
    found = await walk(step("Mở", {"goto": site.url + "/"}, until={"text": "x"}), step_timeout="1s")
    assert (found.verdict, found.reason) == (Verdict.FAILED, Reason.TIMEOUT)


def network_service() -> psutil.Process:
    """Find the process of this test's browser that speaks to the network."""
    mine = psutil.Process().children(recursive=True)
    return next(one for one in mine if any("NetworkService" in word for word in one.cmdline()))


async def test_a_browser_whose_network_process_stands_still_accuses_nobody(chromium: Chromium) -> None:
    async with chromium.context("desktop") as walk:
        assert await browser_works(walk.browser)
        frozen = network_service()
        frozen.send_signal(signal.SIGSTOP)
        try:
            found = await doubted(SILENT, "http://dvc.example/", walk.browser)
        finally:
            frozen.send_signal(signal.SIGCONT)
    assert (found.verdict, found.blame, found.reason) == (Verdict.INCONCLUSIVE, "agent", Reason.PAGE_CRASH)
