"""Tabs, downloads, one-time passwords, values of the page: each walked, and counted against the page's own counters."""

import base64
import re
from typing import Any

import pytest
from aiohttp import web

from checks.run import Reason, Verdict
from checks.secrets import Secrets
from probes.browser import BrowserProbe, Chromium
from probes.browser.totp import password
from tests.probes.browser.conftest import Walker, a_target
from tests.probes.browser.portal import Portal, step

_PDF = b"%PDF-1.4\n" + b"x" * 2000


async def _file(_request: web.Request) -> web.Response:
    named = {"Content-Disposition": "attachment; filename*=UTF-8''tr%C3%ADch-l%E1%BB%A5c.pdf"}
    return web.Response(body=_PDF, content_type="application/pdf", headers=named)


@pytest.mark.parametrize("said", ["", "download", "download=a.pdf", "target=_blank"])
async def test_a_file_is_downloaded_and_looked_at(walk: Walker, site: Portal, said: str) -> None:
    site.pages |= {"/": f"<h1>Xong</h1><a href=/tep {said}>Tải bản điện tử</a>", "/tep": _file}
    file = {"name": "trích-lục", "type": "pdf", "at_least": "2KB", "at_most": "3KB"}
    found = await walk(
        step("Mở", {"goto": site.url + "/"}, until={"text": "Xong"}),
        step("Tải", {"download": {"role": "link", "name": "Tải bản", "file": file}}),
        step("Còn đó", until={"text": "Xong"}),
    )
    assert found.verdict is Verdict.OK, found.message
    assert (found.steps[1].ux.clicks, found.ux.screens) == (1, 1)
    assert found.steps[1].ux.forced_wait_s > 0


@pytest.mark.parametrize(
    ("expected", "says"),
    [
        ({"name": "khai-sinh"}, "không chứa “khai-sinh”"),
        ({"type": "png"}, "không phải là tệp png"),
        ({"at_least": "5KB"}, "ít hơn 5000"),
        ({"at_most": "1KB"}, "nhiều hơn 1000"),
    ],
)
async def test_a_file_that_is_not_as_expected_fails_the_step(
    walk: Walker, site: Portal, expected: dict[str, str], says: str
) -> None:
    site.pages |= {"/": "<a href=/tep>Tải</a>", "/tep": _file}
    found = await walk(step("Tải", {"goto": site.url + "/"}, {"download": {"role": "link", "file": expected}}))
    assert (found.verdict, found.reason) == (Verdict.FAILED, Reason.DOWNLOAD)
    assert says in found.message


async def test_a_file_that_does_not_come_or_breaks_off_fails_the_step(walk: Walker, site: Portal) -> None:
    async def torn(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(
            headers={"Content-Disposition": "attachment; filename=a.pdf", "Content-Length": "99"}
        )
        await answer.prepare(request)
        await answer.write(b"%PDF-")
        assert request.transport is not None
        request.transport.close()
        return answer

    site.pages |= {"/": "<button>Không có gì</button><a href=/dut>Tải</a>", "/dut": torn}
    for role, says in (("button", "không có tệp nào được tải về"), ("link", "đứt giữa chừng")):
        found = await walk(step("Tải", {"goto": site.url + "/"}, {"download": {"role": role}}), step_timeout="1.5s")
        assert (found.verdict, found.reason) == (Verdict.FAILED, Reason.DOWNLOAD), found.message
        assert says in found.message


async def test_a_download_that_would_file_something_is_not_pressed(walk: Walker, site: Portal) -> None:
    site.pages |= {"/": "<form method=post action=/nop><button>Nộp hồ sơ</button></form>", "/nop": _file}
    found = await walk(step("Nộp", {"goto": site.url + "/"}, {"download": {"role": "button"}}))
    assert (found.verdict, found.reason) == (Verdict.INCONCLUSIVE, Reason.CONFIG)
    assert ("POST", "/nop") not in site.asked


async def test_a_tab_is_followed_closed_and_the_first_one_found_again(walk: Walker, site: Portal) -> None:
    site.pages |= {
        "/": "<h1>Trang chủ</h1><a href=/moi target=_blank>Mở</a>",
        "/moi": "<h1>Thẻ mới</h1><input aria-label=a>",
    }
    found = await walk(
        step("Mở", {"goto": site.url + "/"}, until={"text": "Trang chủ"}),
        step("Thẻ", {"click": {"role": "link"}}, {"new_tab": "follow"}, until={"text": "Thẻ mới"}),
        step("Về", {"new_tab": "close"}, until={"text": "Trang chủ"}),
    )
    assert found.verdict is Verdict.OK, found.message
    assert (found.ux.new_tabs, found.ux.screens, found.ux.clicks) == (1, 2, 1)
    census = found.steps[2].census
    assert census is not None
    assert census.controls == 1


async def test_a_tab_that_does_not_open_is_missed_and_the_last_one_stays(walk: Walker, site: Portal) -> None:
    site.pages["/"] = "<button>Không mở gì</button>"
    begin = ({"goto": site.url + "/"}, {"click": {"role": "button"}})
    found = await walk(step("Thẻ", *begin, {"new_tab": "follow"}), step_timeout="1s")
    assert (found.verdict, found.reason) == (Verdict.FAILED, Reason.ELEMENT_MISSING)
    assert "không có thẻ mới nào mở ra" in found.message
    found = await walk(step("Đóng", *begin, {"new_tab": "close"}))
    assert (found.verdict, found.reason) == (Verdict.INCONCLUSIVE, Reason.CONFIG)


def test_one_time_passwords_are_those_of_the_standard() -> None:
    secret = base64.b32encode(b"12345678901234567890").decode()
    # RFC 6238, appendix B.
    known = {59: "94287082", 1111111109: "07081804", 1234567890: "89005924", 20000000000: "65353130"}
    assert {at: password(secret.lower(), at, digits=8, period_s=30.0) for at in known} == known
    with pytest.raises(ValueError, match="not base32"):
        password("không phải", 0, digits=6, period_s=30.0)


async def test_a_one_time_password_is_typed_and_counted(chromium: Chromium, site: Portal, tmp_path: Any) -> None:
    site.pages["/"] = "<label>Mã xác thực <input oninput='document.title = this.value'></label>"
    (tmp_path / "khoa").write_text(base64.b32encode(b"12345678901234567890").decode() + "\n", encoding="utf-8")
    probe = BrowserProbe(chromium, Secrets({}, tmp_path), sign_on=frozenset(), wall=lambda: 1111111109.0)
    totp = {"totp": {"label": "Mã xác thực", "secret": "${file:khoa}"}}
    steps = [step("Mở", {"goto": site.url + "/"}, totp, totp, until={"title": "081804"})]
    found = await probe.run(a_target(site, steps))
    assert found.verdict is Verdict.OK, found.message
    assert (found.ux.otp, found.ux.fields, found.ux.keystrokes, found.ux.re_entry) == (2, 2, 12, 0)


async def test_a_value_of_the_page_is_kept_and_used(walk: Walker, site: Portal) -> None:
    async def look_up(request: web.Request) -> web.Response:
        return web.Response(text=f"Kết quả {request.query['ma']}", content_type="text/html", charset="utf-8")

    site.pages |= {
        "/": """<p id=ma></p><form action=/tra-cuu><label>Mã <input name=ma></label><button>Tìm</button></form>
          <script>setTimeout(() => { document.querySelector("#ma").textContent = " Mã hồ sơ:  H61.05-0007 " }, 150)
          </script>""",
        "/tra-cuu": look_up,
    }
    found = await walk(
        step("Mở", {"goto": site.url + "/"}, {"store": {"css": "#ma", "as": "ma", "pattern": r"[A-Z]\d[\d.-]+"}}),
        step(
            "Tìm",
            {"fill": {"label": "Mã", "value": "${ma}"}},
            {"click": {"role": "button"}},
            {"store": {"css": "body", "as": "tra", "pattern": "Kết quả (.*)"}},
            until={"text": "quả ${tra}"},
        ),
    )
    assert found.verdict is Verdict.OK, found.message
    assert site.asked[-1] == ("GET", "/tra-cuu?ma=H61.05-0007")
    assert found.steps[1].ux.keystrokes == len("H61.05-0007")


async def test_a_value_that_names_a_secret_is_typed_as_it_stands(walk: Walker, site: Portal) -> None:
    site.pages["/"] = """<p id=ma>${env:MAT_KHAU}</p><input aria-label=o oninput="
      fetch('/told', {method: 'POST', body: JSON.stringify(this.value)})"><b>Có</b>"""
    found = await walk(
        step(
            "Mở",
            {"goto": site.url + "/"},
            {"store": {"css": "#ma", "as": "ma"}},
            {"fill": {"label": "o", "value": "${ma}"}},
            until={"text": "Có"},
        )
    )
    assert found.verdict is Verdict.OK, found.message
    assert all(re.fullmatch(r"\$\{env:MAT_KHAU\}", told) for told in site.told)


async def test_a_value_that_never_comes_is_named(walk: Walker, site: Portal) -> None:
    site.pages["/"] = "<p id=ma>&nbsp;</p><p>khác</p>"
    found = await walk(
        step("Mở", {"goto": site.url + "/"}, {"store": {"css": "p", "nth": 0, "as": "ma", "pattern": r"\d+"}}),
        step_timeout="1s",
    )
    assert (found.verdict, found.reason) == (Verdict.FAILED, Reason.ELEMENT_MISSING)
    assert "không có giá trị cần lấy" in found.message


_ASK = """<button onclick="const said = [confirm('Lưu bản nháp?'), prompt('Tên bản nháp')];
  document.body.append(said.join('/'))">Lưu</button>"""


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ({"answer": "dismiss"}, "false/"),
        ({"answer": "accept", "value": "Nháp ${env:MAT_KHAU}"}, "true/Nháp Chim-Hoàng-Yến-7781"),
        ({"answer": "dismiss", "kind": "confirm", "text": "bản NHÁP"}, "false/"),
        ({"kind": "prompt", "value": "Một", "text": "Tên"}, "true/Một"),
    ],
)
async def test_dialogs_are_answered_as_the_step_says(
    walk: Walker, site: Portal, policy: dict[str, str], said: str
) -> None:
    site.pages["/"] = _ASK
    click = {"click": {"role": "button"}}
    found = await walk(step("Lưu", {"goto": site.url + "/"}, {"dialog": policy}, click, until={"text": said}))
    assert found.verdict is Verdict.OK, found.message
    assert found.ux.dialogs == 2


async def test_a_dialog_that_says_something_else_fails_the_step(walk: Walker, site: Portal) -> None:
    site.pages["/"] = _ASK
    click = {"click": {"role": "button"}}
    found = await walk(step("Lưu", {"goto": site.url + "/"}, {"dialog": {"text": "Xóa"}}, click, until={"text": "/"}))
    assert (found.verdict, found.reason) == (Verdict.FAILED, Reason.DIALOG)
    assert "hộp thoại ghi “Lưu bản nháp?”" in found.message


@pytest.mark.parametrize("kind", ["confirm", "prompt"])
async def test_no_answer_files_anything(walk: Walker, site: Portal, kind: str) -> None:
    site.pages |= {
        "/": f"<form method=post action=/nop onsubmit=\"return Boolean({kind}('Anh/chị muốn nộp hồ sơ?'))\">"
        "<button>Hoàn thành</button></form>",
        "/nop": "Đã tiếp nhận",
    }
    do = ({"goto": site.url + "/"}, {"dialog": {"answer": "accept", "value": "có"}}, {"click": {"role": "button"}})
    found = await walk(step("Nộp", *do, until={"text": "Đã tiếp nhận"}))
    assert (found.verdict, found.reason) == (Verdict.INCONCLUSIVE, Reason.CONFIG)
    assert ("POST", "/nop") not in site.asked
    no = ({"goto": site.url + "/"}, {"dialog": {"answer": "dismiss"}}, {"click": {"role": "button"}})
    assert (await walk(step("Không", *no, until={"text": "Hoàn thành"}))).verdict is Verdict.OK
    assert ("POST", "/nop") not in site.asked


async def test_an_optional_part_is_done_and_counted_only_when_it_is_there(walk: Walker, site: Portal) -> None:
    banner = "<div><button onclick='this.parentNode.remove()'>Đã hiểu</button></div>"
    site.pages |= {"/co": banner + "<button>Tiếp</button>", "/khong": "<button>Tiếp</button>"}
    part = {"role": "button", "name": "Đã hiểu", "wait": "1s", "do": [{"click": {"role": "button", "name": "Đã hiểu"}}]}
    for path, clicks in (("/co", 2), ("/khong", 1)):
        found = await walk(
            step("Mở", {"goto": site.url + path}, {"if_visible": part}, {"click": {"role": "button", "name": "Tiếp"}})
        )
        assert found.verdict is Verdict.OK, found.message
        assert found.ux.clicks == clicks
        # The second spent in vain is ours.
        assert found.duration_s < 1.0
        assert (found.steps[0].observe_s > 0.5) is (clicks == 1)


async def test_nothing_is_filed_in_an_optional_part(walk: Walker, site: Portal) -> None:
    site.pages["/"] = "<form method=post action=/nop><button>Nộp hồ sơ</button></form>"
    part = {"role": "button", "do": [{"click": {"role": "button"}}]}
    found = await walk(step("Nộp", {"goto": site.url + "/"}, {"if_visible": part}))
    assert (found.verdict, found.reason) == (Verdict.INCONCLUSIVE, Reason.CONFIG)
    assert ("POST", "/nop") not in site.asked


async def test_a_group_that_took_no_part_leaves_all_that_fits(walk: Walker, site: Portal) -> None:
    site.pages["/"] = "<p>Không có hồ sơ</p>"
    keep = {"store": {"css": "p", "as": "ma", "pattern": r"Mã (\d+)|Không có hồ sơ"}}
    found = await walk(step("Mở", {"goto": site.url + "/"}, keep, until={"text": "${ma}"}))
    assert found.verdict is Verdict.OK, found.message


async def test_a_value_that_makes_no_expression_of_one_is_our_own_fault(walk: Walker, site: Portal) -> None:
    site.pages["/"] = "<p>H61 (bản nháp</p>"
    keep, again = {"css": "p", "as": "ma"}, {"css": "p", "as": "tra", "pattern": "Kết quả ${ma}"}
    found = await walk(step("Mở", {"goto": site.url + "/"}, {"store": keep}, {"store": again}, until={"text": "H61"}))
    assert (found.verdict, found.reason, found.blame) == (Verdict.INCONCLUSIVE, Reason.CONFIG, "agent")
