"""The tls probe against servers with good and bad certificates."""

import asyncio
import ssl
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from checks.model import TlsCheck
from checks.run import Finding, Reason, Verdict
from checks.secrets import Secrets
from probes.tls import TlsProbe
from tests import samples
from tests.probes.certificates import NOW, Authority
from tests.probes.servers import LOOPBACK, closed_port, raw_server, resetting, silent


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


async def look(authority: Authority, port: int, **fields: Any) -> Finding:
    written = {"host": LOOPBACK, "port": port, "trust": {"ca_file": authority.ca_file}} | fields
    a_probe = TlsProbe(authority.folder, Secrets({}, authority.folder), now=lambda: NOW)
    return await a_probe.run(samples.target(samples.check(TlsCheck, **written)))


async def shake(authority: Authority, context: ssl.SSLContext, **fields: Any) -> Finding:
    async with raw_server(silent, context) as port:
        return await look(authority, port, **fields)


async def test_a_good_certificate_is_ok_and_read(authority: Authority) -> None:
    finding = await shake(authority, authority.server())

    assert (finding.verdict, finding.blame, finding.reason) == (Verdict.OK, "none", None)
    assert list(finding.phases) == ["dns", "connect", "tls"]
    certificate = finding.certificate
    assert certificate is not None
    assert certificate.trusted
    assert certificate.days_left == pytest.approx(90, abs=0.001)
    assert certificate.not_before < NOW < certificate.not_after
    assert "trustme" in certificate.issuer


async def test_a_slow_handshake_is_charged_to_the_tls_phase(authority: Authority) -> None:
    context, delay_s = authority.server(), 0.2

    async def late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert isinstance(writer.transport, asyncio.Transport)
        writer.transport.pause_reading()
        await asyncio.sleep(delay_s)
        await writer.start_tls(context)
        await silent(reader, writer)

    async with raw_server(late) as port:
        finding = await look(authority, port)

    assert finding.phases["tls"] >= delay_s > finding.phases["connect"]


async def test_a_certificate_that_ends_soon_is_slow(authority: Authority) -> None:
    finding = await shake(authority, authority.server(not_after=NOW + timedelta(days=5, hours=6)))

    assert (finding.verdict, finding.blame, finding.reason) == (Verdict.SLOW, "system", Reason.BUDGET)
    assert finding.message == "Chứng thư số còn 5,2 ngày, dưới mức 21 ngày"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"not_after": NOW - timedelta(days=2)}, "đã hết hạn"),
        ({"not_before": NOW + timedelta(days=2)}, "chưa có hiệu lực"),
        ({"name": "khac.example"}, "không cấp cho"),
    ],
)
async def test_a_bad_certificate_is_told_apart_and_shown(
    authority: Authority, fields: dict[str, Any], sentence: str
) -> None:
    finding = await shake(authority, authority.server(**fields))

    assert (finding.verdict, finding.blame, finding.reason) == (Verdict.FAILED, "system", Reason.TLS)
    assert sentence in finding.message
    assert "có giá trị từ " in finding.message
    assert finding.certificate is not None
    assert not finding.certificate.trusted


async def test_a_certificate_of_an_unknown_authority_is_not_trusted(authority: Authority, tmp_path: Path) -> None:
    stranger = Authority(tmp_path / "stranger")
    finding = await shake(authority, stranger.server())

    assert (finding.verdict, finding.reason) == (Verdict.FAILED, Reason.TLS)
    assert "không được tin cậy" in finding.message
    assert finding.certificate is not None


async def test_the_name_expected_on_the_certificate_can_be_given(authority: Authority) -> None:
    trust = {"ca_file": authority.ca_file, "server_name": "cong.example"}
    finding = await shake(authority, authority.server("cong.example"), trust=trust)

    assert finding.verdict is Verdict.OK, finding.message


async def test_the_second_look_at_a_refused_certificate_is_not_in_the_time(authority: Authority) -> None:
    finding = await shake(authority, authority.server(not_after=NOW - timedelta(days=2)))

    assert finding.duration_s == pytest.approx(sum(finding.phases.values()))
    assert list(finding.phases) == ["dns", "connect", "tls"]


async def test_a_renewed_authority_is_trusted_without_a_restart(authority: Authority) -> None:
    a_probe = TlsProbe(authority.folder, Secrets({}, authority.folder), now=lambda: NOW)
    renewed = Authority(authority.folder)
    async with raw_server(silent, renewed.server()) as port:
        check = samples.check(TlsCheck, host=LOOPBACK, port=port, trust={"ca_file": authority.ca_file})
        before = await a_probe.run(samples.target(check))
        assert renewed.ca_file == check.trust.ca_file
        after = await a_probe.run(samples.target(check))

    assert before.verdict is Verdict.FAILED
    assert after.verdict is Verdict.OK, after.message


async def test_a_server_that_knows_only_the_old_key_exchange_of_browsers_is_reached(authority: Authority) -> None:
    context = authority.server(key_type="RSA")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AES128-SHA:@SECLEVEL=0")
    finding = await shake(authority, context)

    assert finding.verdict is Verdict.OK, finding.message


async def test_a_server_that_refuses_the_handshake_is_a_failure(authority: Authority) -> None:
    async with raw_server(resetting) as port:
        finding = await look(authority, port)

    assert (finding.verdict, finding.blame, finding.reason) == (Verdict.FAILED, "system", Reason.TLS)
    assert finding.certificate is None


async def test_a_closed_port_is_a_failure_of_tcp(authority: Authority) -> None:
    finding = await look(authority, closed_port())

    assert (finding.verdict, finding.reason) == (Verdict.FAILED, Reason.TCP)


async def test_a_handshake_that_never_ends_says_where_it_stood(authority: Authority) -> None:
    async with raw_server(silent) as port:
        finding = await look(authority, port, deadline="300ms")

    assert finding.reason is Reason.TIMEOUT
    assert finding.message.startswith("Chưa thiết lập xong kết nối an toàn")


async def test_a_ca_file_without_certificates_is_our_fault(authority: Authority) -> None:
    (authority.folder / "rong.pem").write_text("không có gì")
    finding = await look(authority, closed_port(), trust={"ca_file": "rong.pem"})

    assert (finding.verdict, finding.blame, finding.reason) == (Verdict.INCONCLUSIVE, "agent", Reason.CONFIG)
