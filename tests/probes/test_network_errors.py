"""The table from errors to verdict, blame and reason, row by row."""

import asyncio
import errno
import os
import resource
import socket
import ssl
import zlib
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import aiohttp
import dns.exception
import dns.resolver
import pytest
from aiohttp import client_exceptions
from dns.exception import DNSException

from checks.model import TcpCheck
from checks.run import Phase, Reason, Verdict
from checks.secrets import Secrets
from probes.answer import NotHttpError
from probes.connection import Address
from probes.deadline import bounded, unfinished
from probes.network_errors import conclude, conclude_query, decisive
from probes.progress import Progress
from probes.tcp import TcpProbe
from probes.unknown import UnknownFaultError
from tests import samples
from tests.probes.servers import LOOPBACK, raw_server, silent

THEIRS = Verdict.FAILED, None
OUR_NETWORK = Verdict.INCONCLUSIVE, "network"
OUR_AGENT = Verdict.INCONCLUSIVE, "agent"


ROWS = [
    (errno.ECONNREFUSED, THEIRS, Reason.TCP),
    (errno.EHOSTUNREACH, THEIRS, Reason.TCP),
    (errno.EHOSTDOWN, THEIRS, Reason.TCP),
    (errno.ETIMEDOUT, THEIRS, Reason.TCP),
    (errno.ECONNRESET, THEIRS, Reason.TCP),
    (errno.ECONNABORTED, THEIRS, Reason.TCP),
    (errno.EPIPE, THEIRS, Reason.TCP),
    (errno.ENETUNREACH, OUR_NETWORK, Reason.TCP),
    (errno.ENETDOWN, OUR_NETWORK, Reason.TCP),
    (errno.EAFNOSUPPORT, OUR_NETWORK, Reason.TCP),
    (errno.EMFILE, OUR_AGENT, Reason.AGENT_OVERLOAD),
    (errno.ENFILE, OUR_AGENT, Reason.AGENT_OVERLOAD),
    (errno.ENOBUFS, OUR_AGENT, Reason.AGENT_OVERLOAD),
    (errno.ENOMEM, OUR_AGENT, Reason.AGENT_OVERLOAD),
    (errno.EAGAIN, OUR_AGENT, Reason.AGENT_OVERLOAD),
    (errno.EADDRNOTAVAIL, OUR_AGENT, Reason.AGENT_OVERLOAD),
    (errno.EADDRINUSE, OUR_AGENT, Reason.AGENT_OVERLOAD),
    (errno.EPERM, OUR_AGENT, Reason.CONFIG),
    (errno.EACCES, OUR_AGENT, Reason.CONFIG),
]
NUMBERS = {number for number, _, _ in ROWS}


@pytest.mark.parametrize(("number", "whose", "reason"), ROWS)
def test_each_error_number_has_its_row(number: int, whose: tuple[Verdict, str | None], reason: Reason) -> None:
    conclusion = conclude(OSError(number, os.strerror(number)), "connect", "cong.example")

    assert (conclusion.verdict, conclusion.blame) == whose
    assert conclusion.reason is reason
    assert "cong.example" in conclusion.message
    assert errno.errorcode[number] in conclusion.message


@pytest.mark.parametrize(
    ("error", "phase", "reason"),
    [
        (ConnectionResetError(), "tls", Reason.TLS),
        (ConnectionResetError(errno.ECONNRESET, "reset"), "tls", Reason.TLS),
        (ConnectionAbortedError(), "tls", Reason.TLS),
        (ConnectionResetError(), "ttfb", Reason.TCP),
        (ssl.SSLError(1, "handshake failure"), "tls", Reason.TLS),
        (ssl.SSLEOFError(8, "EOF"), "transfer", Reason.TCP),
        (aiohttp.ServerDisconnectedError(), "ttfb", Reason.TCP),
        (aiohttp.ClientPayloadError(), "transfer", Reason.TCP),
        (aiohttp.ClientOSError(errno.ECONNRESET, "reset"), "ttfb", Reason.TCP),
        (zlib.error("broken"), "transfer", Reason.ASSERTION),
        (NotHttpError("Bad status line"), "ttfb", Reason.HTTP_STATUS),
    ],
)
def test_the_same_error_means_something_else_in_another_phase(error: Exception, phase: Phase, reason: Reason) -> None:
    conclusion = conclude(error, phase, "cong.example")

    assert (conclusion.verdict, conclusion.blame, conclusion.reason) == (*THEIRS, reason)


@pytest.mark.parametrize("error", [OSError(errno.EINVAL, "?"), OSError("?"), ValueError(), socket.gaierror(-11, "?")])
def test_what_has_no_row_is_raised_and_never_guessed(error: Exception) -> None:
    with pytest.raises(UnknownFaultError) as raised:
        conclude(error, "connect", "cong.example")

    assert raised.value.__cause__ is error
    assert type(error).__name__ in raised.value.code


@pytest.mark.parametrize(
    ("phase", "whose", "reason"),
    [
        ("dns", OUR_NETWORK, Reason.DNS),
        ("connect", THEIRS, Reason.TIMEOUT),
        ("tls", THEIRS, Reason.TIMEOUT),
        ("ttfb", THEIRS, Reason.TIMEOUT),
        ("transfer", THEIRS, Reason.TIMEOUT),
    ],
)
def test_running_out_of_time_says_where_it_stood(
    phase: Phase, whose: tuple[Verdict, str | None], reason: Reason
) -> None:
    conclusion = unfinished(phase, "cong.example", 19.0)

    assert (conclusion.verdict, conclusion.blame) == whose
    assert conclusion.reason is reason
    assert conclusion.message.endswith("sau 19,0 s")


def test_what_a_reachable_address_said_decides_over_an_address_that_we_cannot_reach() -> None:
    no_ipv6, refused = OSError(errno.ENETUNREACH, ""), OSError(errno.ECONNREFUSED, "")

    assert decisive([no_ipv6, refused]) is refused
    assert decisive([no_ipv6]) is no_ipv6


async def test_a_host_name_with_braces_in_it_is_only_text() -> None:
    assert "{0.__class__}" in conclude(OSError(errno.ECONNREFUSED, ""), "connect", "{0.__class__}").message


async def test_a_lookup_that_never_ends_is_not_held_against_anyone(tmp_path: Path) -> None:
    async def never(host: str, port: int) -> Sequence[Address]:
        await asyncio.Event().wait()
        raise AssertionError

    check = samples.check(TcpCheck, host="cong.example", port=443, deadline="200ms")
    finding = await TcpProbe(Secrets({}, tmp_path), lookup=never).run(samples.target(check))

    assert (finding.verdict, finding.blame, finding.reason) == (*OUR_NETWORK, Reason.DNS)


async def test_an_address_without_a_route_is_our_network_s_fault(tmp_path: Path) -> None:
    check = samples.check(TcpCheck, host="127.255.255.255", port=443)  # TCP has no route to a broadcast address
    finding = await TcpProbe(Secrets({}, tmp_path)).run(samples.target(check))

    assert (finding.verdict, finding.blame, finding.reason) == (*OUR_NETWORK, Reason.TCP)


async def test_running_out_of_files_is_the_agent_s_fault(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    async with raw_server(silent) as port:
        check = samples.check(TcpCheck, host=LOOPBACK, port=port)
        a_probe = TcpProbe(Secrets({}, tmp_path))
        await a_probe.run(samples.target(check))  # whatever is opened once is open now
        free = os.dup(0)
        os.close(free)
        resource.setrlimit(resource.RLIMIT_NOFILE, (free, hard))
        try:
            finding = await a_probe.run(samples.target(check))
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert (finding.verdict, finding.blame, finding.reason) == (*OUR_AGENT, Reason.AGENT_OVERLOAD)


async def test_an_error_before_any_phase_is_a_bug_and_raised() -> None:
    async def broken() -> None:
        raise ConnectionRefusedError

    with pytest.raises(ConnectionRefusedError):
        await bounded(broken(), Progress(lambda: 0.0, "http://cong.example/"), 1.0)


def met(error: Exception, phase: Phase = "ttfb") -> tuple[str, str] | None:
    """Return what an error means; None when it is unknown."""
    try:
        conclusion = conclude(error, phase, "cong.example")
    except UnknownFaultError:
        return None
    return conclusion.verdict.value, conclusion.reason.value if conclusion.reason is not None else ""


SPOKEN = {
    "ServerDisconnectedError": ("failed", "tcp"),
    "ClientPayloadError": ("failed", "tcp"),
    "ClientConnectionResetError": ("failed", "tcp"),
}
"""What aiohttp's errors mean by themselves; those that carry a number of the system are told by that."""


def errors_of(module: ModuleType, kind: type[Exception]) -> list[type[Exception]]:
    """Return every error class that `module` defines."""
    found = (one for one in vars(module).values() if isinstance(one, type) and issubclass(one, kind))
    return sorted({one for one in found if one.__module__ == module.__name__}, key=lambda one: one.__name__)


@pytest.mark.parametrize("kind", errors_of(client_exceptions, Exception), ids=lambda kind: kind.__name__)
def test_every_error_of_aiohttp_has_a_row_or_is_unknown(kind: type[Exception]) -> None:
    bare = kind.__new__(kind)  # whatever it is about, without a number of the system
    assert met(bare) == SPOKEN.get(kind.__name__)


@pytest.mark.parametrize("number", sorted(errno.errorcode), ids=lambda number: errno.errorcode[number])
def test_every_number_of_the_system_has_a_row_or_is_unknown(number: int) -> None:
    told = met(OSError(number, "?"), "connect")
    assert (told is not None) == (number in NUMBERS)


@pytest.mark.parametrize("name", sorted(name for name in vars(socket) if name.startswith("EAI_")))
def test_every_fault_of_the_name_lookup_has_a_row_or_is_unknown(name: str) -> None:
    told = met(socket.gaierror(getattr(socket, name), "?"), "dns")
    theirs, ours = {"EAI_NONAME", "EAI_NODATA", "EAI_ADDRFAMILY"}, {"EAI_AGAIN", "EAI_FAIL", "EAI_MEMORY"}
    assert (told or ("unknown",))[0] == ("failed" if name in theirs else "inconclusive" if name in ours else "unknown")


def test_every_fault_of_a_certificate_has_a_row_or_is_unknown() -> None:
    unknown = {0, 1, 3, 5, 8, 11, 12, 15, 16, 17, 33, 35, 36, 38, 39, 43, 44, 45, 46, 50, *range(54, 62), 65,
               *range(69, 76), *range(95, 120)}  # fmt: skip
    for code in range(120):
        error = ssl.SSLCertVerificationError(1, "?")
        error.verify_code, error.verify_message = code, "?"
        assert met(error, "tls") == (None if code in unknown else ("failed", "tls")), code


@pytest.mark.parametrize(
    ("reason", "verdict"),
    [
        ("TLSV13_ALERT_CERTIFICATE_REQUIRED", ("inconclusive", "config")),
        ("NO_CIPHERS_AVAILABLE", ("inconclusive", "config")),
        ("MALLOC_FAILURE", ("inconclusive", "agent_overload")),
        ("SSLV3_ALERT_HANDSHAKE_FAILURE", ("failed", "tls")),
    ],
)
def test_a_handshake_that_fails_for_want_of_something_of_ours_accuses_nobody(
    reason: str, verdict: tuple[str, str]
) -> None:
    error = ssl.SSLError(1, "?")
    error.reason = reason
    assert met(error, "tls") == verdict


def test_a_number_of_tls_that_aiohttp_calls_one_of_the_system_is_none_of_the_system() -> None:
    alert = ssl.SSLError(1, "?")
    alert.reason = "TLSV1_ALERT_INTERNAL_ERROR"
    error = aiohttp.ClientOSError(*alert.args)
    error.__cause__ = alert

    assert met(error) == ("failed", "tcp")
    assert met(aiohttp.ClientOSError(errno.EPERM, "?")) == ("inconclusive", "config")


DNS_SAYS = {
    "NXDOMAIN": "failed", "YXDOMAIN": "failed", "NoAnswer": "failed", "NoNameservers": "inconclusive",
    "LifetimeTimeout": "inconclusive", "NoResolverConfiguration": "inconclusive",
}  # fmt: skip


@pytest.mark.parametrize(
    "kind",
    [*errors_of(dns.exception, Exception), *errors_of(dns.resolver, Exception)],
    ids=lambda kind: f"{kind.__module__}.{kind.__name__}",
)
def test_every_error_of_dnspython_has_a_row_or_is_unknown(kind: type[DNSException]) -> None:
    error = kind.__new__(kind)
    error.kwargs = {"errors": []}
    try:
        told = conclude_query(error, "cong.example", named=False).verdict.value
    except UnknownFaultError:
        told = None
    assert told == DNS_SAYS.get(kind.__name__)
