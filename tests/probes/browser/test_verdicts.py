"""Whose fault, and why: every way a walk can fail gets its verdict, blame, reason and a Vietnamese sentence."""

import asyncio
import os
import signal
import socket
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from checks.model import BrowserSettings
from checks.run import Finding, Reason, Verdict
from checks.secrets import Secrets
from probes.browser import BrowserProbe, Chromium
from probes.wording import seconds
from tests.probes.browser.conftest import Walker, a_target
from tests.probes.browser.portal import DEPENDENCY, HEADING, SHORT, Portal, hang, html, reset, step
from tests.probes.browser.processes import children


def _open(site: Portal, **fields: Any) -> dict[str, Any]:
    return step("Mở cổng", {"goto": site.url + "/"}, until=HEADING, **fields)


def _told(found: Finding) -> tuple[Verdict, str, Reason | None]:
    return found.verdict, found.blame, found.reason


def _closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


async def test_a_refused_connection_is_tcp(chromium: Chromium, secrets: Secrets) -> None:
    closed = Portal(url=f"http://127.0.0.1:{_closed_port()}")
    target = a_target(closed, [step("Mở cổng", {"goto": f"{closed.url}/"}, until=HEADING)])
    found = await BrowserProbe(chromium, secrets, sign_on=frozenset()).run(target)
    assert _told(found) == (Verdict.FAILED, "system", Reason.TCP)
    assert found.message.startswith("Bước “Mở cổng”: máy chủ từ chối kết nối")


async def test_a_name_that_does_not_resolve_is_dns(walk: Walker) -> None:
    found = await walk(step("Mở cổng", {"goto": "http://khong-co.invalid/"}, until=HEADING))
    assert _told(found) == (Verdict.FAILED, "system", Reason.DNS)


async def test_a_server_that_does_not_speak_tls_is_tls(walk: Walker, site: Portal) -> None:
    found = await walk(step("Mở cổng", {"goto": site.url.replace("http", "https") + "/"}, until=HEADING))
    assert _told(found) == (Verdict.FAILED, "system", Reason.TLS)


async def test_a_connection_cut_by_the_server_is_tcp(walk: Walker, site: Portal) -> None:
    site.pages["/"] = reset
    assert _told(await walk(_open(site))) == (Verdict.FAILED, "system", Reason.TCP)


async def test_a_redirect_without_end_is_redirect(walk: Walker, site: Portal) -> None:
    async def round_about(_request: web.Request) -> web.Response:
        raise web.HTTPFound("/")

    site.pages["/"] = round_about
    assert _told(await walk(_open(site))) == (Verdict.FAILED, "system", Reason.REDIRECT)


async def test_a_server_that_never_answers_is_timeout(walk: Walker, site: Portal) -> None:
    site.pages["/"] = hang
    found = await walk(_open(site), step("Sau"), **SHORT)
    assert _told(found) == (Verdict.FAILED, "system", Reason.TIMEOUT)
    waited = seconds(found.steps[0].duration_s)
    assert found.message == f"Bước “Mở cổng”: máy chủ “{site.host}” chưa trả lời sau {waited}"
    assert [one.verdict for one in found.steps] == [Verdict.FAILED, Verdict.SKIPPED]
    assert found.duration_s > 1.4


@pytest.mark.parametrize("status", [500, 503, 404])
async def test_an_error_page_is_http_status_and_ends_before_the_time_is_up(
    walk: Walker, site: Portal, status: int
) -> None:
    async def broken(_request: web.Request) -> web.Response:
        return html("<h1>Lỗi</h1>", status=status)

    site.pages["/"] = broken
    found = await walk(_open(site), step_timeout="20s", deadline="25s")
    assert _told(found) == (Verdict.FAILED, "system", Reason.HTTP_STATUS)
    assert found.http_status == status
    assert f"trả mã lỗi {status}" in found.message
    assert found.duration_s < 15


@pytest.mark.parametrize("status", [403, 429])
async def test_a_refusal_by_status_is_blocked(walk: Walker, site: Portal, status: int) -> None:
    async def refuse(_request: web.Request) -> web.Response:
        return html("<h1>Không được</h1>", status=status)

    site.pages["/"] = refuse
    found = await walk(_open(site))
    assert _told(found) == (Verdict.BLOCKED, "system", Reason.WAF)


async def test_a_challenge_page_is_blocked_by_captcha(walk: Walker, site: Portal) -> None:
    site.pages["/"] = "<p>Verify you are human</p>"
    assert _told(await walk(_open(site), **SHORT)) == (Verdict.BLOCKED, "system", Reason.CAPTCHA)


async def test_an_element_that_is_not_there_is_named_with_its_nearest_neighbours(walk: Walker, site: Portal) -> None:
    site.pages["/"] = "<h1>Trang chủ</h1><button>Tiếp theo</button><button>Quay lại</button><a href=/x>Liên hệ</a>"
    found = await walk(
        _open(site), step("Đăng nhập", {"click": {"role": "button", "name": "Tiếp tục"}}), step("Sau"), **SHORT
    )
    assert _told(found) == (Verdict.FAILED, "system", Reason.ELEMENT_MISSING)
    waited = seconds(found.steps[1].duration_s)
    assert found.message.startswith(
        f"Bước “Đăng nhập”: không thấy nút “Tiếp tục” sau {waited}; gần nhất: nút “Tiếp theo”"
    )
    assert [one.verdict for one in found.steps] == [Verdict.OK, Verdict.FAILED, Verdict.SKIPPED]


async def test_a_locked_button_is_said_to_be_locked(walk: Walker, site: Portal) -> None:
    site.pages["/"] = "<h1>Trang chủ</h1><button disabled>Tiếp tục</button>"
    found = await walk(_open(site), step("Đi", {"click": {"role": "button", "name": "Tiếp tục"}}), **SHORT)
    assert _told(found) == (Verdict.FAILED, "system", Reason.ELEMENT_MISSING)
    assert "nút “Tiếp tục” bị khoá" in found.message


async def test_a_missing_option_is_said(walk: Walker, site: Portal) -> None:
    site.pages["/"] = "<h1>Trang chủ</h1><label>Xã <select><option>Bình Sơn</select></label>"
    found = await walk(_open(site), step("Chọn", {"select": {"label": "Xã", "option": "Sơn Tịnh"}}), **SHORT)
    assert _told(found) == (Verdict.FAILED, "system", Reason.ELEMENT_MISSING)
    assert "trường “Xã” không có lựa chọn cần chọn" in found.message


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        ({"text": "Đã nhận"}, "trang không hiện chữ “Đã nhận”"),
        ({"url": "/xong"}, "địa chỉ trang không chứa “/xong”"),
        ({"title": "Xong"}, "tên trang không chứa “Xong”"),
    ],
)
async def test_a_broken_expectation_is_assertion(walk: Walker, site: Portal, wish: dict[str, str], says: str) -> None:
    site.pages["/"] = "<h1>Trang chủ</h1>"
    found = await walk(step("Xem", {"goto": site.url + "/"}, {"expect": wish}), **SHORT)
    assert _told(found) == (Verdict.FAILED, "system", Reason.ASSERTION)
    assert says in found.message


async def test_something_that_should_go_and_stays_is_said(walk: Walker, site: Portal) -> None:
    site.pages["/"] = "<h1>Trang chủ</h1><p>Đang tải</p>"
    found = await walk(step("Xem", {"goto": site.url + "/"}, until={"hidden": {"text": "Đang tải"}}), **SHORT)
    assert _told(found) == (Verdict.FAILED, "system", Reason.ASSERTION)
    assert "vẫn còn chữ “Đang tải”" in found.message


async def test_a_script_error_before_a_missing_goal_is_js_error(walk: Walker, site: Portal) -> None:
    site.pages["/"] = "<p>…</p><script>khongCo.gi()</script>"
    found = await walk(_open(site), **SHORT)
    assert _told(found) == (Verdict.FAILED, "system", Reason.JS_ERROR)


async def test_a_hanging_outside_script_is_charged_to_its_owner(walk: Walker, site: Portal, outside: Portal) -> None:
    outside.pages["/lib.js"] = hang
    site.pages["/"] = f"<p>…</p><script src={outside.url}/lib.js></script><h1>Trang chủ</h1>"
    found = await walk(_open(site), step_timeout="3s")
    assert _told(found) == (Verdict.FAILED, DEPENDENCY, Reason.TIMEOUT)
    assert outside.host in found.message


async def test_a_broken_outside_script_is_charged_to_its_owner(walk: Walker, site: Portal, outside: Portal) -> None:
    outside.pages["/lib.js"] = reset
    site.pages["/"] = f"<p>…</p><script src={outside.url}/lib.js></script><script>show()</script>"
    found = await walk(_open(site), **SHORT)
    assert _told(found) == (Verdict.FAILED, DEPENDENCY, Reason.JS_ERROR)


async def test_an_outside_page_that_hangs_is_charged_to_its_owner(walk: Walker, site: Portal, outside: Portal) -> None:
    async def away(_request: web.Request) -> web.Response:
        raise web.HTTPFound(outside.url + "/dang-nhap")

    outside.pages["/dang-nhap"] = hang
    site.pages |= {"/": "<h1>Trang chủ</h1><a href=/vao>Đăng nhập</a>", "/vao": away}
    found = await walk(
        _open(site), step("Vào", {"click": {"role": "link"}}, until={"text": "Mật khẩu"}), step_timeout="3s"
    )
    assert _told(found) == (Verdict.FAILED, DEPENDENCY, Reason.TIMEOUT)


async def test_what_is_missing_on_an_outside_page_is_charged_to_its_owner(
    walk: Walker, site: Portal, outside: Portal
) -> None:
    outside.pages["/dang-nhap"] = "<h1>Bảo trì</h1>"
    site.pages["/"] = f"<h1>Trang chủ</h1><a href={outside.url}/dang-nhap>Đăng nhập</a>"
    found = await walk(_open(site), step("Vào", {"click": {"role": "link"}}, until={"text": "Mật khẩu"}), **SHORT)
    assert _told(found) == (Verdict.FAILED, DEPENDENCY, Reason.ASSERTION)


async def test_a_step_over_its_budget_is_slow(walk: Walker, site: Portal) -> None:
    async def late(_request: web.Request) -> web.Response:
        await asyncio.sleep(0.4)
        return html("<h1>Trang chủ</h1>")

    site.pages["/"] = late
    found = await walk(_open(site, budget="200ms"))
    assert _told(found) == (Verdict.SLOW, "system", Reason.BUDGET)
    assert "vượt ngưỡng 0,2 s" in found.message
    assert found.steps[0].verdict is Verdict.SLOW
    assert found.steps[0].server_s is not None
    assert found.steps[0].server_s > 0.39


async def test_a_step_slowed_by_an_outside_host_is_charged_to_it(walk: Walker, site: Portal, outside: Portal) -> None:
    async def late(_request: web.Request) -> web.Response:
        await asyncio.sleep(1.0)
        return web.Response(text="0", content_type="text/javascript")

    outside.pages["/lib.js"] = late
    site.pages["/"] = f"<script src={outside.url}/lib.js></script><h1>Trang chủ</h1>"
    found = await walk(_open(site, budget="200ms"))
    assert _told(found) == (Verdict.SLOW, DEPENDENCY, Reason.BUDGET)
    (share,) = [one for one in found.owners if one.owner == DEPENDENCY]
    assert share.requests == 1
    assert 0.9 < share.critical_s < found.duration_s


async def test_a_walk_over_its_budget_is_slow(walk: Walker, site: Portal) -> None:
    site.pages["/"] = "<p>…</p><script>setTimeout(() => document.write('<h1>Trang chủ</h1>'), 300)</script>"
    found = await walk(_open(site), budget="100ms")
    assert _told(found) == (Verdict.SLOW, "system", Reason.BUDGET)
    assert found.message.startswith("Cả lượt mất")


async def test_a_walk_ends_by_itself_before_its_deadline(walk: Walker, site: Portal) -> None:
    site.pages["/"] = "<h1>Khác</h1>"
    found = await walk(_open(site), deadline="4s", step_timeout="60s")
    assert _told(found) == (Verdict.FAILED, "system", Reason.DEADLINE)
    assert found.duration_s < 4


async def test_a_page_that_hangs_its_own_thread_is_timeout_and_the_next_walk_is_unharmed(
    walk: Walker, site: Portal
) -> None:
    site.pages["/"] = "<p>…</p><script>setTimeout(() => { for (;;); }, 50)</script>"
    found = await walk(_open(site), **SHORT)
    assert _told(found) == (Verdict.FAILED, "system", Reason.TIMEOUT)
    assert "bị treo" in found.message
    site.pages["/"] = "<h1>Trang chủ</h1>"
    assert (await walk(_open(site))).verdict is Verdict.OK


async def test_a_page_of_an_outside_system_that_hangs_is_that_systems_fault(
    walk: Walker, site: Portal, outside: Portal
) -> None:
    outside.pages["/"] = "<p>…</p><script>setTimeout(() => { for (;;); }, 50)</script>"
    site.pages["/"] = f'<a href="{outside.url}/">Đăng nhập</a>'
    press = {"click": {"role": "link", "name": "Đăng nhập"}}
    found = await walk(step("Mở trang đăng nhập", {"goto": site.url + "/"}, press, until=HEADING), **SHORT)
    assert _told(found) == (Verdict.FAILED, DEPENDENCY, Reason.TIMEOUT)
    assert "bị treo" in found.message


async def test_a_page_that_hangs_is_its_own_fault_when_it_has_asked_an_outside_system_for_something_that_is_no_page(
    walk: Walker, site: Portal, outside: Portal
) -> None:
    async def nothing(_request: web.Request) -> web.Response:
        return web.Response(status=204)

    outside.pages["/dem"] = nothing
    leaving = f"location = '{outside.url}/dem'; setTimeout(() => {{ for (;;); }}, 300)"
    site.pages["/"] = f'<h1>Trang chủ</h1><button onclick="{leaving}">Tiếp</button>'
    press = {"click": {"role": "button", "name": "Tiếp"}}
    found = await walk(_open(site), step("Tiếp", press, until={"text": "Xong"}), **SHORT)
    assert outside.asked == [("GET", "/dem")]
    assert _told(found) == (Verdict.FAILED, "system", Reason.TIMEOUT)


async def test_what_a_server_says_late_in_a_walk_is_told_as_what_it_is(walk: Walker, site: Portal) -> None:
    async def broken(_request: web.Request) -> web.Response:
        return html("<h1>Lỗi</h1>", status=500)

    site.pages["/"], site.pages["/loi"] = "<h1>Trang chủ</h1>", broken
    late = step("Tiếp", {"goto": site.url + "/loi"}, until={"text": "Xong"}, timeout="20s")
    found = await walk(_open(site), late, deadline="12s")
    assert _told(found) == (Verdict.FAILED, "system", Reason.HTTP_STATUS)


@pytest.mark.parametrize(
    ("status", "verdict", "reason"),
    [
        (404, Verdict.FAILED, Reason.HTTP_STATUS),
        (500, Verdict.FAILED, Reason.HTTP_STATUS),
        (429, Verdict.BLOCKED, Reason.WAF),
    ],
)
@pytest.mark.parametrize("pressed", [False, True])
async def test_an_error_without_a_body_is_judged_by_its_status(
    walk: Walker, site: Portal, status: int, verdict: Verdict, reason: Reason, *, pressed: bool
) -> None:
    async def empty(_request: web.Request) -> web.Response:
        return web.Response(status=status, content_type="text/html")

    site.pages["/trong"], site.pages["/"] = empty, '<a href="/trong">Tiếp</a>'
    there: list[dict[str, Any]] = [{"goto": site.url + "/trong"}]
    if pressed:
        there = [{"goto": site.url + "/"}, {"click": {"role": "link", "name": "Tiếp"}}]
    found = await walk(step("Mở cổng", *there, until=HEADING), **SHORT)
    assert _told(found) == (verdict, "system", reason)


async def test_a_page_that_crashes_its_renderer_is_page_crash_and_the_next_walk_is_unharmed(
    walk: Walker, site: Portal
) -> None:
    site.pages["/"] = "<p>…</p>"
    walking = asyncio.ensure_future(walk(_open(site)))
    await site.visited.wait()
    for renderer in children("--type=renderer"):
        renderer.send_signal(signal.SIGSEGV)
    assert _told(await walking) == (Verdict.FAILED, "system", Reason.PAGE_CRASH)
    site.pages["/"] = "<h1>Trang chủ</h1>"
    assert (await walk(_open(site))).verdict is Verdict.OK


async def test_a_browser_killed_in_the_middle_is_nobodys_outage_and_is_started_again(
    walk: Walker, site: Portal
) -> None:
    site.pages["/"] = "<p>…</p>"
    walking = asyncio.ensure_future(walk(_open(site)))
    await site.visited.wait()
    for browser in children("--remote-debugging-pipe"):
        browser.kill()
    found = await walking
    assert (found.verdict, found.blame) == (Verdict.INCONCLUSIVE, "agent")
    site.pages["/"] = "<h1>Trang chủ</h1>"
    assert (await walk(_open(site))).verdict is Verdict.OK


async def test_a_missing_browser_is_inconclusive(secrets: Secrets, site: Portal, tmp_path: Path) -> None:
    settings = BrowserSettings(executable=str(tmp_path / "khong-co"), sandbox=os.geteuid() != 0)
    async with Chromium(settings, "dvcwatch/1") as chromium:
        probe = BrowserProbe(chromium, secrets, sign_on=frozenset())
        found = await probe.run(a_target(site, [_open(site)]))
    assert _told(found) == (Verdict.INCONCLUSIVE, "agent", Reason.BROWSER_START)
    assert "playwright install" in found.message


async def test_a_secret_that_is_not_there_is_a_fault_of_the_configuration(walk: Walker, site: Portal) -> None:
    site.pages["/"] = "<h1>Trang chủ</h1><label>Mật khẩu <input type=password></label>"
    fill = {"fill": {"label": "Mật khẩu", "value": "${env:KHONG_CO}"}}
    found = await walk(_open(site), step("Nhập", fill))
    assert _told(found) == (Verdict.INCONCLUSIVE, "agent", Reason.CONFIG)


async def test_a_storm_of_dialogs_is_dialog(walk: Walker, site: Portal) -> None:
    site.pages["/"] = "<p>…</p><script>setTimeout(() => { for (;;) alert('!'); }, 0)</script>"
    found = await walk(_open(site))
    assert _told(found) == (Verdict.FAILED, "system", Reason.DIALOG)


@pytest.mark.parametrize(("status", "verdict"), [(500, Verdict.FAILED), (503, Verdict.FAILED), (404, Verdict.OK)])
async def test_an_error_page_that_carries_the_words_looked_for_is_no_success_but_a_correct_refusal_may_be(
    walk: Walker, site: Portal, status: int, verdict: Verdict
) -> None:
    async def broken(_request: web.Request) -> web.Response:
        return html("<h1>Trang chủ</h1>", status=status)

    site.pages["/"] = broken
    found = await walk(_open(site))
    assert found.verdict is verdict, found.message
    if verdict is Verdict.FAILED:
        assert _told(found) == (Verdict.FAILED, "system", Reason.HTTP_STATUS)
        assert f"trả mã lỗi {status}" in found.message
