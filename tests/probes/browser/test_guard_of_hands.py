"""Whatever hand it is: two clicks, keys inside a text, a drag, a box or a button of the browser file nothing."""

from typing import Any

import pytest

from checks.run import Reason, Verdict
from tests.probes.browser.conftest import Walker
from tests.probes.browser.portal import Portal, held_back, step

_FORM = "<form method=post action=/nop><label>Họ tên <input name=ten></label>%s</form>"
_NAMED = {"role": "button", "name": "Nộp hồ sơ"}


async def _stands(walk: Walker, site: Portal, body: str, *do: dict[str, Any], **fields: Any) -> None:
    """Walk on a page that would file; what it shows afterwards is waited for, so that a late press would be seen."""
    site.pages |= {"/": body, "/nop": "<h1>Đã tiếp nhận</h1>"}
    fields = {"depth": "L4", "step_timeout": "2s"} | fields
    found = await walk(step("Nộp", {"goto": site.url + "/"}, *do, until={"text": "Đã tiếp nhận"}), **fields)
    assert held_back(found, site), found


async def test_two_clicks_on_a_control_that_files(walk: Walker, site: Portal) -> None:
    await _stands(walk, site, _FORM % "<button>Nộp hồ sơ</button>", {"double_click": _NAMED})


async def test_a_second_click_on_what_the_first_has_put_there(walk: Walker, site: Portal) -> None:
    button = """<button onclick="if (this.textContent === 'Tiếp tục') { event.preventDefault();
      this.textContent = 'Nộp hồ sơ'; }">Tiếp tục</button>"""
    await _stands(walk, site, _FORM % button, {"double_click": {"role": "button"}})


async def test_a_listener_to_double_clicks_of_a_control_that_files(walk: Walker, site: Portal) -> None:
    button = """<button type=button ondblclick="document.forms[0].submit()">Tiếp tục</button><script>
      const b = document.querySelector("button");
      let n = 0;
      b.addEventListener("click", () => { n += 1; if (n === 2) b.textContent = "Nộp hồ sơ"; });</script>"""
    await _stands(walk, site, _FORM % button, {"double_click": {"role": "button"}})


@pytest.mark.parametrize("text", ["An\n", "\n", "An\r\nBình", "An\rBình"])
async def test_enter_inside_a_text_that_is_typed(walk: Walker, site: Portal, text: str) -> None:
    await _stands(walk, site, _FORM % "<button>Nộp hồ sơ</button>", {"type": {"label": "Họ tên", "value": text}})


async def test_enter_in_a_form_inside_a_shadow_root(walk: Walker, site: Portal) -> None:
    body = f"""<the-o></the-o><script>customElements.define("the-o", class extends HTMLElement {{
      connectedCallback() {{ this.attachShadow({{mode: "open"}}).innerHTML =
        `{_FORM % "<button>Nộp hồ sơ</button>"}`; }} }})</script>"""
    await _stands(walk, site, body, {"fill": {"label": "Họ tên", "value": "An"}}, {"press": {"key": "Enter"}})


async def test_a_space_where_the_page_has_put_the_focus_meanwhile(walk: Walker, site: Portal) -> None:
    body = (
        _FORM
        % """<button>Nộp hồ sơ</button><script>
      document.querySelector("input").oninput = () => document.querySelector("button").focus();</script>"""
    )
    await _stands(walk, site, body, {"type": {"label": "Họ tên", "value": "A B"}})


async def test_text_typed_at_a_control_that_files(walk: Walker, site: Portal) -> None:
    await _stands(walk, site, _FORM % "<button>Nộp hồ sơ</button>", {"type": _NAMED | {"value": "a b"}})


async def test_a_text_with_spaces_goes_into_a_field_that_speaks_of_sending(walk: Walker, site: Portal) -> None:
    site.pages["/"] = "<label>Nội dung gửi <textarea aria-label='Nội dung gửi'></textarea></label>"
    found = await walk(step("Viết", {"goto": site.url + "/"}, {"type": {"css": "textarea", "value": "Kính gửi Sở"}}))
    assert found.verdict is Verdict.OK, found.message


async def test_a_drag_of_a_control_that_files(walk: Walker, site: Portal) -> None:
    await _stands(walk, site, _FORM % "<button>Nộp hồ sơ</button>", {"drag": _NAMED | {"by": {"x": 2}}})


async def test_a_drag_let_go_on_a_control_that_files(walk: Walker, site: Portal) -> None:
    button = "<i id=the>H12</i><button type=button onpointerup='document.forms[0].submit()'>Nộp hồ sơ</button>"
    await _stands(walk, site, _FORM % button, {"drag": {"css": "#the", "to": _NAMED}})


_AT = "style='position:absolute;top:200px;width:60px;height:40px;touch-action:none;left:%dpx'"


@pytest.mark.parametrize("device", ["desktop", "mobile"])
@pytest.mark.parametrize("captured", ["true", "false"])
async def test_a_drag_by_an_offset_that_ends_on_a_control_that_files(
    walk: Walker, site: Portal, device: str, captured: str
) -> None:
    body = f"""<i id=the {_AT % 20}>H</i><button type=button {_AT % 140}>Nộp hồ sơ</button><script>
      const b = document.querySelector("button");
      addEventListener("pointerup", (e) => {{
        if (document.elementFromPoint(e.clientX, e.clientY) === b) document.forms[0].submit(); }});
      the.onpointerdown = (e) => {{ if ({captured}) the.setPointerCapture(e.pointerId); }};</script>"""
    await _stands(walk, site, _FORM % body, {"drag": {"css": "#the", "by": {"x": 120}}}, device=device)


@pytest.mark.parametrize("action", ["check", "uncheck"])
async def test_a_box_that_is_a_button_which_sends_its_form(walk: Walker, site: Portal, action: str) -> None:
    ticked = "false" if action == "check" else "true"
    button = f"<button role=checkbox aria-checked={ticked}>Đồng ý nộp hồ sơ</button>"
    await _stands(walk, site, _FORM % button, {action: {"role": "checkbox"}})


async def test_a_box_drawn_with_a_plain_button_is_ticked(walk: Walker, site: Portal) -> None:
    site.pages["/"] = """<form><button type=button role=checkbox aria-checked=false
      onclick="this.setAttribute('aria-checked', 'true'); document.title = 'Đã đồng ý'">Tôi đồng ý nộp bản giấy
      </button></form>"""
    found = await walk(
        step("Đồng ý", {"goto": site.url + "/"}, {"check": {"role": "checkbox"}}, until={"title": "Đã đồng ý"})
    )
    assert found.verdict is Verdict.OK, found.message


async def test_a_control_in_a_shadow_root_that_was_put_in_the_place_of_the_judged_one(
    walk: Walker, site: Portal
) -> None:
    body = """<the-o></the-o><script>customElements.define("the-o", class extends HTMLElement {
      connectedCallback() {
        const root = this.attachShadow({mode: "open"});
        root.innerHTML = "<form method=post action=/nop><button>Tiếp tục</button></form>";
        const b = root.querySelector("button");
        b.addEventListener("pointerdown", () => { b.textContent = "Nộp hồ sơ"; });
      } })</script>"""
    await _stands(walk, site, body, {"click": {"role": "button"}})


@pytest.mark.parametrize("typing", [{"type": {"label": "Số", "value": "1"}}, {"clear": {"label": "Số"}}])
async def test_a_sign_on_in_production_is_not_typed_into(
    walk: Walker, outside: Portal, typing: dict[str, object]
) -> None:
    outside.pages["/"] = "<label>Số <input value=0></label>"
    found = await walk(step("Vào", {"goto": outside.url + "/"}, typing), environment="production")
    assert (found.verdict, found.reason) == (Verdict.INCONCLUSIVE, Reason.CONFIG)
    assert found.ux.keystrokes == 0
