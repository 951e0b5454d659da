"""References answer or do not; what that says of our own network, resolver and clock."""

import asyncio
import socket
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import dns.rcode
import pytest
from aiohttp import web

from checks.reference_targets import DnsReference, HttpReference, ReferenceTarget, TcpReference
from probes.connection import Address
from probes.reference import Answer, References, Round
from tests.probes.certificates import Authority
from tests.probes.name_server import name_server
from tests.probes.servers import LOOPBACK, closed_port, raw_server, silent, unanswering_port, web_server

MIDNIGHT = datetime(2026, 11, 25, tzinfo=UTC)
USER_AGENT = "dvcwatch/1 (+so-khcn@anbinh.example)"


async def asked(*targets: ReferenceTarget, **options: object) -> Round:
    references = References(targets, USER_AGENT, **({"patience_s": 2.0} | options))  # type: ignore[arg-type]  # named below
    try:
        return await references.ask()
    finally:
        references.close()


async def one(target: ReferenceTarget, **options: object) -> Answer:
    (answer,) = (await asked(target, **options)).answers
    return answer


async def nobody_knows(host: str, port: int) -> Sequence[Address]:
    raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")


async def never(host: str, port: int) -> Sequence[Address]:
    await asyncio.Event().wait()
    raise AssertionError


async def test_a_server_that_takes_connections_answers() -> None:
    async with raw_server(silent) as port:
        assert (await one(TcpReference(type="tcp", host=LOOPBACK, port=port))).answered


async def test_a_port_at_which_nobody_listens_does_not_answer() -> None:
    answer = await one(TcpReference(type="tcp", host=LOOPBACK, port=closed_port()))
    assert (answer.answered, answer.error, answer.at_lookup) == (False, "ConnectionRefusedError", False)


async def test_an_address_without_a_route_does_not_answer() -> None:
    # TCP has no route to a broadcast address
    answer = await one(TcpReference(type="tcp", host="127.255.255.255", port=443))
    assert (answer.answered, answer.error) == (False, "ENETUNREACH")


async def test_a_filtered_port_does_not_answer_in_time() -> None:
    with unanswering_port() as port:
        answer = await one(TcpReference(type="tcp", host=LOOPBACK, port=port), patience_s=0.2)
    assert (answer.answered, answer.error) == (False, "TimeoutError")


@pytest.mark.parametrize("status", [200, 301, 404, 500])
async def test_any_http_answer_counts(status: int) -> None:
    methods = []

    async def answer(request: web.Request) -> web.Response:
        methods.append((request.method, request.headers["User-Agent"]))
        return web.Response(status=status)

    async with web_server(answer) as port:
        assert (await one(HttpReference(type="http", url=f"http://{LOOPBACK}:{port}/"))).answered
    assert methods == [("HEAD", USER_AGENT)]


async def test_a_web_server_that_says_nothing_does_not_answer() -> None:
    async with raw_server(silent) as port:
        answer = await one(HttpReference(type="http", url=f"http://{LOOPBACK}:{port}/"), patience_s=0.2)
    assert (answer.answered, answer.error) == (False, "TimeoutError")


@pytest.mark.parametrize(
    ("trusted", "intercepted"), [((None, True, False), False), ((False, False), True), ((None,), False), ((), False)]
)
def test_a_line_is_intercepted_when_no_certificate_is_valid(
    trusted: tuple[bool | None, ...], *, intercepted: bool
) -> None:
    told = tuple(Answer(f"http {k}", trusted=one) for k, one in enumerate(trusted))
    assert Round(0.0, 1.0, told).intercepted is intercepted


async def test_a_certificate_nobody_trusts_still_answers(tmp_path: Path) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response()

    async with web_server(answer, tls=Authority(tmp_path).server("ai-do.example")) as port:
        found = await asked(HttpReference(type="http", url=f"https://{LOOPBACK}:{port}/"))
    assert (found.failing, found.intercepted) == (0, True)
    assert found.clock_ahead_s is not None


async def test_the_date_of_an_answer_tells_how_far_our_clock_is_ahead() -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(headers={"Date": format_datetime(MIDNIGHT, usegmt=True)})

    async with web_server(answer) as port:
        target = HttpReference(type="http", url=f"http://{LOOPBACK}:{port}/")
        found = await asked(target, now=lambda: MIDNIGHT + timedelta(hours=2))
    assert found.clock_ahead_s == 7200.0


@pytest.mark.parametrize("date", ["gestern", "Mon, 01 Jan 0001 00:00:00 -0000", ""])
async def test_a_date_that_cannot_be_read_says_nothing_of_our_clock(date: str) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(headers={"Date": date})

    async with web_server(answer) as port:
        found = await asked(HttpReference(type="http", url=f"http://{LOOPBACK}:{port}/"))
    assert (found.answers[0].answered, found.clock_ahead_s) == (True, None)


async def test_a_resolver_that_knows_the_name_answers() -> None:
    async with name_server({("vnnic.example", "A"): ("192.0.2.7",)}) as resolver:
        assert (await one(DnsReference(type="dns", name="vnnic.example", resolver=resolver))).answered


async def test_a_name_without_an_address_is_an_answer_too() -> None:
    async with name_server({("vnnic.example", "MX"): ("10 thu.vnnic.example.",)}) as resolver:
        assert (await one(DnsReference(type="dns", name="vnnic.example", resolver=resolver))).answered


@pytest.mark.parametrize("rcode", [dns.rcode.NXDOMAIN, dns.rcode.SERVFAIL, dns.rcode.REFUSED])
async def test_a_resolver_that_denies_a_name_known_to_exist_does_not_answer(rcode: dns.rcode.Rcode) -> None:
    async with name_server({}, rcode) as resolver:
        assert not (await one(DnsReference(type="dns", name="vnnic.example", resolver=resolver))).answered


async def test_a_mute_resolver_does_not_answer() -> None:
    async with name_server({}, mute=True) as resolver:
        answer = await one(DnsReference(type="dns", name="vnnic.example", resolver=resolver), patience_s=0.2)
    assert (answer.answered, answer.at_lookup) == (False, False)


async def test_our_own_resolver_is_asked_when_none_is_named() -> None:
    assert (await one(DnsReference(type="dns", name="localhost"))).answered


@pytest.mark.parametrize("lookup", [nobody_knows, never])
async def test_our_own_resolver_is_dead_when_no_name_is_found(lookup: object) -> None:
    async with raw_server(silent) as port:
        found = await asked(
            DnsReference(type="dns", name="vnnic.example"),
            HttpReference(type="http", url="https://vnnic.example/"),
            lookup=lookup,
            patience_s=0.2,
        )
        by_address = await asked(TcpReference(type="tcp", host=LOOPBACK, port=port))
    assert found.resolver_dead
    assert not by_address.resolver_dead


async def test_a_name_that_is_found_and_a_server_that_is_not_there_leave_the_resolver_alone() -> None:
    found = await asked(TcpReference(type="tcp", host="localhost", port=closed_port()))
    assert (found.failing, found.resolver_dead) == (1, False)


@pytest.mark.parametrize(
    ("answers", "down"),
    [
        ("1", False),
        ("0", True),
        ("10", False),
        ("00", True),
        ("110", False),
        ("100", True),
        ("1100", False),
        ("", False),
    ],
)
def test_the_network_is_down_when_more_than_half_are_silent(answers: str, *, down: bool) -> None:
    told = tuple(Answer(f"tcp {k}", "" if one == "1" else "TimeoutError") for k, one in enumerate(answers))
    assert Round(0.0, 1.0, told).down is down


async def test_all_are_asked_at_once() -> None:
    met = asyncio.Barrier(3)

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await met.wait()
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await writer.drain()

    async with raw_server(meet) as a, raw_server(meet) as b, raw_server(meet) as c:
        targets = [HttpReference(type="http", url=f"http://{LOOPBACK}:{port}/") for port in (a, b, c)]
        assert (await asked(*targets)).failing == 0


def test_the_median_of_the_clocks_counts() -> None:
    told = tuple(Answer(f"http {k}", clock_ahead_s=ahead) for k, ahead in enumerate((0.2, 7200.0, 0.4, None)))
    assert Round(0.0, 1.0, told).clock_ahead_s == 0.4
