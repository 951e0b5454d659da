"""What the citizen had to do: the engine's counts against the page's own listeners."""

import json
import unicodedata
from typing import Any, Literal

import pytest
from aiohttp import web

from checks.run import Census, UxCounts, Verdict
from probes.browser.tally import handling_s
from tests.probes.browser.conftest import Walker
from tests.probes.browser.portal import Portal, html, step

# Counts trusted events by itself and hands them on through the session, as a page's own analytics would.
_COUNTER = """<script>
  const seen = JSON.parse(sessionStorage.seen || '{"clicks":0,"typed":0,"keys":0,"chosen":0,"files":0,"screens":0}');
  const keep = () => { sessionStorage.seen = JSON.stringify(seen); };
  seen.screens += 1; keep();
  addEventListener("pointerup", () => { seen.clicks += 1; keep(); }, true);
  addEventListener("keydown", () => { seen.keys += 1; keep(); }, true);
  addEventListener("input", (e) => {
    if (/text|tel|email/.test(e.target.type)) seen.typed += e.target.value.length;
    keep();
  }, true);
  addEventListener("change", (e) => {
    if (e.target.type === "file") seen.files += e.target.files.length;
    else if (/select-one|checkbox|radio/.test(e.target.type)) seen.chosen += 1;
    keep();
  }, true);
</script>"""

_FORM = (
    _COUNTER
    + """<h1>Tờ khai</h1><form action=/xem-lai>
  <label>Họ và tên <input name=ten required></label>
  <label>Điện thoại <input name=dt type=tel value="0255"></label>
  <label>Thư điện tử <input name=thu type=email></label>
  <label>Nhập lại thư điện tử <input name=thu2 type=email></label>
  <label>Xã <select name=xa><option value="">Chọn<option>Bình Sơn<option>Sơn Tịnh</select></label>
  <fieldset><label><input type=radio name=gt> Nam</label><label><input type=radio name=gt> Nữ</label></fieldset>
  <label><input type=checkbox name=cd required> Tôi cam đoan</label>
  <label>Giấy tờ <input type=file name=gtk></label>
  <input name=trong hidden><input placeholder="">
  <button>Tiếp tục</button></form>"""
)


async def test_the_counts_agree_with_the_pages_own(walk: Walker, site: Portal) -> None:
    site.pages |= {
        "/": _COUNTER + '<h1>Trang chủ</h1><a href="/to-khai">Tạo hồ sơ</a>',
        "/to-khai": _FORM,
        "/xem-lai": _COUNTER + "<h1>Xem lại</h1><script>"
        "fetch('/told', {method: 'POST', body: sessionStorage.seen})</script>",
    }
    found = await walk(
        step("Mở", {"goto": site.url + "/"}, until={"text": "Trang chủ"}),
        step("Tìm", {"click": {"role": "link", "name": "Tạo hồ sơ"}}, until={"text": "Tờ khai"}, found=True),
        step(
            "Khai",
            {"fill": {"label": "Họ và tên", "value": "Nguyễn Thị Hoà"}},
            {"fill": {"label": "Điện thoại", "value": "0255123456"}},
            {"fill": {"role": "textbox", "name": "Thư điện tử", "exact": True, "value": "hoa@anbinh.example"}},
            {"fill": {"label": "Nhập lại thư", "value": "hoa@anbinh.example"}},
            {"select": {"label": "Xã", "option": "Sơn Tịnh"}},
            {"check": {"label": "Nữ"}},
            {"check": {"label": "Tôi cam đoan"}},
            {"check": {"label": "Tôi cam đoan"}},
            {"upload": {"label": "Giấy tờ", "file": {"type": "png", "size": "30KB"}}},
            {"press": {"key": "Tab"}},
            {"click": {"role": "button", "name": "Tiếp tục"}},
            until={"text": "Xem lại"},
        ),
        step("Báo", {"goto": site.url + "/to-khai"}),
    )
    assert found.verdict is Verdict.OK, found.message
    (seen,) = site.told
    ux = found.steps[1].ux + found.steps[2].ux
    assert ux.clicks == seen["clicks"] == 4
    assert ux.keystrokes == seen["typed"] + seen["keys"]
    assert ux.choices == seen["chosen"] == 3
    assert ux.uploads == seen["files"] == 1
    assert sum(one.ux.screens for one in found.steps[:3]) == seen["screens"] == 3
    assert (ux.fields, ux.re_entry, found.ux.steps) == (4, 1, 4)
    assert found.ux.clicks_to_find == found.steps[1].ux.clicks_to_find == 1
    form = found.steps[2].census
    assert form is not None
    assert form.evolve(words=0) == Census(screens=1, controls=9, required=2, prefilled=0, file_inputs=1, unnamed=1)
    assert found.ux.handling_s == pytest.approx(sum(one.ux.handling_s for one in found.steps))


async def test_a_date_is_picked_and_not_typed(walk: Walker, site: Portal) -> None:
    site.pages["/"] = "<label>Ngày sinh <input type=date></label><label>Nhập lại ngày sinh <input type=date></label>"
    found = await walk(
        step(
            "Khai",
            {"goto": site.url + "/"},
            {"fill": {"label": "Ngày sinh", "exact": True, "value": "1990-05-20"}},
            {"fill": {"label": "Nhập lại ngày sinh", "value": "1990-05-20"}},
        )
    )
    assert found.verdict is Verdict.OK, found.message
    assert (found.ux.choices, found.ux.fields, found.ux.keystrokes, found.ux.re_entry) == (2, 0, 0, 1)


def test_handling_time_is_the_keystroke_level_model() -> None:
    ux = UxCounts(clicks=2, keystrokes=10, choices=1, steps=1, forced_wait_s=0.5)
    assert handling_s(ux, hand_changes=3) == pytest.approx(10 * 0.28 + 2 * 1.2 + 3 * 0.4 + 2 * 1.35 + 0.5)


async def test_redirect_hops_are_counted_beside_the_screen(walk: Walker, site: Portal) -> None:
    def to(path: str) -> Any:
        async def hop(_request: web.Request) -> web.Response:
            raise web.HTTPFound(path)

        return hop

    site.pages |= {"/": to("/1"), "/1": to("/2"), "/2": "<h1>Tới</h1>"}
    found = await walk(step("Mở", {"goto": site.url + "/"}, until={"text": "Tới"}))
    assert (found.ux.redirects, found.ux.screens) == (2, 1)


async def test_routes_of_one_document_are_screens_when_path_or_heading_changes(walk: Walker, site: Portal) -> None:
    site.pages["/"] = """<h1>Một</h1><input aria-label=a><button>Tiếp</button><script>
      let n = 0;
      document.querySelector("button").onclick = () => {
        n += 1;
        if (n === 1) { history.pushState({}, "", "/hai"); document.querySelector("h1").textContent = "Hai"; }
        if (n === 2) { location.hash = "#ba"; document.querySelector("h1").textContent = "Ba"; }
        if (n === 3) { location.hash = "#cuoi-trang"; document.body.append("Vẫn là Ba"); }
      };
    </script>"""
    press = {"click": {"role": "button"}}
    found = await walk(
        step("Mở", {"goto": site.url + "/"}, until={"text": "Một"}),
        step("Hai", press, until={"text": "Hai"}),
        step("Ba", press, until={"visible": {"role": "heading", "name": "Ba"}}),
        step("Cuối", press, until={"text": "Vẫn là Ba"}),
    )
    assert [one.ux.screens for one in found.steps] == [1, 1, 1, 0]
    assert [one.census.controls if one.census else None for one in found.steps] == [None, 1, 1, 1]


async def test_a_new_tab_is_followed_and_counted_with_its_first_document(walk: Walker, site: Portal) -> None:
    site.pages |= {"/": "<h1>Trang chủ</h1><a href=/moi target=_blank>Mở thẻ mới</a>", "/moi": "<h1>Thẻ mới</h1>"}
    found = await walk(
        step("Mở", {"goto": site.url + "/"}, until={"text": "Trang chủ"}),
        step("Thẻ", {"click": {"role": "link"}}, until={"visible": {"role": "heading", "name": "Thẻ mới"}}),
    )
    assert found.verdict is Verdict.OK, found.message
    assert (found.ux.new_tabs, found.steps[1].ux.screens, found.ux.screens) == (1, 1, 2)


async def test_dialogs_are_answered_and_counted(walk: Walker, site: Portal) -> None:
    site.pages["/"] = """<button onclick="alert('Chú ý'); if (confirm('Anh chị chắc chứ?'))
      document.body.append(prompt('Vì sao?') === null ? 'Xong' : 'Sai')">Tiếp</button>"""
    found = await walk(step("Mở", {"goto": site.url + "/"}, {"click": {"role": "button"}}, until={"text": "Xong"}))
    assert found.verdict is Verdict.OK, found.message
    assert found.ux.dialogs == 3


async def test_the_census_looks_into_frames(walk: Walker, site: Portal) -> None:
    site.pages |= {"/": "<p>hai từ</p><iframe src=/trong></iframe>", "/trong": "<input><textarea required></textarea>"}
    found = await walk(
        step("Mở", {"goto": site.url + "/"}, {"expect": {"text": "hai từ"}}),
        step("Sau", {"goto": site.url + "/trong"}, until={"visible": {"css": "textarea"}}),
    )
    first = found.steps[0].census
    assert first is None
    left = found.steps[1].census
    assert left is not None
    assert (left.screens, left.controls, left.required, left.unnamed) == (2, 4, 2, 4)


async def test_vitals_console_and_owners_come_with_the_step(walk: Walker, site: Portal, outside: Portal) -> None:
    outside.pages["/lib.css"] = "h1 { color: red }"

    async def missing(_request: web.Request) -> web.Response:
        return html("", status=404)

    site.pages |= {
        "/": f"<link rel=stylesheet href={outside.url}/lib.css><h1>Trang chủ</h1><img src=/mat.png>"
        "<script>console.error('hỏng')</script>",
        "/mat.png": missing,
    }
    found = await walk(
        step("Mở", {"goto": site.url + "/"}, until={"text": "Trang chủ"}),
        step("Lại", {"goto": site.url + "/"}, until={"text": "Trang chủ"}),
    )
    vitals = found.steps[0].vitals
    assert vitals.ttfb_s is not None
    assert vitals.fcp_s is not None
    assert vitals.fcp_s >= vitals.ttfb_s > 0
    assert vitals.console_errors >= 1
    owners = {share.owner: share for share in found.owners}
    assert set(owners) == {"system:mot-cua-tinh", "dependency:dinh-danh"}
    assert owners["dependency:dinh-danh"].requests >= 1
    assert owners["system:mot-cua-tinh"].bytes > 0
    assert owners["system:mot-cua-tinh"].failed >= 1


async def test_a_phone_walks_a_phone_page_and_we_name_ourselves(walk: Walker, site: Portal) -> None:
    site.pages["/"] = """<meta name=viewport content="width=device-width"><button>Chạm</button><script>
      document.querySelector("button").addEventListener("touchend", () => document.body.append(
        `rộng ${innerWidth} ${navigator.language} ${new Date().getTimezoneOffset()}`));
    </script>"""
    goal = {"text": "rộng 360 vi-VN -420"}
    found = await walk(step("Mở", {"goto": site.url + "/"}, {"click": {"role": "button"}}, until=goal), device="mobile")
    assert found.verdict is Verdict.OK, found.message
    agent = site.headers[0]["User-Agent"]
    assert "Mobile" in agent
    assert agent.endswith("dvcwatch/1 (+so-khcn@anbinh.example)")
    assert "Headless" not in agent


async def test_a_warm_walk_finds_its_files_in_the_cache_and_nothing_else(walk: Walker, site: Portal) -> None:
    async def style(_request: web.Request) -> web.Response:
        return web.Response(text="h1{}", content_type="text/css", headers={"Cache-Control": "max-age=600"})

    async def home(request: web.Request) -> web.Response:
        known = "cũ" if "da-tham" in request.cookies else "mới"
        page = html(
            f"<link rel=stylesheet href=/s.css><h1>Khách {known}</h1><script>"
            "document.body.append(localStorage.x || 'trắng'); localStorage.x = 'đầy'</script>"
        )
        page.set_cookie("da-tham", "1")
        return page

    site.pages |= {"/": home, "/s.css": style}
    steps = step("Mở", {"goto": site.url + "/"}, {"expect": {"text": "Khách mới"}}, until={"text": "trắng"})
    found = await walk(steps, cache="warm")
    assert found.verdict is Verdict.OK, found.message
    assert [path for _, path in site.asked] == ["/", "/s.css", "/"]
    assert (found.ux.steps, found.ux.screens) == (1, 1)
    site.asked.clear()
    await walk(steps)
    await walk(steps)
    assert [path for _, path in site.asked] == ["/", "/s.css"] * 2


@pytest.mark.parametrize("form", ["NFC", "NFD"])
async def test_vietnamese_names_match_however_the_page_composes_them(
    walk: Walker, site: Portal, form: Literal["NFC", "NFD"]
) -> None:
    body = "<h1>Đăng ký\u00a0 khai\n sinh</h1><label>Họ và tên mẹ<input></label><button>Tiếp tục</button>"

    async def page(_request: web.Request) -> web.Response:
        return html(unicodedata.normalize(form, body), title=unicodedata.normalize(form, "Hộ  tịch"))

    site.pages["/"] = page
    written = [
        {"expect": {"visible": {"role": "heading", "name": "Đăng ký khai sinh", "exact": True}}},
        {"expect": {"text": "đăng ký KHAI sinh"}},
        {"expect": {"title": "Hộ tịch"}},
        {"fill": {"label": "Họ và tên mẹ", "value": "A"}},
        {"click": {"role": "button", "name": "tiếp tục"}},
    ]
    decomposed = json.loads(unicodedata.normalize("NFD", json.dumps(written, ensure_ascii=False)))
    for actions in (written, decomposed):
        found = await walk(step("Mở", {"goto": site.url + "/"}, *actions))
        assert found.verdict is Verdict.OK, found.message
