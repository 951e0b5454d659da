"""What may be expected of a page: each way comes true at the page's own time, or says what is wrong."""

import asyncio
from typing import Any

import pytest
from aiohttp import web

from checks.run import Reason, Verdict
from tests.probes.browser.conftest import Walker
from tests.probes.browser.portal import Portal, step

_LATE_BY_MOST_S = 0.1
_GRAIN_S = 0.001

_FILLED = "o.innerHTML = '<li>1<li>2<li hidden>3'"


def _items(how: str, number: int) -> dict[str, Any]:
    return {"count": {"css": "li", how: number}}


def _says(element: str, attribute: str, **text: str) -> dict[str, Any]:
    return {"attribute": {"css": element, "attribute": attribute, **text}}


_BECOMES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "visible": ("<i aria-label=o hidden>x</i>", "o.hidden = false", {"visible": {"css": "i"}}),
    "hidden": ("<i aria-label=o>x</i>", "o.remove()", {"hidden": {"css": "i"}}),
    "text": ("<i aria-label=o></i>", "o.textContent = 'Mã hồ sơ'", {"text": "mã hồ sơ"}),
    "url": ("<i aria-label=o></i>", "history.pushState({}, '', '/ket-qu%E1%BA%A3')", {"url": "/ket-quả"}),
    "title": ("<i aria-label=o></i>", "document.title = 'Tra cứu'", {"title": "tra cứu"}),
    "enabled": ("<input aria-label=o disabled>", "o.disabled = false", {"enabled": {"label": "o"}}),
    "enabled by its group": (
        "<fieldset disabled><input aria-label=o></fieldset>",
        "o.parentNode.disabled = false",
        {"enabled": {"label": "o"}},
    ),
    "disabled": ("<input aria-label=o>", "o.disabled = true", {"disabled": {"label": "o"}}),
    "disabled for the blind": (
        "<b role=button tabindex=0 aria-label=o>o</b>",
        "o.setAttribute('aria-disabled', 'true')",
        {"disabled": {"role": "button", "name": "o"}},
    ),
    "a value set by script": ("<input aria-label=o>", "o.value = '8.000'", {"value": {"label": "o", "is": "8.000"}}),
    "a choice made by script": (
        "<select aria-label=o><option value=1>Kinh<option value=2>Hrê</select>",
        "o.value = '2'",
        {"value": {"label": "o", "is": "Hrê"}},
    ),
    "a part of an editor": (
        "<p contenteditable aria-label=o role=textbox></p>",
        "o.textContent = 'Kính gửi SỞ'",
        {"value": {"label": "o", "contains": "gửi sở"}},
    ),
    "an attribute": ("<i aria-label=o>x</i>", "o.dataset.ma = 'H1'", _says("i", "data-ma")),
    "what an attribute says": (
        "<a aria-label=o href=/0>x</a>",
        "o.href = '/tep/1.pdf'",
        {"attribute": {"role": "link", "attribute": "href", "contains": ".PDF"}},
    ),
    "a count": ("<ul aria-label=o></ul>", _FILLED, _items("is", 2)),
    "at least so many": ("<ul aria-label=o></ul>", _FILLED, _items("at_least", 2)),
    "at most so many": ("<ul aria-label=o><li>1<li>2</ul>", "o.lastChild.remove()", _items("at_most", 1)),
    "not visible": ("<i aria-label=o>x</i>", "o.hidden = true", {"not": {"visible": {"css": "i"}}}),
    "not a text": ("<i aria-label=o>Đang tải</i>", "o.textContent = ''", {"not": {"text": "Đang tải"}}),
    "not an address": ("<i aria-label=o>x</i>", "history.pushState({}, '', '/xong')", {"not": {"url": "/cho"}}),
    "not a title": ("<i aria-label=o>x</i>", "document.title = 'Xong'", {"not": {"title": "Cổng thử nghiệm"}}),
    "not a value": ("<input aria-label=o value=0>", "o.value = '5'", {"not": {"value": {"label": "o", "is": "0"}}}),
    "not enabled": ("<input aria-label=o>", "o.remove()", {"not": {"enabled": {"label": "o"}}}),
}  # fmt: skip


@pytest.mark.parametrize("way", list(_BECOMES))
async def test_every_condition_comes_true_at_the_pages_own_time(walk: Walker, site: Portal, way: str) -> None:
    body, change, goal = _BECOMES[way]
    site.pages["/cho"] = f"""<button>Bấm</button>{body}<script>
      const now = () => performance.timeOrigin + performance.now(), o = document.querySelector("[aria-label=o]");
      document.querySelector("button").onpointerdown = () => {{ window.pressed = now(); }};
      document.querySelector("button").onclick = () => setTimeout(() => {{
        const came = now(); {change};
        fetch("/told", {{method: "POST", body: JSON.stringify({{pressed: window.pressed, came}})}});
      }}, 330);</script>"""
    found = await walk(
        step("Mở", {"goto": site.url + "/cho"}, until={"visible": {"role": "button", "name": "Bấm"}}),
        step("Chờ", {"click": {"role": "button", "name": "Bấm"}}, until=goal),
        step("Báo", {"goto": site.url + "/cho"}),
    )
    assert found.verdict is Verdict.OK, found.message
    (told,) = site.told
    truth_s = (told["came"] - told["pressed"]) / 1000
    assert found.steps[1].duration_s >= truth_s - _GRAIN_S
    assert truth_s - _LATE_BY_MOST_S <= found.steps[1].ux.forced_wait_s <= truth_s + _LATE_BY_MOST_S


async def test_what_is_not_there_proves_nothing_while_the_document_still_comes(walk: Walker, site: Portal) -> None:
    async def slow(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "text/html; charset=utf-8"})
        await answer.prepare(request)
        await answer.write(b"<!doctype html><title>a</title><h1>Cong</h1>" + b" " * 2000)
        await asyncio.sleep(0.3)
        await answer.write("<p>Hệ thống bận</p><ul><li>1<li>2</ul>".encode())
        return answer

    site.pages["/"] = slow
    for goal in (
        {"not": {"text": "Hệ thống bận"}},
        {"count": {"css": "li", "at_most": 1}},
        {"count": {"css": "li", "is": 0}},
    ):
        found = await walk(step("Xem", {"goto": site.url + "/"}, until=goal), step_timeout="1200ms")
        assert (found.verdict, found.reason) == (Verdict.FAILED, Reason.ASSERTION), goal


_PAGE = """<h1>Cổng</h1><button disabled>Tiếp tục</button><label>Lệ phí <input value="0 đồng"></label>
  <a href=/tep.pdf>Tải</a><ul><li>Một<li>Hai</ul>"""
_FEE = {"label": "Lệ phí"}


@pytest.mark.parametrize(
    ("wish", "reason", "says"),
    [
        ({"enabled": {"role": "button"}}, Reason.ASSERTION, "nút không dùng được sau"),
        ({"disabled": _FEE}, Reason.ASSERTION, "trường “Lệ phí” không bị khoá"),
        ({"enabled": {"role": "button", "name": "Tiếp"}}, Reason.ASSERTION, "nút “Tiếp” không dùng được"),
        ({"enabled": {"role": "button", "name": "Tiếp tụt"}}, Reason.ELEMENT_MISSING, "không thấy nút “Tiếp tụt”"),
        ({"enabled": {"role": "button", "name": "Tiếp tụt"}}, Reason.ELEMENT_MISSING, "gần nhất: nút “Tiếp tục”"),
        ({"value": _FEE | {"is": "8.000"}}, Reason.ASSERTION, "trường “Lệ phí” không có giá trị “8.000”"),
        ({"value": _FEE | {"contains": "8"}}, Reason.ASSERTION, "giá trị của trường “Lệ phí” không chứa “8”"),
        ({"value": {"label": "Phụ phí", "is": "0"}}, Reason.ELEMENT_MISSING, "không thấy trường “Phụ phí”"),
        ({"count": {"css": "li", "is": 3}}, Reason.ASSERTION, "không có đúng 3 phần “li” (đang có 2)"),
        ({"count": {"css": "li", "at_least": 3, "at_most": 9}}, Reason.ASSERTION, "có ít nhất 3, nhiều nhất 9 phần"),
        ({"count": {"role": "row", "at_least": 1}}, Reason.ELEMENT_MISSING, "không thấy dòng"),
        (_says("a", "download"), Reason.ASSERTION, "phần “a” không có thuộc tính download sau"),
        (_says("a", "href", **{"is": "/a"}), Reason.ASSERTION, "phần “a” không có thuộc tính href là “/a”"),
        (_says("a", "href", contains=".doc"), Reason.ASSERTION, "thuộc tính href của phần “a” không chứa “.doc”"),
        (_says("b", "href"), Reason.ELEMENT_MISSING, "không thấy phần “b”"),
        ({"not": {"visible": {"role": "button"}}}, Reason.ASSERTION, "vẫn thấy nút"),
        ({"not": {"hidden": {"css": "i"}}}, Reason.ASSERTION, "không thấy phần “i”"),
        ({"not": {"text": "Cổng"}}, Reason.ASSERTION, "trang vẫn hiện chữ “Cổng”"),
        ({"not": {"url": "127.0.0.1"}}, Reason.ASSERTION, "địa chỉ trang vẫn chứa “127.0.0.1”"),
        ({"not": {"value": _FEE | {"contains": "0"}}}, Reason.ASSERTION, "giá trị của trường “Lệ phí” vẫn chứa “0”"),
        ({"not": {"count": {"css": "li", "is": 2}}}, Reason.ASSERTION, "vẫn có đúng 2 phần “li” (đang có 2)"),
        ({"not": {"disabled": {"role": "button"}}}, Reason.ASSERTION, "nút vẫn bị khoá"),
    ],
)  # fmt: skip
async def test_what_did_not_come_true_is_said(
    walk: Walker, site: Portal, wish: dict[str, Any], reason: Reason, says: str
) -> None:
    site.pages["/"] = _PAGE
    found = await walk(step("Xem", {"goto": site.url + "/"}, {"expect": wish}), step_timeout="600ms")
    assert (found.verdict, found.blame, found.reason) == (Verdict.FAILED, "system", reason)
    assert says in found.message
    assert "0 đồng" not in found.message


async def test_another_way_is_taken_and_told_for_conditions_too(walk: Walker, site: Portal) -> None:
    site.pages["/"] = _PAGE
    others = [
        {"value": {"label": "Phí", "exact": True, "is": "0 đồng", "or": [_FEE]}},
        {"count": {"role": "row", "is": 2, "or": [{"css": "li"}]}},
    ]
    found = await walk(step("Xem", {"goto": site.url + "/"}, *({"expect": one} for one in others)))
    assert found.verdict is Verdict.OK, found.message
    assert found.steps[0].drift == (
        "không thấy trường “Phí”, dùng trường “Lệ phí”",
        "không thấy dòng, dùng phần “li”",
    )


async def test_a_value_in_a_frame_is_timed_by_the_frame(walk: Walker, site: Portal) -> None:
    site.pages |= {
        "/": "<h1>Cổng</h1><iframe title=Khung src=/trong></iframe>",
        "/trong": """<label>Phí <input></label><script>setTimeout(() => {
          document.querySelector("input").value = "5"; }, 300)</script>""",
    }
    goal = {"value": {"label": "Phí", "is": "5", "within": {"frame": {"title": "Khung"}}}}
    found = await walk(step("Xem", {"goto": site.url + "/"}, until=goal))
    assert found.verdict is Verdict.OK, found.message
