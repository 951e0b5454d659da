"""What our own resolver takes of a look's time is held against nobody."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from checks.model import Dependency, DnsCheck, HttpCheck, TcpCheck, TlsCheck
from checks.run import Finding, Reason, Verdict
from checks.secrets import Secrets
from probes.connection import Address, system_lookup
from probes.dns import DnsProbe
from probes.http import HttpProbe
from probes.tcp import TcpProbe
from probes.tls import TlsProbe
from tests import samples
from tests.probes.certificates import NOW, Authority
from tests.probes.looking import USER_AGENT, target
from tests.probes.name_server import name_server
from tests.probes.servers import LOOPBACK, raw_server, saying, silent, unanswering_port

NOBODY_SAYS = Verdict.INCONCLUSIVE, "network", Reason.DNS
NAME = "dichvucong.anbinh.example"


class Resolver:
    """This machine's resolver, which takes so long by the clock that goes with it, and no other time goes by."""

    def __init__(self, takes_s: float) -> None:
        self.takes_s = takes_s
        self.now_s = 100.0

    def clock(self) -> float:
        return self.now_s

    async def lookup(self, host: str, port: int) -> Sequence[Address]:
        self.now_s += self.takes_s
        return await system_lookup(host, port)


async def http(folder: Path, resolver: Resolver, port: int, **fields: Any) -> Finding:
    a_probe = HttpProbe(folder, Secrets({}, folder), USER_AGENT, clock=resolver.clock, lookup=resolver.lookup)
    return await a_probe.run(target(samples.check(HttpCheck, url=f"http://{LOOPBACK}:{port}/", **fields)))


async def tcp(folder: Path, resolver: Resolver, port: int, **fields: Any) -> Finding:
    a_probe = TcpProbe(Secrets({}, folder), clock=resolver.clock, lookup=resolver.lookup)
    return await a_probe.run(samples.target(samples.check(TcpCheck, host=LOOPBACK, port=port, **fields)))


async def tls(folder: Path, resolver: Resolver, port: int, **fields: Any) -> Finding:
    a_probe = TlsProbe(folder, Secrets({}, folder), now=lambda: NOW, clock=resolver.clock, lookup=resolver.lookup)
    trust = {"ca_file": "ca.pem"}
    return await a_probe.run(samples.target(samples.check(TlsCheck, host=LOOPBACK, port=port, trust=trust, **fields)))


Look = Callable[..., Awaitable[Finding]]
LOOKS = [http, tcp, tls]


@asynccontextmanager
async def serving(look: Look, authority: Authority, **fields: Any) -> AsyncIterator[int]:
    """Serve what a look asks for, well."""
    page = saying(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    encryption = authority.server(**fields) if look is tls else None
    async with raw_server(page if look is http else silent, encryption) as port:
        yield port


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    made = Authority(tmp_path)
    assert made.ca_file == "ca.pem"
    return made


@pytest.mark.parametrize("look", LOOKS)
async def test_a_budget_that_only_our_resolver_broke_accuses_nobody(look: Look, authority: Authority) -> None:
    async with serving(look, authority) as port:
        finding = await look(authority.folder, Resolver(1.6), port, budget="1500ms")

    assert (finding.verdict, finding.blame, finding.reason) == NOBODY_SAYS
    assert "Máy chủ tên miền của máy đo mất 1,6 s" in finding.message
    assert finding.duration_s == pytest.approx(1.6)


@pytest.mark.parametrize("look", LOOKS)
async def test_a_budget_that_is_kept_with_a_slow_resolver_is_kept(look: Look, authority: Authority) -> None:
    async with serving(look, authority) as port:
        finding = await look(authority.folder, Resolver(1.4), port, budget="1500ms")

    assert finding.verdict is Verdict.OK, finding.message


async def test_a_budget_that_would_have_been_broken_all_the_same_is_broken(tmp_path: Path) -> None:
    resolver = Resolver(1.6)

    async def slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        resolver.now_s += 1.7
        await saying(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")(reader, writer)

    async with raw_server(slowly) as port:
        finding = await http(tmp_path, resolver, port, budget="1500ms")

    assert (finding.verdict, finding.blame, finding.reason) == (Verdict.SLOW, "system", Reason.BUDGET)


async def test_a_certificate_that_ends_soon_is_told_however_slow_our_resolver_was(authority: Authority) -> None:
    async with serving(tls, authority, not_after=NOW + timedelta(days=3)) as port:
        finding = await tls(authority.folder, Resolver(1.6), port, budget="1500ms", certificate_left="21d")

    assert (finding.verdict, finding.blame, finding.reason) == (Verdict.SLOW, "system", Reason.BUDGET)
    assert finding.message.startswith("Chứng thư số còn")
    assert "quá mức" not in finding.message


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize(
    ("takes_s", "told"),
    [(0.03, (Verdict.FAILED, "system", Reason.TIMEOUT)), (0.05, NOBODY_SAYS), (0.37, NOBODY_SAYS)],
)
async def test_time_that_ran_out_is_nobody_s_fault_when_our_resolver_took_more_than_a_tenth_of_it(
    look: Look, takes_s: float, told: tuple[Verdict, str, Reason], authority: Authority
) -> None:
    with unanswering_port() as port:
        finding = await look(authority.folder, Resolver(takes_s), port, deadline="400ms")

    assert (finding.verdict, finding.blame, finding.reason) == told


class TestDnsChecks:
    """Whoever answers a question slowly is its resolver: ours, or the one that checks.yaml names."""

    async def test_a_slow_resolver_that_is_named_is_charged_to_its_owner(self, tmp_path: Path) -> None:
        async with name_server({(NAME, "A"): ("192.0.2.10",)}) as resolver:
            owner = Dependency(id="phan-giai", name="Máy chủ tên miền", hosts=(resolver,))
            check = samples.check(DnsCheck, name=NAME, resolver=resolver, budget=1e-9)
            finding = await DnsProbe(Secrets({}, tmp_path)).run(samples.target(check, dependencies=[owner]))

        assert (finding.verdict, finding.blame, finding.reason) == (
            Verdict.SLOW,
            "dependency:phan-giai",
            Reason.BUDGET,
        )

    async def test_what_finding_a_named_resolver_takes_is_held_against_nobody(self, tmp_path: Path) -> None:
        ours = Resolver(1.6)
        async with name_server({(NAME, "A"): ("192.0.2.10",)}) as resolver:
            check = samples.check(DnsCheck, name=NAME, resolver=resolver, budget="1500ms")
            a_probe = DnsProbe(Secrets({}, tmp_path), clock=ours.clock, lookup=ours.lookup)
            finding = await a_probe.run(samples.target(check))

        assert (finding.verdict, finding.blame, finding.reason) == NOBODY_SAYS

    @pytest.mark.skipif(os.geteuid() != 0, reason="port 53 is root's")
    async def test_our_own_resolver_that_is_slow_accuses_nobody(self, tmp_path: Path) -> None:
        settings = tmp_path / "resolv.conf"
        settings.write_text("nameserver 127.0.0.53\n")
        async with name_server({(NAME, "A"): ("192.0.2.10",)}, at=("127.0.0.53", 53)):
            a_probe = DnsProbe(Secrets({}, tmp_path), resolver_file=settings)
            finding = await a_probe.run(samples.target(samples.check(DnsCheck, name=NAME, budget=1e-9)))

        assert (finding.verdict, finding.blame, finding.reason) == NOBODY_SAYS
