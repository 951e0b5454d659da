"""A walk accuses nobody while it may be our own resolver or our own browser."""

import asyncio
import signal
import socket
from collections.abc import Sequence
from contextlib import suppress

import psutil
import pytest

from checks.owners import HostOwners
from checks.run import Finding, Reason, Verdict
from checks.secrets import Secrets
from probes.browser import BrowserProbe, Chromium
from probes.browser.doubt import browser_works, doubted
from probes.connection import Address, Lookup
from tests.probes.browser.conftest import Walker, a_target
from tests.probes.browser.portal import DEPENDENCY, Portal, hang, step
from tests.probes.servers import closed_port, raw_server

OWNERS = HostOwners({"dvc.example": "system:mot-cua-tinh"})


def listing(site: Portal) -> HostOwners:
    return HostOwners({site.host: "system:mot-cua-tinh"})


UNRESOLVED = Finding(verdict=Verdict.FAILED, blame="system", reason=Reason.DNS, message="không tìm thấy tên miền")
SILENT = Finding(verdict=Verdict.FAILED, blame="system", reason=Reason.TIMEOUT, message="chưa trả lời")


def saying(number: int) -> Lookup:
    async def lookup(host: str, port: int) -> Sequence[Address]:
        raise socket.gaierror(number, "?")

    return lookup


def leading_to(address: str) -> Lookup:
    async def lookup(host: str, port: int) -> Sequence[Address]:
        return [(socket.AF_INET, (address, port))]

    return lookup


async def never(host: str, port: int) -> Sequence[Address]:
    await asyncio.Event().wait()
    raise AssertionError


@pytest.mark.parametrize("number", [socket.EAI_NONAME, socket.EAI_NODATA])
async def test_a_name_that_the_resolver_denies_is_the_systems_fault(chromium: Chromium, number: int) -> None:
    async with chromium.context("desktop") as walk:
        assert await doubted(UNRESOLVED, ["http://dvc.example/"], walk, OWNERS, saying(number)) == UNRESOLVED


@pytest.mark.parametrize("lookup", [saying(socket.EAI_AGAIN), saying(socket.EAI_FAIL), never])
async def test_a_name_that_no_resolver_denies_accuses_nobody(chromium: Chromium, lookup: Lookup) -> None:
    async with chromium.context("desktop") as walk:
        found = await doubted(UNRESOLVED, ["http://dvc.example/"], walk, OWNERS, lookup)
    assert (found.verdict, found.blame, found.reason) == (Verdict.INCONCLUSIVE, "network", Reason.DNS)


@pytest.mark.parametrize("reason", [Reason.TIMEOUT, Reason.DEADLINE])
async def test_time_that_ran_out_while_our_resolver_was_silent_accuses_nobody(
    chromium: Chromium, reason: Reason
) -> None:
    async with chromium.context("desktop") as walk:
        found = await doubted(SILENT.evolve(reason=reason), ["http://dvc.example/"], walk, OWNERS, never)
    assert (found.verdict, found.blame, found.reason) == (Verdict.INCONCLUSIVE, "network", Reason.DNS)


async def test_a_server_of_nobody_registered_that_we_cannot_reach_either_accuses_nobody(
    chromium: Chromium, site: Portal
) -> None:
    mine, elsewhere = listing(site), leading_to("192.0.2.1")
    async with chromium.context("desktop") as walk:
        found = await doubted(SILENT, ["http://kieu-chu.example/a.css"], walk, mine, elsewhere, patience_s=0.5)
        assert (found.verdict, found.blame) == (Verdict.INCONCLUSIVE, "network")
        assert await doubted(SILENT, [f"{site.url}/"], walk, mine, leading_to("127.0.0.1")) == SILENT


def by_port(port: int, special: Lookup) -> Lookup:
    async def lookup(host: str, asked: int) -> Sequence[Address]:
        return await (special if asked == port else leading_to("127.0.0.1"))(host, asked)

    return lookup


def leading_nowhere() -> Lookup:
    """Make a resolver that lets the browser wait for ever, and tells us an address that nobody has."""
    asked = iter([never])

    async def lookup(host: str, port: int) -> Sequence[Address]:
        return await next(asked, leading_to("192.0.2.1"))(host, port)

    return lookup


@pytest.mark.parametrize("found_by_us", [False, True])
@pytest.mark.parametrize(
    "page",
    [
        "<script src={url}></script><h1>Trang chủ</h1>",
        '<script>fetch("{url}").then(() => document.body.append("Trang chủ"))</script>',
        '<script>fetch("/su-kien"); fetch("{url}").then(() => document.body.append("Trang chủ"))</script>',
    ],
    ids=["script", "question", "beside-an-own-one"],
)
async def test_what_a_page_awaits_of_nobody_registered_and_we_cannot_reach_either_accuses_nobody(
    chromium: Chromium, secrets: Secrets, site: Portal, page: str, *, found_by_us: bool
) -> None:
    lookup = leading_nowhere() if found_by_us else never
    site.pages |= {"/": page.format(url="http://kieu-chu.example:8099/a.js"), "/su-kien": hang}
    target = a_target(site, [step("Mở", {"goto": site.url + "/"}, until={"text": "Trang chủ"})], step_timeout="1500ms")
    probe = BrowserProbe(chromium, secrets, sign_on=frozenset(), lookup=by_port(8099, lookup))
    found = await probe.run(target)
    assert (found.verdict, found.blame) == (Verdict.INCONCLUSIVE, "network")


async def test_an_outside_system_whose_name_our_resolver_does_not_find_is_not_accused(
    chromium: Chromium, secrets: Secrets, site: Portal, outside: Portal
) -> None:
    outside.pages["/a.js"] = hang
    site.pages["/"] = f"<script src={outside.url}/a.js></script><h1>Trang chủ</h1>"
    target = a_target(
        site, [step("Mở", {"goto": site.url + "/"}, until={"text": "Trang chủ"})], outside, step_timeout="1500ms"
    )
    port = int(outside.host.partition(":")[2])
    for special, told in (
        (leading_to("127.0.0.1"), (Verdict.FAILED, DEPENDENCY, Reason.TIMEOUT)),
        (saying(socket.EAI_AGAIN), (Verdict.INCONCLUSIVE, "network", Reason.DNS)),
    ):
        probe = BrowserProbe(chromium, secrets, sign_on=frozenset(), lookup=by_port(port, special))
        found = await probe.run(target)
        assert (found.verdict, found.blame, found.reason) == told


@pytest.mark.parametrize(
    ("word", "told"),
    [
        (saying(socket.EAI_AGAIN), (Verdict.INCONCLUSIVE, "network")),
        (saying(socket.EAI_NONAME), (Verdict.FAILED, "system")),
        (leading_to("192.0.2.1"), (Verdict.INCONCLUSIVE, "network")),
    ],
    ids=["nobody-says", "denied", "found-after-all"],
)
async def test_what_breaks_for_a_name_that_was_not_found_is_nobodys_fault_unless_our_resolver_denies_it(
    chromium: Chromium, secrets: Secrets, site: Portal, word: Lookup, told: tuple[Verdict, str]
) -> None:
    site.pages["/"] = "<script src=http://kieu-chu.example:8099/a.js></script><script>hien()</script>"
    target = a_target(site, [step("Mở", {"goto": site.url + "/"}, until={"text": "Trang chủ"})], step_timeout="1500ms")
    asked = iter([saying(socket.EAI_AGAIN)])  # what the browser is told

    async def lookup(host: str, port: int) -> Sequence[Address]:
        return await next(asked, word)(host, port)

    probe = BrowserProbe(chromium, secrets, sign_on=frozenset(), lookup=by_port(8099, lookup))
    found = await probe.run(target)
    assert (found.verdict, found.blame) == told


async def test_time_that_ran_out_while_our_resolver_took_more_than_a_tenth_of_it_accuses_nobody(
    chromium: Chromium, secrets: Secrets, site: Portal
) -> None:
    async def slow(host: str, port: int) -> Sequence[Address]:
        await asyncio.sleep(0.4)  # how slow the resolver is
        return await leading_to("127.0.0.1")(host, port)

    site.pages["/"] = hang
    told = []
    for timeout in ("1500ms", "8s"):
        target = a_target(site, [step("Mở", {"goto": site.url + "/"})], step_timeout=timeout, deadline="20s")
        found = await BrowserProbe(chromium, secrets, sign_on=frozenset(), lookup=slow).run(target)
        told.append((found.verdict, found.blame, found.reason))
    assert told == [(Verdict.INCONCLUSIVE, "network", Reason.DNS), (Verdict.FAILED, "system", Reason.TIMEOUT)]


@pytest.mark.parametrize("reason", [Reason.TIMEOUT, Reason.ELEMENT_MISSING, Reason.HTTP_STATUS])
async def test_what_our_resolver_is_known_to_have_taken_excuses_only_what_comes_about_by_waiting(
    chromium: Chromium, site: Portal, reason: Reason
) -> None:
    async with chromium.context("desktop") as walk:
        for lost_s, verdict in ((0.19, Verdict.FAILED), (0.21, Verdict.INCONCLUSIVE)):
            failed = SILENT.evolve(reason=reason)
            found = await doubted(failed, [], walk, listing(site), waited_s=2.0, lost_s=lost_s)
            assert found.verdict is (Verdict.FAILED if reason is Reason.HTTP_STATUS else verdict)


async def test_a_document_that_does_not_come_is_not_excused_by_what_the_page_before_it_awaits(
    chromium: Chromium, secrets: Secrets, site: Portal
) -> None:
    asks = '<script>fetch("http://kieu-chu.example:8099/dem")</script>'
    site.pages |= {"/": f"<h1>Trang chủ</h1><a href=/tiep>Tiếp</a>{asks}", "/tiep": hang}
    steps = [
        step("Mở", {"goto": site.url + "/"}, until={"text": "Trang chủ"}),
        step("Tiếp", {"click": {"role": "link", "name": "Tiếp"}}, until={"text": "Xong"}),
    ]
    probe = BrowserProbe(chromium, secrets, sign_on=frozenset(), lookup=by_port(8099, never))
    found = await probe.run(a_target(site, steps, step_timeout="1500ms"))
    assert (found.verdict, found.blame, found.reason) == (Verdict.FAILED, "system", Reason.TIMEOUT)


async def test_a_name_that_is_found_after_all_accuses_nobody(chromium: Chromium, site: Portal) -> None:
    async with chromium.context("desktop") as walk:
        found = await doubted(UNRESOLVED, [f"{site.url}/"], walk, listing(site), leading_to("127.0.0.1"))
    assert (found.verdict, found.blame, found.reason) == (Verdict.INCONCLUSIVE, "network", Reason.DNS)


async def test_a_host_to_which_we_have_no_route_accuses_nobody(chromium: Chromium) -> None:
    unreachable = UNRESOLVED.evolve(reason=Reason.TCP)
    async with chromium.context("desktop") as walk:
        # TCP has no route to a broadcast address
        found = await doubted(unreachable, ["http://dvc.example/"], walk, OWNERS, leading_to("127.255.255.255"))
    assert (found.verdict, found.blame, found.reason) == (Verdict.INCONCLUSIVE, "network", Reason.TCP)


async def test_a_server_that_refuses_us_too_stays_accused(chromium: Chromium) -> None:
    refused = UNRESOLVED.evolve(reason=Reason.TCP)
    url = f"http://127.0.0.1:{closed_port()}/"
    async with chromium.context("desktop") as walk:
        assert await doubted(refused, [url], walk, HostOwners({"127.0.0.1": "system:mot-cua-tinh"})) == refused


async def test_nobody_is_dialled_at_an_address_inside_that_nobody_lists(chromium: Chromium) -> None:
    met = asyncio.Event()

    async def knock(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        met.set()

    async with raw_server(knock) as port, chromium.context("desktop") as walk:
        refused = UNRESOLVED.evolve(reason=Reason.TCP)
        url = f"http://ngoai.example:{port}/"
        assert await doubted(refused, [url], walk, OWNERS, leading_to("127.0.0.1")) == refused
    assert not met.is_set()


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
            found = await doubted(SILENT, ["http://dvc.example/"], walk, OWNERS, leading_to("127.0.0.1"))
        finally:
            with suppress(psutil.NoSuchProcess):  # whoever closes a browser that stands still ends it
                frozen.send_signal(signal.SIGCONT)
    assert (found.verdict, found.blame, found.reason) == (Verdict.INCONCLUSIVE, "agent", Reason.PAGE_CRASH)
