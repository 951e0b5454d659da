"""The tcp probe against real ports."""

import socket
from pathlib import Path

from checks.model import Dependency, TcpCheck
from checks.run import Finding, Reason, Verdict
from checks.secrets import Secrets
from probes.connection import Address
from probes.tcp import TcpProbe
from tests import samples
from tests.probes.servers import LOOPBACK, closed_port, raw_server, silent, unanswering_port


async def look(tmp_path: Path, port: int, **fields: object) -> Finding:
    check = samples.check(TcpCheck, **({"host": LOOPBACK, "port": port} | fields))
    return await TcpProbe(Secrets({}, tmp_path)).run(samples.target(check))


async def test_a_port_that_answers_is_ok_and_its_phases_sum_to_the_whole(tmp_path: Path) -> None:
    async with raw_server(silent) as port:
        finding = await look(tmp_path, port)

    assert (finding.verdict, finding.blame, finding.reason) == (Verdict.OK, "none", None)
    assert set(finding.phases) == {"dns", "connect"}
    assert finding.duration_s == sum(finding.phases.values()) > 0
    assert finding.steps == ()


async def test_a_closed_port_is_a_failure_of_the_system(tmp_path: Path) -> None:
    port = closed_port()
    finding = await look(tmp_path, port)

    assert (finding.verdict, finding.blame, finding.reason) == (Verdict.FAILED, "system", Reason.TCP)
    assert finding.message == f"Máy chủ 127.0.0.1:{port} từ chối kết nối (ECONNREFUSED)"


async def test_a_closed_port_of_an_outside_system_is_charged_to_it(tmp_path: Path) -> None:
    port = closed_port()
    sign_on = Dependency(id="dinh-danh", name="Định danh", hosts=(f"{LOOPBACK}:{port}",))
    check = samples.check(TcpCheck, host=LOOPBACK, port=port)
    finding = await TcpProbe(Secrets({}, tmp_path)).run(samples.target(check, dependencies=[sign_on]))

    assert (finding.verdict, finding.blame) == (Verdict.FAILED, "dependency:dinh-danh")


async def test_a_port_that_never_answers_ends_before_the_deadline_and_says_where_it_stood(tmp_path: Path) -> None:
    with unanswering_port() as port:
        finding = await look(tmp_path, port, deadline="1s")

    assert (finding.verdict, finding.blame, finding.reason) == (Verdict.FAILED, "system", Reason.TIMEOUT)
    assert finding.message.startswith(f"Chưa kết nối được tới 127.0.0.1:{port} sau ")
    assert finding.phases["connect"] > finding.phases["dns"]


async def test_a_connection_slower_than_its_budget_is_slow(tmp_path: Path) -> None:
    async with raw_server(silent) as port:
        check = samples.check(TcpCheck, host=LOOPBACK, port=port, budget=1e-9)
        finding = await TcpProbe(Secrets({}, tmp_path)).run(samples.target(check))

    assert (finding.verdict, finding.blame, finding.reason) == (Verdict.SLOW, "system", Reason.BUDGET)
    assert "quá mức 0,000 s" in finding.message


async def test_a_dead_first_address_does_not_hide_a_living_second_one(tmp_path: Path) -> None:
    async with raw_server(silent) as port:
        with unanswering_port() as dead:

            async def both(host: str, asked: int) -> list[Address]:
                return [(socket.AF_INET, (LOOPBACK, dead)), (socket.AF_INET, (LOOPBACK, port))]

            check = samples.check(TcpCheck, host="hai-dia-chi.example", port=port)
            finding = await TcpProbe(Secrets({}, tmp_path), lookup=both).run(samples.target(check))

    assert finding.verdict is Verdict.OK


async def test_secrets_are_masked_before_the_message_is_cut(tmp_path: Path) -> None:
    secrets = Secrets({"KEY": "bi-mat-khong-duoc-lo"}, tmp_path)
    secrets.resolve("${env:KEY}")
    check = samples.check(TcpCheck, host="bi-mat-khong-duoc-lo", port=closed_port())

    async def nowhere(host: str, port: int) -> list[Address]:
        return [(socket.AF_INET, (LOOPBACK, port))]

    finding = await TcpProbe(secrets, lookup=nowhere).run(samples.target(check))

    assert "bi-mat" not in finding.message
    assert "•••" in finding.message
