"""The http probe follows redirects as a browser does, and not everywhere."""

import socket
from pathlib import Path

import pytest
from aiohttp import web

from checks.model import Dependency, HttpCheck
from checks.run import Reason, Verdict
from checks.secrets import Secrets
from probes.connection import Address
from probes.http import HttpProbe
from tests import samples
from tests.probes.certificates import Authority
from tests.probes.looking import USER_AGENT, look, probe, target
from tests.probes.servers import LOOPBACK, Handler, closed_port, web_server


def to(location: str, status: int = 302) -> Handler:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=status, headers={"Location": location})

    return handler


async def echo(request: web.Request) -> web.Response:
    shown = [
        request.method,
        await request.text(),
        request.headers.get("X-Key", "-"),
        request.headers.get("Cookie", "-"),
    ]
    return web.Response(text="|".join(shown))


def home_then(arrived: Handler, status: int = 302, cookie: str = "") -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        if request.path == "/":
            return web.Response(status=status, headers={"Location": "/den-noi", "Set-Cookie": cookie})
        return await arrived(request)

    return handler


async def test_a_redirect_is_followed_and_the_phases_of_both_hops_are_summed(tmp_path: Path) -> None:
    async with web_server(home_then(echo)) as port:
        finding = await look(tmp_path, f"http://{LOOPBACK}:{port}/", expect={"body_contains": ["GET"]})

    assert finding.verdict is Verdict.OK, finding.message
    assert finding.http_status == 200
    assert finding.owners[0].requests == 2
    assert finding.duration_s == pytest.approx(sum(finding.phases.values()))


async def test_a_cookie_set_on_the_way_comes_back_at_the_next_hop(tmp_path: Path) -> None:
    async with web_server(home_then(echo, cookie="phien=42")) as port:
        finding = await look(tmp_path, f"http://{LOOPBACK}:{port}/", expect={"body_contains": ["phien=42"]})

    assert finding.verdict is Verdict.OK, finding.message


@pytest.mark.parametrize(
    ("status", "arrives"), [(302, "GET||"), (303, "GET||"), (307, "POST|a=1|"), (308, "POST|a=1|")]
)
async def test_a_post_is_repeated_only_where_browsers_repeat_it(tmp_path: Path, status: int, arrives: str) -> None:
    async with web_server(home_then(echo, status)) as port:
        finding = await look(
            tmp_path, f"http://{LOOPBACK}:{port}/", method="POST", body="a=1", expect={"body_contains": [arrives]}
        )

    assert finding.verdict is Verdict.OK, finding.message


async def test_secret_headers_stay_with_the_origin_they_were_written_for(tmp_path: Path) -> None:
    async def at_home(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": elsewhere} if "X-Key" in request.headers else {})

    async with web_server(echo) as other, web_server(at_home) as home:
        elsewhere = f"http://{LOOPBACK}:{other}/"
        check = samples.check(
            HttpCheck,
            url=f"http://{LOOPBACK}:{home}/",
            secret_headers={"X-Key": "${env:KEY}"},
            expect={"body_contains": ["GET||-|-"]},
        )
        finding = await probe(tmp_path, KEY="khoa-bi-mat").run(target(check))

    assert finding.verdict is Verdict.OK, finding.message


async def test_a_secret_in_a_posted_body_is_not_sent_to_another_origin(tmp_path: Path) -> None:
    async def away(request: web.Request) -> web.Response:
        return web.Response(status=307, headers={"Location": f"http://{LOOPBACK}:{other}/"})

    async with web_server(echo) as other, web_server(away) as home:
        check = samples.check(HttpCheck, url=f"http://{LOOPBACK}:{home}/", method="POST", body="k=${env:KEY}")
        finding = await probe(tmp_path, KEY="khoa-bi-mat").run(target(check))

    assert (finding.verdict, finding.blame, finding.reason) == (Verdict.INCONCLUSIVE, "agent", Reason.CONFIG)
    assert finding.owners[0].requests == 1


async def test_the_name_expected_on_a_certificate_is_that_of_the_first_host_only(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    trust = {"ca_file": authority.ca_file, "server_name": "cong.example"}

    async def away(request: web.Request) -> web.Response:
        raise web.HTTPFound(f"https://localhost:{other}/")

    async with (
        web_server(echo, authority.server("localhost")) as other,
        web_server(away, authority.server("cong.example")) as port,
    ):
        finding = await look(tmp_path, f"https://{LOOPBACK}:{port}/", trust=trust)

    assert finding.verdict is Verdict.OK, finding.message
    assert finding.owners[0].requests == 2


async def test_a_page_that_redirects_for_ever_is_a_failure(tmp_path: Path) -> None:
    async with web_server(to("/")) as port:
        finding = await look(tmp_path, f"http://{LOOPBACK}:{port}/", max_redirects=3)

    assert (finding.verdict, finding.blame, finding.reason) == (Verdict.FAILED, "system", Reason.REDIRECT)
    assert finding.message.startswith("Trang chuyển hướng quá 3 lần")
    assert finding.owners[0].requests == 4


async def test_a_redirect_that_the_check_expects_is_its_goal(tmp_path: Path) -> None:
    async with web_server(to("https://noi-khac.example/")) as port:
        finding = await look(
            tmp_path,
            f"http://{LOOPBACK}:{port}/",
            expect={"status": [302], "headers": {"Location": "^https://noi-khac[.]example/$"}},
        )

    assert finding.verdict is Verdict.OK, finding.message


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "javascript:alert(1)", "http://a:b:c/", "http://[::1/", "http://..a/", "http://"]
)
async def test_where_no_browser_would_go_we_do_not_go(tmp_path: Path, location: str) -> None:
    async with web_server(to(location)) as port:
        finding = await look(tmp_path, f"http://{LOOPBACK}:{port}/")

    assert (finding.verdict, finding.blame, finding.reason) == (Verdict.FAILED, "system", Reason.REDIRECT)


async def test_a_redirect_further_inside_than_its_own_page_is_a_failure_of_that_page(tmp_path: Path) -> None:
    async with web_server(to("http://169.254.169.254/latest/meta-data/")) as port:
        finding = await look(tmp_path, f"http://{LOOPBACK}:{port}/")

    assert (finding.verdict, finding.blame, finding.reason) == (Verdict.FAILED, "system", Reason.REDIRECT)
    assert "địa chỉ nội bộ 169.254.169.254" in finding.message
    assert "connect" in finding.phases
    assert finding.http_status is None
    assert [share.requests for share in finding.owners] == [1]


async def test_an_inward_redirect_of_a_dependency_is_charged_to_the_dependency(tmp_path: Path) -> None:
    async with web_server(to("http://[ff02::1]/")) as other:
        sign_on = Dependency(id="dinh-danh", name="Định danh", hosts=(f"{LOOPBACK}:{other}",))
        async with web_server(to(f"http://{LOOPBACK}:{other}/")) as port:
            check = samples.check(HttpCheck, url=f"http://{LOOPBACK}:{port}/")
            finding = await probe(tmp_path).run(target(check, dependencies=[sign_on]))

    assert (finding.verdict, finding.blame, finding.reason) == (Verdict.FAILED, "dependency:dinh-danh", Reason.REDIRECT)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_host_inside_that_nobody_lists_is_never_asked(tmp_path: Path, status: int) -> None:
    reached: list[str] = []

    async def canary(request: web.Request) -> web.Response:
        reached.append(request.path)
        return web.Response()

    async with web_server(canary) as other, web_server(to(f"http://{LOOPBACK}:{other}/", status)) as port:
        listed = samples.SYSTEM.evolve(hosts=(f"{LOOPBACK}:{port}",))
        check = samples.check(HttpCheck, url=f"http://{LOOPBACK}:{port}/", method="POST", body="a=1")
        finding = await probe(tmp_path).run(target(check, system=listed))

    assert reached == []
    assert (finding.verdict, finding.blame, finding.reason) == (Verdict.INCONCLUSIVE, "agent", Reason.CONFIG)
    assert f"({LOOPBACK}:{other})" in finding.message


async def test_a_check_that_itself_names_an_inner_host_that_is_not_listed_is_our_own_fault(tmp_path: Path) -> None:
    async with web_server(echo) as port:
        by_wildcard = samples.SYSTEM.evolve(hosts=("*.0.0.1",))
        check = samples.check(HttpCheck, url=f"http://{LOOPBACK}:{port}/")
        finding = await probe(tmp_path).run(target(check, system=by_wildcard))

    assert (finding.verdict, finding.blame, finding.reason) == (Verdict.INCONCLUSIVE, "agent", Reason.CONFIG)
    assert "nêu đúng máy chủ này" in finding.message
    assert finding.owners == ()


async def test_the_line_goes_to_an_address_that_was_judged_and_not_to_the_inner_one_beside_it(tmp_path: Path) -> None:
    reached: list[str] = []

    async def canary(request: web.Request) -> web.Response:
        reached.append(request.path)
        return web.Response()

    async with web_server(canary) as inner:

        async def both(host: str, port: int) -> list[Address]:
            return [(socket.AF_INET, (LOOPBACK, inner)), (socket.AF_INET6, ("2001:db8::1", inner, 0, 0))]

        a_probe = HttpProbe(tmp_path, Secrets({}, tmp_path), USER_AGENT, lookup=both)
        check = samples.check(HttpCheck, url=f"http://cong.example:{inner}/", deadline="2s")
        finding = await a_probe.run(target(check))

    assert reached == []
    assert finding.reason in (Reason.TCP, Reason.TIMEOUT)


async def test_the_host_that_failed_is_the_one_that_is_charged(tmp_path: Path) -> None:
    dead = closed_port()
    sign_on = Dependency(id="dinh-danh", name="Định danh", hosts=(f"{LOOPBACK}:{dead}",))
    async with web_server(to(f"http://{LOOPBACK}:{dead}/dang-nhap")) as port:
        check = samples.check(HttpCheck, url=f"http://{LOOPBACK}:{port}/")
        finding = await probe(tmp_path).run(target(check, dependencies=[sign_on]))

    assert (finding.verdict, finding.blame, finding.reason) == (Verdict.FAILED, "dependency:dinh-danh", Reason.TCP)
    assert [share.failed for share in finding.owners] == [0, 1]
