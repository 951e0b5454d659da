"""The http probe against real web servers: what it measures and what it judges."""

import asyncio
import gzip
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from checks.model import Dependency, HttpCheck
from checks.run import Finding, OwnerShare, Reason, Verdict
from checks.secrets import Secrets
from probes.connection import Address, system_lookup
from probes.http import HttpProbe
from tests import samples
from tests.probes.certificates import Authority
from tests.probes.looking import USER_AGENT, look, probe, target
from tests.probes.servers import LOOPBACK, Handler, raw_server, saying, saying_and_staying, web_server

WELCOME = "<h1>Cổng Dịch vụ công</h1>"


async def ask(folder: Path, handler: Handler, **fields: Any) -> Finding:
    async with web_server(handler) as port:
        return await look(folder, f"http://{LOOPBACK}:{port}/", **fields)


async def welcome(request: web.Request) -> web.Response:
    return web.Response(text=WELCOME, content_type="text/html")


def page(text: str, **fields: Any) -> Handler:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(text=text, content_type="text/html", **fields)

    return handler


def octets(body: bytes, **headers: str) -> Handler:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=body, headers={name.replace("_", "-"): value for name, value in headers.items()})

    return handler


async def test_a_page_that_is_there_is_ok_and_its_phases_sum_to_the_whole(tmp_path: Path) -> None:
    finding = await ask(tmp_path, welcome, expect={"body_contains": ["Cổng Dịch vụ công"]})

    assert (finding.verdict, finding.blame, finding.reason) == (Verdict.OK, "none", None)
    assert finding.http_status == 200
    assert list(finding.phases) == ["dns", "connect", "ttfb", "transfer"]
    assert finding.duration_s == pytest.approx(sum(finding.phases.values()))
    assert finding.message == ""
    assert finding.certificate is None


async def test_a_slow_tls_handshake_is_not_charged_to_the_tcp_connection(tmp_path: Path) -> None:
    authority, delay_s = Authority(tmp_path), 0.3
    context = authority.server()

    async def late_handshake(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert isinstance(writer.transport, asyncio.Transport)
        writer.transport.pause_reading()  # the client's hello is for the handshake, not for this reader
        await asyncio.sleep(delay_s)
        await writer.start_tls(context)
        await saying(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")(reader, writer)

    async with raw_server(late_handshake) as port:
        finding = await look(tmp_path, f"https://{LOOPBACK}:{port}/", trust={"ca_file": authority.ca_file})

    assert finding.verdict is Verdict.OK, finding.message
    assert list(finding.phases) == ["dns", "connect", "tls", "ttfb", "transfer"]
    assert finding.phases["tls"] >= delay_s
    assert finding.phases["connect"] < finding.phases["tls"]


async def test_a_slow_answer_and_a_slow_body_are_told_apart(tmp_path: Path) -> None:
    async def late(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(0.2)
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"a")
        await asyncio.sleep(0.3)
        await response.write(b"b")
        return response

    finding = await ask(tmp_path, late)

    assert finding.phases["ttfb"] >= 0.2
    assert finding.phases["transfer"] >= 0.25  # it begins when we hear of the head, which may be late


async def test_every_look_opens_a_line_of_its_own_and_brings_no_cookie(tmp_path: Path) -> None:
    lines, cookies = [], []

    async def note(request: web.Request) -> web.Response:
        assert request.transport is not None
        lines.append(request.transport.get_extra_info("peername"))
        cookies.append(request.headers.get("Cookie"))
        return web.Response(headers={"Set-Cookie": "seen=1"})

    async with web_server(note) as port:
        a_probe = probe(tmp_path)
        aimed = target(samples.check(HttpCheck, url=f"http://{LOOPBACK}:{port}/"))
        await a_probe.run(aimed)
        await a_probe.run(aimed)

    assert len(set(lines)) == 2
    assert cookies == [None, None]


async def test_we_name_ourselves_whatever_the_check_says(tmp_path: Path) -> None:
    async def echo(request: web.Request) -> web.Response:
        return web.Response(text=request.headers["User-Agent"])

    finding = await ask(tmp_path, echo, headers={"user-agent": "Mozilla/5.0"}, expect={"body_contains": [USER_AGENT]})

    assert finding.verdict is Verdict.OK, finding.message


async def test_a_posted_body_and_headers_arrive(tmp_path: Path) -> None:
    async def echo(request: web.Request) -> web.Response:
        return web.Response(text=f"{request.method} {request.headers['X-Kenh']} {await request.text()}")

    finding = await ask(
        tmp_path,
        echo,
        method="POST",
        headers={"X-Kenh": "do-luong"},
        body="ma=H01",
        expect={"body_contains": ["POST do-luong ma=H01"]},
    )

    assert finding.verdict is Verdict.OK, finding.message


async def test_a_head_request_has_no_body_to_wait_for(tmp_path: Path) -> None:
    finding = await ask(tmp_path, welcome, method="HEAD")

    assert finding.verdict is Verdict.OK, finding.message
    assert finding.owners[0].bytes == 0


class TestStatus:
    async def test_an_unexpected_status_is_a_failure(self, tmp_path: Path) -> None:
        finding = await ask(tmp_path, page("", status=500))

        assert (finding.verdict, finding.blame, finding.reason) == (Verdict.FAILED, "system", Reason.HTTP_STATUS)
        assert finding.http_status == 500
        assert "trả lời mã 500 thay vì 200" in finding.message

    @pytest.mark.parametrize(("status", "expected"), [(204, "2xx"), (404, 404), (403, "4xx"), (429, 429)])
    async def test_an_expected_status_is_right_even_when_it_refuses(
        self, tmp_path: Path, status: int, expected: object
    ) -> None:
        finding = await ask(tmp_path, page("", status=status), expect={"status": [expected]})

        assert finding.verdict is Verdict.OK, finding.message

    async def test_forbidden_means_that_we_were_refused_as_a_robot(self, tmp_path: Path) -> None:
        finding = await ask(tmp_path, page("", status=403))

        assert (finding.verdict, finding.reason) == (Verdict.BLOCKED, Reason.WAF)
        assert "từ chối phép đo như một robot: HTTP 403" in finding.message

    async def test_too_many_requests_says_when_to_come_again(self, tmp_path: Path) -> None:
        finding = await ask(tmp_path, page("", status=429, headers={"Retry-After": "120"}))

        assert (finding.verdict, finding.reason) == (Verdict.BLOCKED, Reason.WAF)
        assert "HTTP 429 (Retry-After: 120)" in finding.message


class TestText:
    async def test_missing_text_is_a_failure(self, tmp_path: Path) -> None:
        finding = await ask(tmp_path, welcome, expect={"body_contains": ["Nộp hồ sơ"]})

        assert (finding.verdict, finding.blame, finding.reason) == (Verdict.FAILED, "system", Reason.ASSERTION)
        assert finding.message == "Trang không có nội dung “Nộp hồ sơ”"

    async def test_unwanted_text_is_a_failure(self, tmp_path: Path) -> None:
        finding = await ask(tmp_path, page("Hệ thống đang bảo trì"), expect={"body_absent": ["bảo trì"]})

        assert finding.reason is Reason.ASSERTION
        assert "không được có “bảo trì”" in finding.message

    @pytest.mark.parametrize(
        "written",
        [
            "Cổng Dịch vụ công",
            "Cổng\n   Dịch vụ\tcông",
            "Cô\u0309ng Di\u0323ch vu\u0323 công",
            "C&#7893;ng&nbsp;Dịch vụ công",
        ],
    )
    async def test_vietnamese_text_is_found_however_it_is_spelled(self, tmp_path: Path, written: str) -> None:
        finding = await ask(tmp_path, page(written), expect={"body_contains": ["Cổng Dịch vụ công"]})

        assert finding.verdict is Verdict.OK, finding.message

    async def test_the_declared_charset_is_used(self, tmp_path: Path) -> None:
        body = octets("Thủ tục".encode("utf-16"), Content_Type="text/html; charset=utf-16")
        finding = await ask(tmp_path, body, expect={"body_contains": ["Thủ tục"]})

        assert finding.verdict is Verdict.OK, finding.message

    async def test_an_expression_is_found_anywhere(self, tmp_path: Path) -> None:
        pattern = r"Mã hồ sơ: H\d{2}\.\d{4}"
        good = await ask(tmp_path, page("<p>Mã hồ sơ:  H01.2026</p>"), expect={"body_matches": [pattern]})
        bad = await ask(tmp_path, page("<p>Mã hồ sơ: ?</p>"), expect={"body_matches": [pattern]})

        assert good.verdict is Verdict.OK, good.message
        assert (bad.verdict, bad.reason) == (Verdict.FAILED, Reason.ASSERTION)

    async def test_an_expression_that_runs_away_is_our_fault_and_ends(self, tmp_path: Path) -> None:
        finding = await ask(tmp_path, page("a" * 60 + "b"), expect={"body_matches": ["(a|aa)+$"]})

        assert (finding.verdict, finding.blame, finding.reason) == (Verdict.INCONCLUSIVE, "agent", Reason.CONFIG)

    async def test_headers_are_matched_value_by_value(self, tmp_path: Path) -> None:
        served = page("", headers={"Strict-Transport-Security": "max-age=31536000"})
        good = await ask(tmp_path, served, expect={"headers": {"strict-transport-security": r"max-age=\d{8}"}})
        wrong = await ask(tmp_path, served, expect={"headers": {"Strict-Transport-Security": "includeSubDomains"}})
        absent = await ask(tmp_path, served, expect={"headers": {"X-Frame-Options": "DENY"}})

        assert good.verdict is Verdict.OK, good.message
        assert wrong.reason is Reason.ASSERTION
        assert absent.message == "Trả lời không có tiêu đề X-Frame-Options"


class TestBody:
    @pytest.mark.parametrize(
        ("encoding", "packed"),
        [
            ("gzip", gzip.compress(WELCOME.encode())),
            ("deflate", zlib.compress(WELCOME.encode())),
            ("deflate", zlib.compress(WELCOME.encode(), wbits=-15)),
            ("identity", WELCOME.encode()),
        ],
        ids=("gzip", "zlib", "deflate", "identity"),  # two workers must know a test by the same name
    )
    async def test_a_packed_page_is_read(self, tmp_path: Path, encoding: str, packed: bytes) -> None:
        served = octets(packed, Content_Encoding=encoding, Content_Type="text/html")
        finding = await ask(tmp_path, served, expect={"body_contains": ["Dịch vụ công"]})

        assert finding.verdict is Verdict.OK, finding.message
        assert finding.owners[0].bytes == len(packed)

    async def test_a_small_answer_that_unpacks_to_a_thousand_times_its_size_is_read_only_up_to_the_limit(
        self, tmp_path: Path
    ) -> None:
        layer = zlib.compressobj(wbits=31)
        bomb = b"".join(layer.compress(bytes(1_000_000)) for _ in range(200)) + layer.flush()
        served = octets(bomb, Content_Encoding="gzip", Content_Type="text/html")
        finding = await ask(tmp_path, served, max_body="10KB")

        assert finding.verdict is Verdict.OK
        assert finding.message == "Trang lớn, chỉ đọc 0,01 MB đầu tiên"
        assert finding.owners[0].bytes < len(bomb)  # the rest was not waited for

    async def test_text_beyond_the_limit_is_not_called_missing(self, tmp_path: Path) -> None:
        finding = await ask(
            tmp_path, page("x" * 2000 + "Nộp hồ sơ"), max_body="1KB", expect={"body_contains": ["Nộp hồ sơ"]}
        )

        assert (finding.verdict, finding.blame, finding.reason) == (Verdict.INCONCLUSIVE, "agent", Reason.CONFIG)
        assert "cần tăng max_body" in finding.message

    async def test_a_page_packed_wrongly_is_a_failure(self, tmp_path: Path) -> None:
        finding = await ask(tmp_path, octets(b"not gzip at all", Content_Encoding="gzip"))

        assert (finding.verdict, finding.reason) == (Verdict.FAILED, Reason.ASSERTION)

    async def test_a_packing_that_was_not_offered_is_nobody_s_failure(self, tmp_path: Path) -> None:
        served = octets(b"?", Content_Encoding="br")
        unread = await ask(tmp_path, served)
        read = await ask(tmp_path, served, expect={"body_contains": ["Dịch vụ công"]})

        assert unread.verdict is Verdict.OK
        assert (read.verdict, read.blame, read.reason) == (Verdict.INCONCLUSIVE, "agent", Reason.INTERNAL)

    async def test_headers_as_long_as_browsers_accept_are_read(self, tmp_path: Path) -> None:
        finding = await ask(tmp_path, page("", headers={"Content-Security-Policy": "x" * 100_000}))

        assert finding.verdict is Verdict.OK, finding.message


class TestBudgets:
    async def test_slower_than_the_budget_is_slow(self, tmp_path: Path) -> None:
        finding = await ask(tmp_path, welcome, budget=1e-9)

        assert (finding.verdict, finding.blame, finding.reason) == (Verdict.SLOW, "system", Reason.BUDGET)
        assert finding.good

    async def test_a_certificate_that_ends_soon_is_slow(self, tmp_path: Path) -> None:
        authority = Authority(tmp_path)
        async with web_server(welcome, authority.server()) as port:
            finding = await look(
                tmp_path,
                f"https://{LOOPBACK}:{port}/",
                trust={"ca_file": authority.ca_file},
                expect={"certificate_left": "120d"},
            )

        assert (finding.verdict, finding.blame, finding.reason) == (Verdict.SLOW, "system", Reason.BUDGET)
        assert finding.message == "Chứng thư số còn 90 ngày, dưới mức 120 ngày"
        assert finding.certificate is not None
        assert finding.certificate.trusted


class TestDeadline:
    async def test_no_answer_ends_before_the_deadline_and_says_so(self, tmp_path: Path) -> None:
        async with raw_server(saying_and_staying(b"")) as port:
            finding = await look(tmp_path, f"http://{LOOPBACK}:{port}/", deadline="500ms")

        assert (finding.verdict, finding.blame, finding.reason) == (Verdict.FAILED, "system", Reason.TIMEOUT)
        assert finding.message.startswith(f"Chưa nhận được trả lời của {LOOPBACK}:{port} sau 0,")
        assert finding.phases["ttfb"] > 0.4
        assert finding.http_status is None

    async def test_an_answer_that_never_ends_says_so_and_keeps_its_status(self, tmp_path: Path) -> None:
        async with raw_server(saying_and_staying(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")) as port:
            finding = await look(tmp_path, f"http://{LOOPBACK}:{port}/", deadline="500ms")

        assert finding.reason is Reason.TIMEOUT
        assert finding.message.startswith("Chưa nhận hết trang của ")
        assert finding.http_status == 200

    async def test_a_caller_who_cancels_is_obeyed(self, tmp_path: Path) -> None:
        asked = asyncio.Event()

        async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            asked.set()
            await reader.read()

        async with raw_server(never) as port:
            task = asyncio.create_task(look(tmp_path, f"http://{LOOPBACK}:{port}/"))
            await asked.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task


class TestOwners:
    async def test_the_owner_of_each_host_gets_its_requests_octets_and_time(self, tmp_path: Path) -> None:
        async with web_server(welcome) as outside:

            async def away(request: web.Request) -> web.Response:
                raise web.HTTPFound(f"http://{LOOPBACK}:{outside}/")

            async with web_server(away) as portal:
                system = samples.SYSTEM.evolve(hosts=(f"{LOOPBACK}:{portal}",))
                dependency = Dependency(id="dinh-danh", name="Định danh", hosts=(f"{LOOPBACK}:{outside}",))
                check = samples.check(HttpCheck, url=f"http://{LOOPBACK}:{portal}/")
                finding = await probe(tmp_path).run(samples.target(check, system=system, dependencies=[dependency]))

        ours, theirs = finding.owners
        assert (ours.owner, ours.requests, ours.failed, ours.bytes) == ("system:mot-cua-tinh", 1, 0, 0)
        assert (theirs.owner, theirs.requests, theirs.bytes) == ("dependency:dinh-danh", 1, len(WELCOME.encode()))
        assert theirs.critical_s > 0

    async def test_a_host_of_nobody_is_a_third_party(self, tmp_path: Path) -> None:
        async def away(request: web.Request) -> web.Response:
            raise web.HTTPFound("http://noi-khac.example/")

        async def lookup(host: str, port: int) -> Sequence[Address]:
            return await system_lookup(host if host == LOOPBACK else "2001:db8::1", port)

        async with web_server(away) as portal:
            a_probe = HttpProbe(tmp_path, Secrets({}, tmp_path), USER_AGENT, lookup=lookup)
            finding = await a_probe.run(target(samples.check(HttpCheck, url=f"http://{LOOPBACK}:{portal}/")))

        assert finding.owners[1].evolve(critical_s=0.0) == OwnerShare(owner="third_party", requests=1, failed=1)
