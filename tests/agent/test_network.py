"""Nobody is accused while it may be our own network: references, resolver, clock, and many failing together."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Self

import pytest
from aiohttp import web

from agent.clock import SystemClock
from agent.network import SUSPECT, Network, NetworkGuard, cleared, over_plain_http, suspicious
from agent.runner import Identity
from agent.together import WITH_REFERENCES, WITHOUT_REFERENCES, Attempted, attempted, failing_together
from checks.config import AnyCheck, Target
from checks.model import BrowserCheck, HttpCheck, TcpCheck
from checks.reference_targets import HttpReference, ReferenceTarget, TcpReference
from checks.run import Certificate, Finding, Outcome, Reason, Slot, UxCounts, Verdict
from probes.probe import NO_PROOF, Proof
from probes.reference import References
from tests import samples
from tests.agent.runners import a_runner
from tests.probes.servers import LOOPBACK, closed_port, web_server

ME = Identity("an-binh-1", "0" * 12)
USER_AGENT = "dvcwatch/1 (+so-khcn@anbinh.example)"
FAILED = Finding(verdict=Verdict.FAILED, blame="system", reason=Reason.TCP, message="không kết nối được")
OK = Finding(verdict=Verdict.OK)
UP = Network(asked=3)
DOWN = Network(asked=3, failing=2, down=True)


def failed(reason: Reason, blame: str = "system") -> Finding:
    return Finding(verdict=Verdict.FAILED, blame=blame, reason=reason, message="hỏng")


# -- what the state of our network makes of a finding


@pytest.mark.parametrize("reason", sorted(SUSPECT))
def test_a_failure_our_network_could_cause_is_inconclusive_while_it_is_down(reason: Reason) -> None:
    found = cleared(failed(reason), DOWN)
    assert (found.verdict, found.blame, found.reason) == ("inconclusive", "network", reason)
    assert "2/3 địa chỉ đối chứng không trả lời" in found.message
    assert "hỏng" in found.message


@pytest.mark.parametrize("reason", sorted(SUSPECT))
@pytest.mark.parametrize("network", [Network(), UP, Network(asked=3, failing=1)])
def test_a_failure_stands_while_our_network_works_or_nobody_can_tell(reason: Reason, network: Network) -> None:
    assert cleared(failed(reason), network) == failed(reason)


@pytest.mark.parametrize("reason", [Reason.HTTP_STATUS, Reason.REDIRECT, Reason.DIALOG, Reason.PAGE_CRASH])
def test_what_a_server_has_said_itself_stands_whatever_our_network_did(reason: Reason) -> None:
    assert cleared(failed(reason), DOWN) == failed(reason)


def test_a_slow_run_is_not_called_slow_while_our_network_is_down() -> None:
    slow = Finding(verdict=Verdict.SLOW, blame="system", reason=Reason.BUDGET)
    assert (cleared(slow, DOWN).verdict, cleared(slow, DOWN).blame) == ("inconclusive", "network")
    assert cleared(slow, UP) == slow


@pytest.mark.parametrize("verdict", [Verdict.OK, Verdict.BLOCKED, Verdict.INCONCLUSIVE])
def test_nobody_is_asked_about_what_accuses_nobody(verdict: Verdict) -> None:
    assert not suspicious(Finding(verdict=verdict, reason=Reason.TCP))


@pytest.mark.parametrize("reason", [Reason.DNS, Reason.TIMEOUT, Reason.ELEMENT_MISSING])
def test_a_dead_resolver_of_ours_clears_whatever_a_name_that_is_not_found_may_cause(reason: Reason) -> None:
    found = cleared(failed(reason), Network(asked=3, failing=1, resolver_dead=True))
    assert (found.verdict, found.blame, found.reason) == ("inconclusive", "network", reason)


@pytest.mark.parametrize("reason", [Reason.TCP, Reason.TLS, Reason.HTTP_STATUS])
def test_a_dead_resolver_of_ours_clears_nothing_for_which_the_name_was_found(reason: Reason) -> None:
    assert cleared(failed(reason), Network(asked=3, failing=1, resolver_dead=True)) == failed(reason)


@pytest.mark.parametrize(
    ("ahead_s", "verdict"), [(299.0, "failed"), (301.0, "inconclusive"), (-3600.0, "inconclusive")]
)
def test_a_wrong_clock_of_ours_accuses_no_certificate(ahead_s: float, verdict: str) -> None:
    found = cleared(failed(Reason.TLS), Network(asked=1, clock_ahead_s=ahead_s))
    assert found.verdict == verdict
    if verdict == "inconclusive":
        assert (found.blame, found.reason) == ("agent", Reason.CONFIG)
    assert cleared(failed(Reason.TCP), Network(asked=1, clock_ahead_s=ahead_s)) == failed(Reason.TCP)


def test_a_wrong_clock_of_ours_calls_no_certificate_too_old_and_no_one_time_password_refused() -> None:
    wrong, right = Network(asked=1, clock_ahead_s=20 * 86400.0), Network(asked=1, clock_ahead_s=20.0)
    shown = Certificate(
        subject="CN=a", issuer="CN=b", not_before=samples.NOON, not_after=samples.NOON, days_left=2, trusted=True
    )
    old = Finding(verdict=Verdict.SLOW, blame="system", reason=Reason.BUDGET, certificate=shown)
    refused = failed(Reason.ELEMENT_MISSING).evolve(ux=UxCounts(otp=1))
    for accused in (old, refused):
        found = cleared(accused, wrong)
        assert (found.verdict, found.blame, found.reason) == ("inconclusive", "agent", Reason.CONFIG)
        assert cleared(accused, right) == accused
    for told in (old.evolve(certificate=None), failed(Reason.ELEMENT_MISSING)):
        assert cleared(told, wrong) == told, "no clock is asked about it"


def test_a_line_that_is_intercepted_accuses_no_certificate() -> None:
    intercepted = Network(asked=3, intercepted=True)
    found = cleared(failed(Reason.TLS), intercepted)
    assert (found.verdict, found.blame) == ("inconclusive", "network")
    assert cleared(failed(Reason.TCP), intercepted) == failed(Reason.TCP)


@pytest.mark.parametrize("reason", [Reason.HTTP_STATUS, Reason.REDIRECT, Reason.ASSERTION])
@pytest.mark.parametrize("network", [DOWN, Network(asked=3, intercepted=True)])
def test_what_a_portal_of_our_own_network_may_have_said_over_plain_http_accuses_nobody(
    reason: Reason, network: Network
) -> None:
    assert suspicious(failed(reason), plain=True)
    found = cleared(failed(reason), network, plain=True)
    assert (found.verdict, found.blame, found.reason) == ("inconclusive", "network", reason)
    assert cleared(failed(reason), UP, plain=True) == failed(reason)


@pytest.mark.parametrize("reason", [Reason.WAF, Reason.CAPTCHA])
@pytest.mark.parametrize("network", [DOWN, Network(asked=3, intercepted=True)])
def test_a_refusal_that_a_portal_of_our_own_network_may_have_spoken_over_plain_http_is_nobodys(
    reason: Reason, network: Network
) -> None:
    refused = Finding(verdict=Verdict.BLOCKED, blame="system", reason=reason, message="từ chối")
    assert suspicious(refused, plain=True)
    found = cleared(refused, network, plain=True)
    assert (found.verdict, found.blame, found.reason) == ("inconclusive", "network", reason)
    assert cleared(refused, UP, plain=True) == refused
    assert cleared(refused, network) == refused, "over https the server has said it itself"


def test_plain_http_is_what_is_asked_or_walked_without_a_certificate() -> None:
    plain = samples.SYSTEM.evolve(url="http://dvc.example")
    http = samples.check(HttpCheck, url="https://dvc.example/")
    walk = samples.check(BrowserCheck, journey="di")
    assert not over_plain_http(samples.target(http, system=plain))
    assert over_plain_http(samples.target(http.evolve(url="http://dvc.example/")))
    assert over_plain_http(samples.target(walk, system=plain))
    assert not over_plain_http(samples.target(walk, system=samples.SYSTEM.evolve(url="https://dvc.example")))
    assert not over_plain_http(a_target("mot-cua-tinh"))


# -- through the runner, with real references


class Scripted:
    """A probe that answers what it was told, one answer an attempt; an answer that is an act is carried out."""

    def __init__(self, *answers: Finding | Callable[[], Awaitable[Finding]]) -> None:
        self.answers = list(answers)

    async def run(self, target: Target[AnyCheck], proof: Proof = NO_PROOF) -> Finding:
        answer = self.answers.pop(0)
        return answer if isinstance(answer, Finding) else await answer()


class Door:
    """A listener on loopback that can be shut and opened again on the same port."""

    def __init__(self) -> None:
        self.port = 0
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        self._server = await asyncio.start_server(lambda _, writer: writer.close(), LOOPBACK, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def shut(self) -> None:
        if self._server is not None:
            self._server.close()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *error: object) -> None:
        self.shut()


@asynccontextmanager
async def guard(*targets: ReferenceTarget) -> AsyncIterator[NetworkGuard]:
    references = References(targets, USER_AGENT)
    try:
        yield NetworkGuard(references, SystemClock(), fresh_s=0.0)
    finally:
        references.close()


def port(number: int) -> TcpReference:
    return TcpReference(type="tcp", host=LOOPBACK, port=number)


def a_target(system: str) -> Target[AnyCheck]:
    timing = {"every": "60s", "deadline": "20s", "confirm_after": "1ms"}
    check = samples.check(TcpCheck, id=f"cong-{system}", host="127.0.0.1", port=1, **timing)
    return samples.target(check, system=samples.SYSTEM.evolve(id=system, hosts=(f"{system}.example",)))


async def walk(
    watched: NetworkGuard, *answers: Finding | Callable[[], Awaitable[Finding]], system: str = "mot-cua-tinh"
) -> Outcome:
    clock, target = watched.clock, a_target(system)
    runner = a_runner({"tcp": Scripted(*answers)}, clock, guard=watched)
    slot = Slot(check=target.check.id, location="an-binh", due_at=datetime.now(UTC).replace(microsecond=0))
    return await runner.run(target, slot, ME)


def told(outcome: Outcome) -> list[tuple[str, str]]:
    return [(run.verdict, run.blame) for run in (*outcome.earlier, outcome.run)]


async def test_a_failure_stands_when_the_references_answer() -> None:
    async with Door() as a, guard(port(a.port)) as watched:
        outcome = await walk(watched, FAILED, FAILED)
    assert told(outcome) == [("failed", "system"), ("failed", "system")]
    assert (outcome.run.health.references, outcome.run.health.references_silent) == (1, 0)


async def test_a_failure_accuses_nobody_when_no_reference_answers() -> None:
    async with guard(port(closed_port()), port(closed_port())) as watched:
        outcome = await walk(watched, FAILED)
    assert (outcome.run.verdict, outcome.run.blame, outcome.run.reason) == ("inconclusive", "network", Reason.TCP)
    assert (outcome.run.health.references, outcome.run.health.references_silent) == (2, 2)


async def test_a_single_silent_reference_of_three_is_recorded_and_clears_nobody() -> None:
    async with Door() as a, Door() as b, guard(port(a.port), port(b.port), port(closed_port())) as watched:
        outcome = await walk(watched, FAILED, FAILED)
    assert outcome.run.verdict == "failed"
    assert (outcome.run.health.references, outcome.run.health.references_silent) == (3, 1)


async def test_references_are_not_asked_about_a_good_run() -> None:
    asked = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.method)
        return web.Response()

    async with web_server(answer) as a, guard(HttpReference(type="http", url=f"http://{LOOPBACK}:{a}/")) as watched:
        assert (await walk(watched, OK)).run.health.references is None
    assert asked == []


async def test_a_network_that_is_gone_at_the_second_attempt_accuses_nobody() -> None:
    async with Door() as a, guard(port(a.port)) as watched:

        async def gone() -> Finding:
            a.shut()
            return FAILED

        outcome = await walk(watched, FAILED, gone)
    assert told(outcome) == [("failed", "system"), ("inconclusive", "network")]


async def test_a_network_that_was_gone_for_a_part_of_the_first_attempt_accuses_nobody() -> None:
    async with Door() as a, guard(port(a.port)) as watched:

        async def flapping() -> Finding:
            a.shut()
            await watched.ask()  # as it does regularly
            await a.open()
            return FAILED

        assert told(await walk(watched, flapping)) == [("inconclusive", "network")]


async def test_a_network_that_was_gone_between_the_attempts_accuses_nobody() -> None:
    async with Door() as a, guard(port(a.port)) as watched:

        async def after_a_flap() -> Finding:
            a.shut()
            await watched.ask()
            await a.open()
            return failed(Reason.TIMEOUT)

        assert told(await walk(watched, FAILED, after_a_flap))[-1] == ("inconclusive", "network")


async def test_a_network_that_came_back_long_before_excuses_nobody() -> None:
    async with Door() as a, guard(port(a.port)) as watched:
        a.shut()
        await watched.ask()
        await a.open()
        watched.every_s = 0.0  # the round before the first attempt is then too old to speak for it
        assert told(await walk(watched, FAILED, FAILED))[-1] == ("failed", "system")


async def test_many_failures_at_once_share_one_round() -> None:
    asked = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.method)
        return web.Response()

    async with web_server(answer) as a, guard(HttpReference(type="http", url=f"http://{LOOPBACK}:{a}/")) as watched:
        watched.fresh_s = 60.0
        await asyncio.gather(*(watched.ask() for _ in range(20)))
    assert asked == ["HEAD"]


# -- many failing together


def attempts(*of: tuple[str, str | None]) -> list[Attempted]:
    return [Attempted(float(at), system, silent) for at, (system, silent) in enumerate(of)]


def down(*systems: str) -> list[tuple[str, str | None]]:
    return [(system, system) for system in systems]


def up(*systems: str) -> list[tuple[str, str | None]]:
    return [(system, None) for system in systems]


@pytest.mark.parametrize(
    ("seen", "together"),
    [
        (down("a", "b", "c"), {"a", "b", "c"}),
        (down("a", "b"), set()),
        (down("a", "b", "c") + up("d", "e"), {"a", "b", "c"}),
        (down("a", "b", "c") + up("d", "e", "f"), set()),
        (down("a", "a", "a"), set()),
        (down("a", "b", "c") + up("c"), set()),  # one good attempt on a system clears it
        ([("a", "dinh-danh"), ("b", "dinh-danh"), ("c", "dinh-danh")], set()),  # one outside system is one
    ],
)
def test_three_systems_and_three_in_five_fail_together(seen: list[tuple[str, str | None]], together: set[str]) -> None:
    assert failing_together(attempts(*seen), 0.0, WITH_REFERENCES) == together


def test_without_references_two_systems_and_every_second_are_enough() -> None:
    assert failing_together(attempts(*down("a", "b"), *up("c", "d")), 0.0, WITHOUT_REFERENCES) == {"a", "b"}
    assert failing_together(attempts(*down("a", "b"), *up("c", "d", "e")), 0.0, WITHOUT_REFERENCES) == set()
    assert failing_together(attempts(*down("a")), 0.0, WITHOUT_REFERENCES) == set()


def test_only_the_window_counts() -> None:
    assert failing_together(attempts(*down("a", "b", "c")), 1.0, WITH_REFERENCES) == set()


def test_an_answer_that_is_wrong_is_no_failure_to_reach() -> None:
    assert attempted(failed(Reason.HTTP_STATUS), "a", 0.0) == Attempted(0.0, "a", None)
    assert attempted(failed(Reason.TIMEOUT, "dependency:dinh-danh"), "a", 0.0) == Attempted(0.0, "a", "dinh-danh")
    assert attempted(Finding(verdict=Verdict.INCONCLUSIVE), "a", 0.0) is None


async def all_fail(watched: NetworkGuard, *systems: str) -> list[Outcome]:
    """Let the systems fail at once: every first attempt is over before a second one begins."""
    met = asyncio.Barrier(len(systems))

    async def meet() -> Finding:
        await met.wait()
        return FAILED

    return await asyncio.gather(*(walk(watched, FAILED, meet, system=system) for system in systems))


async def test_systems_that_fail_together_stay_accused_while_the_references_answer_and_it_is_told() -> None:
    async with Door() as a, guard(port(a.port)) as watched:
        outcomes = await all_fail(watched, "mot", "hai", "ba")
        assert watched.together() == {"mot", "hai", "ba"}
    assert {(one.run.verdict, one.run.blame) for one in outcomes} == {("failed", "system")}
    assert {one.run.together for one in outcomes} == {("ba", "hai", "mot")}
    assert "3 hệ thống cùng mất liên lạc (ba, hai, mot)" in outcomes[0].run.message


async def test_systems_that_fail_together_accuse_nobody_without_references() -> None:
    async with guard() as watched:
        outcomes = await all_fail(watched, "mot", "hai")
    assert {(one.run.verdict, one.run.blame) for one in outcomes} == {("inconclusive", "network")}


async def test_a_system_that_fails_alone_without_references_is_accused() -> None:
    async with guard() as watched:
        await walk(watched, OK, system="hai")
        assert told(await walk(watched, FAILED, FAILED))[-1] == ("failed", "system")


async def test_systems_that_fail_together_after_a_break_of_ours_accuse_nobody() -> None:
    async with Door() as a, guard(port(a.port)) as watched:
        a.shut()
        await watched.ask()
        await a.open()
        watched.every_s = 0.0
        outcomes = await all_fail(watched, "mot", "hai", "ba")
    assert {(one.run.verdict, one.run.blame) for one in outcomes} == {("inconclusive", "network")}
