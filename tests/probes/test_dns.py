"""The dns probe against a real name server."""

import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dns.rcode
import pytest

from checks.model import Dependency, DnsCheck
from checks.run import Finding, Reason, Verdict
from checks.secrets import Secrets
from probes.connection import Address
from probes.dns import DnsProbe
from tests import samples
from tests.probes.name_server import name_server
from tests.probes.servers import LOOPBACK, closed_port

ZONE = {
    ("dichvucong.anbinh.example", "A"): ("192.0.2.10", "192.0.2.11"),
    ("dichvucong.anbinh.example", "AAAA"): ("2001:db8::a",),
    ("www.anbinh.example", "CNAME"): ("DichVuCong.AnBinh.example.",),
    ("anbinh.example", "MX"): ("10 thu.anbinh.example.",),
    ("anbinh.example", "TXT"): ('"v=spf1 " "-all"',),
    ("anbinh.example", "NS"): ("ns1.anbinh.example.",),
    ("anbinh.example", "CAA"): ('0 issue "ca.example"',),
}
NAME = "dichvucong.anbinh.example"


async def look(tmp_path: Path, resolver: str | None, name: str = NAME, **fields: Any) -> Finding:
    check = samples.check(DnsCheck, name=name, resolver=resolver, **fields)
    return await DnsProbe(Secrets({}, tmp_path)).run(samples.target(check))


@pytest.mark.parametrize(
    ("name", "record", "answers"),
    [
        (NAME, "A", ["192.0.2.11"]),
        (NAME + ".", "A", ["192.0.2.10", "192.0.2.11"]),
        (NAME, "AAAA", ["2001:0DB8:0:0::A"]),
        ("www.anbinh.example", "CNAME", ["dichvucong.anbinh.example"]),
        ("anbinh.example", "MX", ["thu.anbinh.example"]),
        ("anbinh.example", "MX", ["10 THU.anbinh.example."]),
        ("anbinh.example", "TXT", ["v=spf1 -all"]),
        ("anbinh.example", "NS", ["NS1.anbinh.example."]),
        ("anbinh.example", "CAA", ['0 issue "ca.example"']),
    ],
)
async def test_answers_are_compared_as_people_write_them(
    tmp_path: Path, name: str, record: str, answers: list[str]
) -> None:
    async with name_server(ZONE) as resolver:
        finding = await look(tmp_path, resolver, name, record=record, answers=answers)

    assert (finding.verdict, finding.blame) == (Verdict.OK, "none"), finding.message
    assert list(finding.phases) == ["dns"]
    assert finding.duration_s > 0


async def test_an_answer_that_is_missing_is_a_failure_and_says_what_is_there(tmp_path: Path) -> None:
    async with name_server(ZONE) as resolver:
        finding = await look(tmp_path, resolver, answers=["198.51.100.7"])

    assert (finding.verdict, finding.blame, finding.reason) == (Verdict.FAILED, "system", Reason.DNS)
    assert "không dẫn tới 198.51.100.7 (mà tới 192.0.2.10, 192.0.2.11)" in finding.message


@pytest.mark.parametrize(
    ("name", "record", "sentence"),
    [("khong-co.example", "A", "Không tìm thấy tên miền khong-co.example"), (NAME, "MX", "không có bản ghi")],
)
async def test_a_name_or_record_that_is_not_there_is_charged_to_the_name(
    tmp_path: Path, name: str, record: str, sentence: str
) -> None:
    async with name_server(ZONE) as resolver:
        resolver_owner = Dependency(id="phan-giai", name="Máy chủ tên miền", hosts=(resolver,))
        check = samples.check(DnsCheck, name=name, record=record, resolver=resolver)
        finding = await DnsProbe(Secrets({}, tmp_path)).run(samples.target(check, dependencies=[resolver_owner]))

    assert (finding.verdict, finding.blame, finding.reason) == (Verdict.FAILED, "system", Reason.DNS)
    assert sentence in finding.message


async def test_a_named_resolver_that_fails_is_charged_to_its_owner(tmp_path: Path) -> None:
    async with name_server(ZONE, dns.rcode.SERVFAIL) as resolver:
        owner = Dependency(id="phan-giai", name="Máy chủ tên miền", hosts=(resolver,))
        check = samples.check(DnsCheck, name=NAME, resolver=resolver)
        finding = await DnsProbe(Secrets({}, tmp_path)).run(samples.target(check, dependencies=[owner]))

    assert (finding.verdict, finding.blame, finding.reason) == (Verdict.FAILED, "dependency:phan-giai", Reason.DNS)
    assert f"Máy chủ tên miền {resolver} không trả lời được" in finding.message
    assert "SERVFAIL" in finding.message


async def test_a_named_resolver_that_is_mute_is_a_failure_before_the_deadline(tmp_path: Path) -> None:
    async with name_server(ZONE, mute=True) as resolver:
        finding = await look(tmp_path, resolver, deadline="500ms")

    assert (finding.verdict, finding.blame, finding.reason) == (Verdict.FAILED, "system", Reason.DNS)
    assert finding.duration_s < 0.5  # the caller would have cancelled


async def test_a_named_resolver_that_is_not_there_is_a_failure(tmp_path: Path) -> None:
    finding = await look(tmp_path, f"{LOOPBACK}:{closed_port()}", deadline="500ms")

    assert (finding.verdict, finding.blame, finding.reason) == (Verdict.FAILED, "system", Reason.DNS)


async def test_a_resolver_can_be_given_by_name(tmp_path: Path) -> None:
    async with name_server(ZONE) as resolver:
        port = int(resolver.rpartition(":")[2])

        async def lookup(host: str, asked: int) -> Sequence[Address]:
            assert (host, asked) == ("ns1.anbinh.example", port)
            return [(socket.AF_INET, (LOOPBACK, port))]

        check = samples.check(DnsCheck, name=NAME, resolver=f"ns1.anbinh.example:{port}")
        finding = await DnsProbe(Secrets({}, tmp_path), lookup=lookup).run(samples.target(check))

    assert finding.verdict is Verdict.OK, finding.message


async def test_a_question_slower_than_its_budget_is_slow(tmp_path: Path) -> None:
    async with name_server(ZONE) as resolver:
        finding = await look(tmp_path, resolver, budget=1e-9)

    assert (finding.verdict, finding.reason) == (Verdict.SLOW, Reason.BUDGET)


class TestOwnResolver:
    async def test_when_it_does_not_answer_we_know_nothing(self, tmp_path: Path) -> None:
        settings = tmp_path / "resolv.conf"
        settings.write_text("nameserver 127.255.255.254\n")
        a_probe = DnsProbe(Secrets({}, tmp_path), resolver_file=settings)
        finding = await a_probe.run(samples.target(samples.check(DnsCheck, name=NAME, deadline="500ms")))

        assert (finding.verdict, finding.blame, finding.reason) == (Verdict.INCONCLUSIVE, "network", Reason.DNS)

    async def test_when_there_is_none_it_is_the_agent_s_configuration(self, tmp_path: Path) -> None:
        a_probe = DnsProbe(Secrets({}, tmp_path), resolver_file=tmp_path / "khong-co")
        finding = await a_probe.run(samples.target(samples.check(DnsCheck, name=NAME)))

        assert (finding.verdict, finding.blame, finding.reason) == (Verdict.INCONCLUSIVE, "agent", Reason.CONFIG)

    async def test_a_name_written_wrongly_is_our_fault(self, tmp_path: Path) -> None:
        finding = await look(tmp_path, None, name="hai..${env:TEN}.example")

        assert (finding.verdict, finding.blame, finding.reason) == (Verdict.INCONCLUSIVE, "agent", Reason.CONFIG)
