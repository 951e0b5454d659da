"""What the http probe concludes when no answer comes, or not a whole one."""

import asyncio
import socket
import ssl
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from checks.model import HttpCheck
from checks.run import Reason, Verdict
from checks.secrets import Secrets
from probes.connection import Address
from probes.http import HttpProbe
from tests import samples
from tests.probes.certificates import NOW, Authority
from tests.probes.looking import USER_AGENT, look, probe, target
from tests.probes.servers import (
    LOOPBACK,
    Talk,
    closed_port,
    hanging_up,
    raw_server,
    resetting,
    saying,
    shaking_hands,
    silent,
    unanswering_port,
    web_server,
)


@pytest.mark.parametrize(
    ("talk", "reason", "sentence"),
    [
        (resetting, Reason.TCP, "cắt kết nối giữa chừng"),
        (hanging_up, Reason.TCP, "đóng kết nối mà không trả lời"),
        (saying(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"), Reason.TCP, "ngừng gửi trang khi chưa hết"),
        (saying(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), Reason.HTTP_STATUS, "không đúng giao thức HTTP"),
    ],
)
async def test_a_broken_answer_is_a_failure_of_the_system(
    tmp_path: Path, talk: Talk, reason: Reason, sentence: str
) -> None:
    async with raw_server(talk) as port:
        finding = await look(tmp_path, f"http://{LOOPBACK}:{port}/")

    assert (finding.verdict, finding.blame, finding.reason) == (Verdict.FAILED, "system", reason)
    assert sentence in finding.message
    assert finding.owners[0].failed == 1


async def test_a_closed_port_is_a_failure_in_the_connect_phase(tmp_path: Path) -> None:
    finding = await look(tmp_path, f"http://{LOOPBACK}:{closed_port()}/")

    assert (finding.verdict, finding.blame, finding.reason) == (Verdict.FAILED, "system", Reason.TCP)
    assert list(finding.phases) == ["dns", "connect"]


async def test_a_line_that_never_opens_says_that_it_stood_in_the_connect_phase(tmp_path: Path) -> None:
    with unanswering_port() as port:
        finding = await look(tmp_path, f"http://{LOOPBACK}:{port}/", deadline="400ms")

    assert finding.reason is Reason.TIMEOUT
    assert finding.message.startswith("Chưa kết nối được tới")


async def test_a_handshake_that_never_ends_says_that_it_stood_in_the_tls_phase(tmp_path: Path) -> None:
    async with raw_server(silent) as port:
        finding = await look(tmp_path, f"https://{LOOPBACK}:{port}/", deadline="400ms")

    assert finding.reason is Reason.TIMEOUT
    assert finding.message.startswith("Chưa thiết lập xong kết nối an toàn với")


class TestNames:
    @pytest.mark.parametrize(
        ("code", "verdict", "blame"),
        [
            (socket.EAI_NONAME, Verdict.FAILED, "system"),
            (socket.EAI_NODATA, Verdict.FAILED, "system"),
            (socket.EAI_AGAIN, Verdict.INCONCLUSIVE, "network"),
            (socket.EAI_FAIL, Verdict.INCONCLUSIVE, "network"),
        ],
    )
    async def test_a_name_without_address_is_theirs_and_a_silent_resolver_is_not(
        self, tmp_path: Path, code: int, verdict: Verdict, blame: str
    ) -> None:
        async def lookup(host: str, port: int) -> Sequence[Address]:
            raise socket.gaierror(code, "as the resolver says")

        a_probe = HttpProbe(tmp_path, Secrets({}, tmp_path), USER_AGENT, lookup=lookup)
        finding = await a_probe.run(target(samples.check(HttpCheck, url="http://khong-co.example/")))

        assert (finding.verdict, finding.blame, finding.reason) == (verdict, blame, Reason.DNS)
        assert list(finding.phases) == ["dns"]


class TestCertificates:
    @pytest.mark.parametrize(
        ("fields", "sentence"),
        [
            ({"not_after": NOW - timedelta(hours=1)}, "đã hết hạn"),
            ({"not_before": NOW + timedelta(days=1)}, "chưa có hiệu lực"),
            ({"name": "khac.example"}, "không cấp cho"),
        ],
    )
    async def test_a_bad_certificate_is_a_failure_in_the_tls_phase(
        self, tmp_path: Path, fields: dict[str, object], sentence: str
    ) -> None:
        authority = Authority(tmp_path)
        async with raw_server(silent, authority.server(**fields)) as port:  # type: ignore[arg-type]  # parametrized
            finding = await look(tmp_path, f"https://{LOOPBACK}:{port}/", trust={"ca_file": authority.ca_file})

        assert (finding.verdict, finding.blame, finding.reason) == (Verdict.FAILED, "system", Reason.TLS)
        assert sentence in finding.message
        assert list(finding.phases) == ["dns", "connect", "tls"]

    async def test_a_stranger_s_authority_is_not_trusted(self, tmp_path: Path) -> None:
        async with raw_server(silent, Authority(tmp_path).server()) as port:
            finding = await look(tmp_path, f"https://{LOOPBACK}:{port}/")

        assert (finding.verdict, finding.reason) == (Verdict.FAILED, Reason.TLS)
        assert "không được tin cậy" in finding.message

    async def test_https_to_a_server_that_speaks_plain_http_is_a_failure(self, tmp_path: Path) -> None:
        async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(1)
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            await writer.drain()
            await reader.read()

        async with raw_server(plain) as port:
            finding = await look(tmp_path, f"https://{LOOPBACK}:{port}/")

        assert (finding.verdict, finding.blame, finding.reason) == (Verdict.FAILED, "system", Reason.TLS)
        assert "WRONG_VERSION_NUMBER" in finding.message

    async def test_a_handshake_that_is_cut_off_is_a_failure_of_tls(self, tmp_path: Path) -> None:
        async with raw_server(resetting) as port:
            finding = await look(tmp_path, f"https://{LOOPBACK}:{port}/")

        assert (finding.verdict, finding.blame, finding.reason) == (Verdict.FAILED, "system", Reason.TLS)
        assert "cắt kết nối khi đang thiết lập kết nối an toàn" in finding.message

    async def test_a_server_that_asks_for_the_citizen_s_certificate_after_the_handshake_accuses_nobody(
        self, tmp_path: Path
    ) -> None:
        authority = Authority(tmp_path)
        wants_a_token = authority.server()
        wants_a_token.minimum_version = ssl.TLSVersion.TLSv1_3  # there the client is done before the server refuses it
        wants_a_token.verify_mode = ssl.CERT_REQUIRED
        wants_a_token.load_verify_locations(str(tmp_path / authority.ca_file))
        async with raw_server(shaking_hands(wants_a_token, b"")) as port:
            finding = await look(tmp_path, f"https://{LOOPBACK}:{port}/", trust={"ca_file": authority.ca_file})

        assert (finding.verdict, finding.blame, finding.reason) == (Verdict.INCONCLUSIVE, "agent", Reason.CONFIG)
        assert "đòi chứng thư số của người dùng" in finding.message
        assert list(finding.phases) == ["dns", "connect", "tls", "ttfb"]

    async def test_a_broken_record_after_the_handshake_is_a_failure_of_the_system(self, tmp_path: Path) -> None:
        authority = Authority(tmp_path)
        async with raw_server(shaking_hands(authority.server(), b"\x17\x03\x03\x00\x20" + bytes(32))) as port:
            finding = await look(tmp_path, f"https://{LOOPBACK}:{port}/", trust={"ca_file": authority.ca_file})

        assert (finding.verdict, finding.blame, finding.reason) == (Verdict.FAILED, "system", Reason.TCP)
        assert "cắt kết nối giữa chừng" in finding.message

    async def test_a_name_given_in_checks_yaml_is_the_one_on_the_certificate(self, tmp_path: Path) -> None:
        async def welcome(request: web.Request) -> web.Response:
            return web.Response()

        authority = Authority(tmp_path)
        async with web_server(welcome, authority.server("cong.example")) as port:
            trust = {"ca_file": authority.ca_file, "server_name": "cong.example"}
            finding = await look(tmp_path, f"https://{LOOPBACK}:{port}/", trust=trust)

        assert finding.verdict is Verdict.OK, finding.message


class TestOurConfiguration:
    async def test_a_ca_file_that_is_not_there_is_our_fault(self, tmp_path: Path) -> None:
        finding = await look(tmp_path, "https://cong.example/", trust={"ca_file": "mat.pem"})

        assert (finding.verdict, finding.blame, finding.reason) == (Verdict.INCONCLUSIVE, "agent", Reason.CONFIG)

    async def test_a_secret_that_is_not_there_is_our_fault(self, tmp_path: Path) -> None:
        finding = await look(tmp_path, "https://cong.example/", secret_headers={"X-Key": "${env:KHONG_CO}"})

        assert (finding.verdict, finding.blame, finding.reason) == (Verdict.INCONCLUSIVE, "agent", Reason.CONFIG)
        assert "KHONG_CO" in finding.message

    async def test_a_secret_is_in_the_request_and_never_in_the_message(self, tmp_path: Path) -> None:
        async def mirror(request: web.Request) -> web.Response:
            return web.Response(status=429, headers={"Retry-After": request.headers["X-Key"]})

        async with web_server(mirror) as port:
            check = samples.check(HttpCheck, url=f"http://{LOOPBACK}:{port}/", secret_headers={"X-Key": "${env:KEY}"})
            finding = await probe(tmp_path, KEY="khoa-bi-mat").run(target(check))

        assert "Retry-After: •••" in finding.message
        assert "khoa-bi-mat" not in finding.model_dump_json()

    async def test_a_secret_that_makes_no_expression_of_one_is_our_fault(self, tmp_path: Path) -> None:
        async def answer(_request: web.Request) -> web.Response:
            return web.Response(text="Mã hồ sơ", content_type="text/html")

        async with web_server(answer) as port:
            expect = {"body_matches": ["Mã ${env:KEY}"]}
            check = samples.check(HttpCheck, url=f"http://{LOOPBACK}:{port}/", expect=expect)
            finding = await probe(tmp_path, KEY="khoa-bi-mat(").run(target(check))

        assert (finding.verdict, finding.blame, finding.reason) == (Verdict.INCONCLUSIVE, "agent", Reason.CONFIG)
        assert "khoa-bi-mat" not in finding.model_dump_json()

    async def test_a_long_secret_is_masked_whole_before_the_message_is_cut(self, tmp_path: Path) -> None:
        async def welcome(request: web.Request) -> web.Response:
            return web.Response(text="xin chào")

        async with web_server(welcome) as port:
            expect = {"body_contains": ["x" * 480 + "${env:KEY}"]}
            check = samples.check(HttpCheck, url=f"http://{LOOPBACK}:{port}/", expect=expect)
            finding = await probe(tmp_path, KEY="khoa-bi-mat").run(target(check))

        assert finding.verdict is Verdict.FAILED
        assert "khoa" not in finding.message
