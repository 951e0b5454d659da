"""Whom an http check charges with time lost in a chain of redirects: whoever was waited for most of it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from checks.model import Dependency, HttpCheck
from checks.run import Finding, Reason, Verdict
from checks.secrets import Secrets
from probes.connection import Address, system_lookup
from probes.http import HttpProbe
from tests import samples
from tests.probes.certificates import NOW, Authority
from tests.probes.looking import USER_AGENT
from tests.probes.servers import LOOPBACK, Handler, hanging_up, raw_server, unanswering_port, web_server

PORTAL, SIGN_ON, PAYMENT = "system:mot-cua-tinh", "dependency:dinh-danh", "dependency:thanh-toan"


@dataclass
class Hand:
    """A clock that stands still until somebody takes time."""

    now_s: float = 100.0

    def __call__(self) -> float:
        return self.now_s

    def taking(self, span_s: float, location: str = "") -> Handler:
        """Answer after so long: with a page, or with a redirect."""

        async def answer(_request: web.Request) -> web.Response:
            self.now_s += span_s
            return web.Response(status=302, headers={"Location": location}) if location else web.Response(text="Cổng")

        return answer


@dataclass
class Chain:
    """A portal and the outside systems it leads through, all on this machine."""

    folder: Path
    clock: Hand = field(default_factory=Hand)
    lookup_s: dict[int, float] = field(default_factory=dict)
    """How long our own resolver takes for the name of the server at this port."""

    async def look(self, portal: int, outside: Sequence[tuple[str, int]] = (), **fields: Any) -> Finding:
        async def lookup(host: str, port: int) -> Sequence[Address]:
            self.clock.now_s += self.lookup_s.get(port, 0.0)
            return await system_lookup(host, port)

        dependencies = [Dependency(id=name, name=name, hosts=(f"{LOOPBACK}:{port}",)) for name, port in outside]
        system = samples.SYSTEM.evolve(hosts=(f"{LOOPBACK}:{portal}",))
        check = samples.check(HttpCheck, url=f"http://{LOOPBACK}:{portal}/", **fields)
        a_probe = HttpProbe(
            self.folder, Secrets({}, self.folder), USER_AGENT, now=lambda: NOW, clock=self.clock, lookup=lookup
        )
        return await a_probe.run(samples.target(check, system=system, dependencies=dependencies))


@pytest.fixture
def chain(tmp_path: Path) -> Chain:
    return Chain(tmp_path)


@asynccontextmanager
async def in_a_row(clock: Hand, *spans_s: float) -> AsyncIterator[list[int]]:
    """Serve one redirect after the other, the last to a page; gives the ports, the first server's first."""
    ports: list[int] = []
    async with AsyncExitStack() as stack:
        for span_s in reversed(spans_s):
            location = f"http://{LOOPBACK}:{ports[0]}/" if ports else ""
            ports.insert(0, await stack.enter_async_context(web_server(clock.taking(span_s, location))))
        yield ports


@pytest.mark.parametrize(
    ("portal_s", "sign_on_s", "payment_s", "blame"),
    [
        (3.0, 0.1, 0.0, "system"),
        (0.1, 3.0, 0.0, "dependency:dinh-danh"),
        (0.5, 0.0, 1.6, "dependency:thanh-toan"),
        (0.8, 1.0, 0.8, "system"),  # nobody for more than half of it
    ],
)
async def test_a_slow_chain_is_charged_to_whoever_took_most_of_it(
    chain: Chain, portal_s: float, sign_on_s: float, payment_s: float, blame: str
) -> None:
    async with in_a_row(chain.clock, portal_s, sign_on_s, payment_s) as (portal, sign_on, payment):
        outside = [("dinh-danh", sign_on), ("thanh-toan", payment)]
        finding = await chain.look(portal, outside, budget="2s")

    assert (finding.verdict, finding.blame, finding.reason) == (Verdict.SLOW, blame, Reason.BUDGET)
    assert {share.owner: share.critical_s for share in finding.owners} == pytest.approx(
        {PORTAL: portal_s, SIGN_ON: sign_on_s, PAYMENT: payment_s}
    )


async def test_what_our_resolver_took_for_an_outside_host_is_not_the_outside_host_s_time(chain: Chain) -> None:
    async with in_a_row(chain.clock, 2.5, 1.0) as (portal, sign_on):
        chain.lookup_s[sign_on] = 5.0
        finding = await chain.look(portal, [("dinh-danh", sign_on)], budget="2s")

    assert (finding.verdict, finding.blame) == (Verdict.SLOW, "system")
    assert finding.phases["dns"] == pytest.approx(5.0)
    assert {share.owner: share.critical_s for share in finding.owners} == pytest.approx({PORTAL: 2.5, SIGN_ON: 1.0})


@pytest.mark.parametrize(("portal_s", "blame"), [(1.8, "system"), (0.0, "dependency:dinh-danh")])
async def test_time_that_ran_out_is_charged_to_whoever_took_most_of_it_and_says_so(
    chain: Chain, portal_s: float, blame: str
) -> None:
    async def hangs(_request: web.Request) -> web.StreamResponse:
        chain.clock.now_s += 0.05
        await asyncio.Event().wait()
        raise AssertionError

    async with (
        web_server(hangs) as sign_on,
        web_server(chain.clock.taking(portal_s, f"http://{LOOPBACK}:{sign_on}/")) as portal,
    ):
        finding = await chain.look(portal, [("dinh-danh", sign_on)], deadline="400ms")

    assert (finding.verdict, finding.blame, finding.reason) == (Verdict.FAILED, blame, Reason.TIMEOUT)
    assert finding.message.startswith(f"Chưa nhận được trả lời của {LOOPBACK}:{sign_on}")
    assert (f"lâu nhất là chờ {LOOPBACK}:{portal} (1,8 s)" in finding.message) is (blame == "system")


async def test_a_line_that_was_not_taken_when_another_had_used_up_the_time_is_not_charged(chain: Chain) -> None:
    with unanswering_port() as dead:
        async with web_server(chain.clock.taking(1.85, f"http://{LOOPBACK}:{dead}/")) as portal:
            finding = await chain.look(portal, [("dinh-danh", dead)], deadline="400ms")

    assert (finding.verdict, finding.blame, finding.reason) == (Verdict.FAILED, "system", Reason.TIMEOUT)
    assert list(finding.phases) == ["dns", "connect", "ttfb"]


async def test_a_host_that_hangs_up_is_charged_whoever_was_waited_for_before(chain: Chain) -> None:
    async with (
        raw_server(hanging_up) as sign_on,
        web_server(chain.clock.taking(9.0, f"http://{LOOPBACK}:{sign_on}/")) as portal,
    ):
        finding = await chain.look(portal, [("dinh-danh", sign_on)])

    assert (finding.verdict, finding.blame, finding.reason) == (Verdict.FAILED, "dependency:dinh-danh", Reason.TCP)


@pytest.mark.parametrize("most", [4, 5])
async def test_who_lead_round_among_each_other_are_charged_to_the_system_that_was_asked_first(
    chain: Chain, most: int
) -> None:
    ports: list[int] = []

    async def back(request: web.Request) -> web.Response:
        raise web.HTTPFound(f"http://{LOOPBACK}:{ports[0]}/")

    async with (
        web_server(back) as sign_on,
        web_server(chain.clock.taking(0.0, f"http://{LOOPBACK}:{sign_on}/")) as portal,
    ):
        ports.append(portal)
        finding = await chain.look(portal, [("dinh-danh", sign_on)], max_redirects=most)

    assert (finding.verdict, finding.blame, finding.reason) == (Verdict.FAILED, "system", Reason.REDIRECT)


async def test_a_certificate_that_ends_soon_is_its_host_s_however_slow_another_was(chain: Chain) -> None:
    authority = Authority(chain.folder)
    ends_soon = authority.server(not_after=NOW + timedelta(days=3))
    async with (
        web_server(chain.clock.taking(0.0), ends_soon) as sign_on,
        web_server(chain.clock.taking(3.0, f"https://{LOOPBACK}:{sign_on}/")) as portal,
    ):
        finding = await chain.look(
            portal,
            [("dinh-danh", sign_on)],
            budget="2s",
            expect={"certificate_left": "21d"},
            trust={"ca_file": authority.ca_file},
        )

    assert (finding.verdict, finding.blame, finding.reason) == (Verdict.SLOW, "dependency:dinh-danh", Reason.BUDGET)
    assert "Chứng thư số còn" in finding.message
