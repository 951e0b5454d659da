"""Going back and loading again, and never sending a form once more by it."""

import pytest
from aiohttp import web

from checks.run import Reason, Verdict
from tests.probes.browser.conftest import Walker
from tests.probes.browser.portal import Portal, html, step

_BACK, _RELOAD = {"back": True}, {"reload": True}
_FORM = "<h1>Tờ khai</h1><form method=post action=/luu><button>Tiếp tục</button></form>"


async def test_a_walk_goes_back_to_the_screen_before(walk: Walker, site: Portal) -> None:
    site.pages |= {"/": "<h1>Danh mục</h1><a href=/mot>Một</a>", "/mot": "<h1>Một</h1><input aria-label=a>"}
    found = await walk(
        step("Mở", {"goto": site.url + "/"}, until={"text": "Danh mục"}),
        step("Xem", {"click": {"role": "link"}}, until={"url": "/mot"}),
        step("Về", _BACK),
        step("Rồi", until={"text": "Danh mục"}),
    )
    assert found.verdict is Verdict.OK, found.message
    assert [one.ux.screens for one in found.steps] == [1, 1, 1, 0]
    assert found.ux.clicks == 1
    left = found.steps[2].census
    assert left is not None
    assert left.controls == 1


async def test_a_walk_goes_back_to_a_route_of_the_same_document(walk: Walker, site: Portal) -> None:
    site.pages["/"] = """<h1>Một</h1><button>Tiếp</button><script>
      document.querySelector("button").onclick = () => {
        history.pushState({}, "", "/hai"); document.querySelector("h1").textContent = "Hai"; };
      onpopstate = () => { document.querySelector("h1").textContent = "Một"; };</script>"""
    found = await walk(
        step("Mở", {"goto": site.url + "/"}, {"click": {"role": "button"}}, until={"text": "Hai"}),
        step("Về", _BACK, until={"visible": {"role": "heading", "name": "Một"}}),
    )
    assert found.verdict is Verdict.OK, found.message
    assert [path for _, path in site.asked] == ["/"]


async def test_there_is_nothing_before_the_first_screen(walk: Walker, site: Portal) -> None:
    site.pages["/"] = "<h1>Đầu</h1>"
    found = await walk(step("Về", {"goto": site.url + "/"}, _BACK))
    assert (found.verdict, found.reason) == (Verdict.INCONCLUSIVE, Reason.CONFIG)
    assert "không có màn hình nào trước đó" in found.message


async def test_a_document_is_loaded_again_until_it_shows_what_is_new(walk: Walker, site: Portal) -> None:
    async def counter(_request: web.Request) -> web.Response:
        return html(f"<h1>Lần {sum(path == '/' for _, path in site.asked)}</h1>")

    site.pages["/"] = counter
    found = await walk(
        step("Mở", {"goto": site.url + "/"}, until={"text": "Lần 1"}),
        step("Lại", _RELOAD, until={"text": "Lần 2"}),
        step("Nữa", _RELOAD),
    )
    assert found.verdict is Verdict.OK, found.message
    assert [one.ux.screens for one in found.steps] == [1, 1, 1]
    assert found.ux.clicks == 0


async def test_a_search_by_get_and_the_target_of_a_redirect_are_loaded_again(walk: Walker, site: Portal) -> None:
    async def saved(_request: web.Request) -> web.Response:
        raise web.HTTPSeeOther("/xong")

    site.pages |= {"/": _FORM, "/luu": saved, "/xong": "<h1>Xong</h1><form action=/tim><button>Tìm</button></form>"}
    site.pages["/tim"] = "<h1>Kết quả</h1>"
    press = {"click": {"role": "button"}}
    found = await walk(
        step("Lưu", {"goto": site.url + "/"}, press, {"expect": {"text": "Xong"}}, _RELOAD, until={"text": "Xong"}),
        step("Tìm", press, {"expect": {"text": "Kết quả"}}, _RELOAD, until={"text": "Kết quả"}),
        step("Về", _BACK, until={"text": "Xong"}),
    )
    assert found.verdict is Verdict.OK, found.message
    assert [one for one in site.asked if one[0] == "POST"] == [("POST", "/luu")]


@pytest.mark.parametrize("again", [[_RELOAD], [{"click": {"role": "link", "name": "Hướng dẫn"}}, _BACK]])
async def test_the_answer_to_a_form_is_never_loaded_again(
    walk: Walker, site: Portal, again: list[dict[str, object]]
) -> None:
    site.pages |= {
        "/": _FORM,
        "/luu": "<h1>Đã lưu</h1><a href=/huong-dan>Hướng dẫn</a>",
        "/huong-dan": "<h1>Cách làm</h1>",
    }
    saved = [{"goto": site.url + "/"}, {"click": {"role": "button"}}, {"expect": {"text": "Đã lưu"}}]
    seen = {"expect": {"text": "Cách làm"}}
    found = await walk(step("Lại", *saved, again[0], *([seen, again[1]] if len(again) > 1 else [])))
    assert (found.verdict, found.reason) == (Verdict.INCONCLUSIVE, Reason.CONFIG), found.message
    assert "gửi lần nữa" in found.message
    assert [one for one in site.asked if one[0] == "POST"] == [("POST", "/luu")]


async def test_a_download_does_not_hide_that_the_screen_answered_a_form(walk: Walker, site: Portal) -> None:
    async def file(_request: web.Request) -> web.Response:
        return web.Response(body=b"%PDF-1.4", headers={"Content-Disposition": "attachment; filename=a.pdf"})

    site.pages |= {"/": _FORM, "/luu": "<h1>Đã lưu</h1><a href=/tep>Tải</a>", "/tep": file}
    found = await walk(
        step("Lưu", {"goto": site.url + "/"}, {"click": {"role": "button"}}, until={"text": "Đã lưu"}),
        step("Tải", {"download": {"role": "link"}}, _RELOAD),
    )
    assert (found.verdict, found.reason) == (Verdict.INCONCLUSIVE, Reason.CONFIG), found.message
    assert [one for one in site.asked if one[0] == "POST"] == [("POST", "/luu")]
