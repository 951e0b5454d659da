"""A press lands on what it is meant for, typing in the field that is meant, and neither files by a side door."""

import asyncio
from typing import Any

import pytest

from checks.run import Reason, Verdict
from probes.browser.aim import Aim
from probes.browser.pointer import Pointer
from tests.probes.browser.conftest import Walker
from tests.probes.browser.portal import Portal, step

_DONE = "document.body.append('XONG')"
_LATER = "<script>setTimeout(() => {{ {} }}, 700)</script>"
_PRESSED = {
    "far down in a scrolling box": f"""<div style="height:150px;overflow:auto"><p style="height:300px">x</p>
        <button onclick="{_DONE}">Tiếp</button></div>""",
    "far right in a scrolling box": f"""<div style="width:260px;overflow-x:auto">
        <div style="width:900px;text-align:right"><button onclick="{_DONE}">Tiếp</button></div></div>""",
    "under a veil that its parent draws": f"""
        <style>.load::after {{ content: ""; position: absolute; inset: 0 }}</style>
        <div class=load style="position:relative"><button onclick="{_DONE}">Tiếp</button></div>"""
    + _LATER.format("document.querySelector('.load').className = ''"),
    "that takes no pointer yet": f"""<button style="pointer-events:none" onclick="{_DONE}">Tiếp</button>"""
    + _LATER.format("document.querySelector('button').style.pointerEvents = ''"),
    "in a part that is inert yet": f"""<div inert><button onclick="{_DONE}">Tiếp</button></div>"""
    + _LATER.format("document.querySelector('div').inert = false"),
    "that jumps away once": f"""<div style="height:600px" onclick="fetch('/lac')">
        <button style="position:relative" onclick="event.stopPropagation(); {_DONE}">Tiếp</button></div><script>
        document.querySelector("button").addEventListener("mouseover", (e) => {{ e.target.style.top = "400px"; }},
          {{ once: true }})</script>""",
    "in a box that scrolls smoothly": f"""<style>html {{ scroll-behavior: smooth }}</style>
        <p style="height:3000px">x</p><button onclick="{_DONE}">Tiếp</button><p style="height:900px">y</p>""",
}  # fmt: skip


@pytest.mark.parametrize("where", _PRESSED)
async def test_a_button_is_pressed_where_it_is_and_nothing_else(walk: Walker, site: Portal, where: str) -> None:
    site.pages["/"] = _PRESSED[where]
    press = {"click": {"role": "button", "name": "Tiếp"}}
    found = await walk(step("Bấm", {"goto": site.url + "/"}, press, until={"text": "XONG"}))
    assert found.verdict is Verdict.OK, found.message
    assert found.ux.clicks == 1
    assert ("GET", "/lac") not in site.asked


async def test_a_press_that_is_told_to_have_missed_too_late_to_be_repeated_accuses_nobody(
    walk: Walker, site: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def miss(pointer: Pointer, aim: Aim) -> None:
        watch = pointer.means.stage.watch
        asyncio.get_running_loop().call_later(0.2, lambda: setattr(watch, "missed", watch.missed + 1))

    monkeypatch.setattr(Pointer, "_hit", miss)
    site.pages["/"] = f"""<button onclick="{_DONE}">Tiếp</button>"""
    press = {"click": {"role": "button", "name": "Tiếp"}}
    found = await walk(step("Bấm", {"goto": site.url + "/"}, press, until={"text": "XONG"}), step_timeout="1500ms")
    assert (found.verdict, found.blame, found.reason) == (Verdict.INCONCLUSIVE, "agent", Reason.INTERNAL)


async def test_a_miss_that_was_told_too_late_excuses_nothing_in_a_later_step(
    walk: Walker, site: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def miss(pointer: Pointer, aim: Aim) -> None:
        watch = pointer.means.stage.watch
        asyncio.get_running_loop().call_soon(lambda: setattr(watch, "missed", watch.missed + 1))

    monkeypatch.setattr(Pointer, "_hit", miss)
    site.pages["/"] = "<button>Tiếp</button><p>Cổng</p>"
    press = {"click": {"role": "button", "name": "Tiếp"}}
    steps = step("Bấm", {"goto": site.url + "/"}, press, until={"text": "Cổng"}), step("Chờ", until={"text": "XONG"})
    found = await walk(*steps, step_timeout="1500ms")
    assert (found.verdict, found.blame, found.reason) == (Verdict.FAILED, "system", Reason.ASSERTION)


async def test_a_button_that_no_pointer_reaches_is_not_pressed_by_pressing_what_is_around_it(
    walk: Walker, site: Portal
) -> None:
    site.pages["/"] = """<a href=/lac style="display:block">Mở <button style="pointer-events:none">Tiếp</button></a>"""
    press = {"click": {"role": "button", "name": "Tiếp"}}
    found = await walk(step("Bấm", {"goto": site.url + "/"}, press, until={"url": "/lac"}), step_timeout="1.5s")
    assert found.verdict is Verdict.FAILED
    assert ("GET", "/lac") not in site.asked


async def test_a_box_below_its_drawing_is_ticked_by_its_label(walk: Walker, site: Portal) -> None:
    site.pages["/"] = """<label for=x>Đồng ý</label><div style="position:relative;height:20px"><input id=x type=checkbox
        style="position:absolute;opacity:0;z-index:-1" onchange="document.body.append('XONG')"></div>"""
    found = await walk(step("Bấm", {"goto": site.url + "/"}, {"check": {"label": "Đồng ý"}}, until={"text": "XONG"}))
    assert found.verdict is Verdict.OK, found.message
    assert (found.ux.clicks, found.ux.choices) == (1, 1)


async def test_a_click_that_ticks_a_box_is_a_choice_and_emptying_a_field_is_a_key(walk: Walker, site: Portal) -> None:
    site.pages["/"] = "<label><input type=checkbox> Đồng ý</label><input aria-label=a value=cũ>"
    found = await walk(
        step(
            "Bấm",
            {"goto": site.url + "/"},
            {"click": {"label": "Đồng ý"}},
            {"fill": {"label": "a", "value": ""}},
            until={"value": {"label": "a", "is": ""}},
        )
    )
    assert found.verdict is Verdict.OK, found.message
    assert (found.ux.clicks, found.ux.choices, found.ux.fields, found.ux.keystrokes) == (1, 1, 0, 1)


@pytest.mark.parametrize(("kind", "value"), [("number", "abc"), ("date", "20/11/2026")])
async def test_a_value_that_its_field_cannot_take_is_our_fault(
    walk: Walker, site: Portal, kind: str, value: str
) -> None:
    site.pages["/"] = f"<input type={kind} aria-label=a>"
    fill = {"fill": {"label": "a", "value": value}}
    found = await walk(step("Điền", {"goto": site.url + "/"}, fill, until={"text": "Không có"}), step_timeout="2s")
    assert (found.verdict, found.reason) == (Verdict.INCONCLUSIVE, Reason.CONFIG), found.message


async def test_what_the_focus_is_taken_from_is_written_again_and_a_frame_gets_nothing(
    walk: Walker, site: Portal, outside: Portal
) -> None:
    tell = "fetch('/told', {method: 'POST', body: JSON.stringify(this.value)})"
    outside.pages[
        "/trong"
    ] = f"""<input oninput="{tell}"><script>onfocus = () => document.querySelector("input").focus()
        </script>"""
    site.pages[
        "/"
    ] = f"""<input aria-label=a id=a><input aria-label=c id=c><iframe id=f src="{outside.url}/trong"></iframe>
        <script>let left = 2;
        a.onfocus = () => setTimeout(() => {{ left -= 1; if (left === 1) c.focus(); if (left === 0) f.focus(); }}, 0);
        </script>"""
    fill = {"fill": {"label": "a", "value": "${env:MAT_KHAU}"}}
    found = await walk(
        step("Điền", {"goto": site.url + "/"}, fill, until={"value": {"label": "a", "contains": "Hoàng"}}),
        environment="production", depth="L3",
    )  # fmt: skip
    assert outside.told == []
    assert found.verdict in (Verdict.OK, Verdict.INCONCLUSIVE), found.message


@pytest.mark.parametrize(
    ("page", "act"),
    [
        ("""<x-b></x-b><script>customElements.define("x-b", class extends HTMLElement { connectedCallback() {
            this.attachShadow({mode: "closed"}).innerHTML = "<button onclick=fetch('/nop')>Nộp hồ sơ</button>"; } })
            </script>""", {"click": {"css": "x-b"}}),
        ("<button onclick=fetch('/nop')>N&shy;ộp hồ sơ</button>", {"click": {"css": "button"}}),
        ("<button onclick=fetch('/nop')>Nộp&#8203; h&#8288;ồ sơ</button>", {"click": {"css": "button"}}),
        ("""<form action=/nop method=post><select aria-label=a onchange="this.form.submit()"><option>Chọn<option>Xong
            </select><button>Nộp hồ sơ</button></form>""", {"select": {"label": "a", "option": "Xong"}}),
        ("""<form action=/nop method=post><input aria-label=a oninput="this.form.submit()"><button>Nộp hồ sơ</button>
            </form>""", {"fill": {"label": "a", "value": "x"}}),
    ],
)  # fmt: skip
async def test_nothing_is_filed_by_a_side_door(walk: Walker, site: Portal, page: str, act: dict[str, Any]) -> None:
    site.pages |= {"/": page + "<h1>Hồ sơ</h1>", "/nop": "<h1>Đã nhận</h1>"}
    found = await walk(step("Nộp", {"goto": site.url + "/"}, act, until={"text": "Đã nhận"}), step_timeout="2s")
    assert (found.verdict, found.reason) == (Verdict.INCONCLUSIVE, Reason.CONFIG), found.message
    assert not [path for _, path in site.asked if path == "/nop"]


async def test_a_page_may_go_on_while_something_is_typed(walk: Walker, site: Portal) -> None:
    site.pages |= {"/": "<input aria-label=a oninput=\"location = '/tiep'\">", "/tiep": "<h1>Tiếp theo</h1>"}
    fill = {"fill": {"label": "b", "value": "x", "or": [{"label": "a"}]}}
    found = await walk(step("Điền", {"goto": site.url + "/"}, fill, until={"text": "Tiếp theo"}))
    assert found.verdict is Verdict.OK, found.message


async def test_an_option_that_cannot_be_chosen_is_not(walk: Walker, site: Portal) -> None:
    site.pages["/"] = "<select aria-label=a><option>A<option disabled>B</select>"
    choose = {"select": {"label": "a", "option": "B"}}
    found = await walk(step("Chọn", {"goto": site.url + "/"}, choose, until={"text": "A"}), step_timeout="1.5s")
    assert (found.verdict, found.reason) == (Verdict.FAILED, Reason.ELEMENT_MISSING)


async def test_an_error_page_is_no_proof_that_something_is_gone(walk: Walker, site: Portal) -> None:
    site.pages["/"] = "<button onclick=\"location = '/mat'\">Tiếp</button>"
    press = {"click": {"role": "button"}}
    found = await walk(step("Đi", {"goto": site.url + "/"}, press, until={"hidden": {"role": "button"}}))
    assert (found.verdict, found.reason) == (Verdict.FAILED, Reason.HTTP_STATUS)


@pytest.mark.parametrize(
    "act",
    [
        {"store": {"css": "p", "as": "ma", "pattern": "^(a|aa|a?a)+$"}},
        {"press": {"key": "KhongCoPhim"}},
        {"click": {"css": "a[["}},
    ],
)
async def test_what_only_the_walk_finds_wrong_in_a_check_is_said(
    walk: Walker, site: Portal, act: dict[str, Any]
) -> None:
    site.pages["/"] = f"<p>{'a' * 50}b</p>"
    found = await walk(step("Đọc", {"goto": site.url + "/"}, act, until={"text": "Không có"}), step_timeout="3s")
    assert (found.verdict, found.reason) == (Verdict.INCONCLUSIVE, Reason.CONFIG), found.message


@pytest.mark.parametrize(
    ("page", "late"),
    [
        ("<x-b></x-b>", """const root = document.querySelector("x-b").attachShadow({mode: "open"});
          root.innerHTML = "<p>chờ</p>"; then(() => { root.querySelector("p").textContent = "XONG"; });"""),
        ("<style>p { display: none }</style><p>XONG</p>",
         "then(() => { document.styleSheets[0].deleteRule(0); });"),
    ],
)  # fmt: skip
async def test_a_change_that_alters_no_node_of_the_document_is_timed_by_the_page(
    walk: Walker, site: Portal, page: str, late: str
) -> None:
    site.pages["/"] = f"""<h1>Trang</h1>{page}<button>Tiếp</button><script>
      const then = (change) => {{ document.querySelector("button").onclick = () => {{ const began = performance.now();
        setTimeout(() => {{ change(); const body = JSON.stringify(performance.now() - began);
          fetch("/told", {{method: "POST", body}}); }}, 777); }}; }}; {late}</script>"""
    apart = []
    for _ in range(5):
        found = await walk(
            step("Mở", {"goto": site.url + "/"}, until={"text": "Trang"}),
            step("Chờ", {"click": {"role": "button"}}, until={"visible": {"text": "XONG"}}),
        )
        assert found.verdict is Verdict.OK, found.message
        apart.append(abs(found.steps[1].ux.forced_wait_s - site.told[-1] / 1000))
    assert sorted(apart)[2] < 0.03  # our next look alone would be up to 0.1 s later
