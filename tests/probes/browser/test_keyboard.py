"""Typing key by key, emptying fields, clearing boxes."""

import pytest

from checks.run import Reason, Verdict
from tests.probes.browser.conftest import Walker
from tests.probes.browser.portal import Portal, step

_SUGGESTING = """<label>Phường xã <input role=combobox aria-expanded=false value="P. "></label><ul></ul><script>
  const field = document.querySelector("input"), list = document.querySelector("ul");
  const keys = [];
  field.onkeydown = (e) => keys.push(e.key);
  field.oninput = () => { list.innerHTML = field.value === "P. An Thinh" ? "<li>An Thịnh</li>" : ""; };
  addEventListener("click", () => fetch("/told", {method: "POST", body: JSON.stringify(keys)}));
</script>"""


async def test_keys_are_pressed_one_after_another_behind_what_the_field_holds(walk: Walker, site: Portal) -> None:
    site.pages["/"] = _SUGGESTING
    found = await walk(
        step(
            "Chọn xã",
            {"goto": site.url + "/"},
            {"type": {"role": "combobox", "name": "Phường xã", "value": "An Thinh"}},
            {"click": {"text": "An Thịnh"}},
            {"expect": {"text": "An Thịnh"}},
        ),
        step("Báo", {"goto": site.url + "/"}),
    )
    assert found.verdict is Verdict.OK, found.message
    assert site.told == [list("An Thinh")]
    assert (found.ux.fields, found.ux.keystrokes) == (1, len("An Thinh"))


async def test_what_is_typed_twice_is_a_re_entry_and_accents_are_one_character(walk: Walker, site: Portal) -> None:
    site.pages["/"] = "<label>Tên <input></label><label>Lại <textarea></textarea></label>"
    typed = [{"type": {"label": label, "value": "Nguyễn Thị Hoà"}} for label in ("Tên", "Lại")]
    found = await walk(step("Khai", {"goto": site.url + "/"}, *typed))
    assert found.verdict is Verdict.OK, found.message
    assert (found.ux.fields, found.ux.keystrokes, found.ux.re_entry) == (2, 28, 1)


@pytest.mark.parametrize(
    "field", ["<input value=a>", "<input type=email value=a>", "<textarea>a</textarea>", "<p contenteditable>a</p>"]
)
async def test_typing_goes_on_at_the_end_of_every_kind_of_field(walk: Walker, site: Portal, field: str) -> None:
    site.pages["/"] = f"""{field}<script>const field = document.body.firstElementChild;
      addEventListener("input", () => {{ document.title = field.value ?? field.innerText; }})</script>"""
    typed = {"type": {"css": "body > *", "nth": 0, "value": "@b"}}
    found = await walk(step("Gõ", {"goto": site.url + "/"}, typed, until={"title": "a@b"}))
    assert found.verdict is Verdict.OK, found.message


async def test_a_line_end_presses_enter(walk: Walker, site: Portal) -> None:
    site.pages |= {
        "/": "<form action=/tim><label>Tìm <input name=q></label><button>Tìm</button></form>",
        "/tim": "<h1>Kết quả</h1>",
    }
    typed = {"type": {"label": "Tìm", "value": "khai sinh\n"}}
    found = await walk(step("Tìm", {"goto": site.url + "/"}, typed, until={"text": "Kết quả"}))
    assert found.verdict is Verdict.OK, found.message
    assert ("GET", "/tim?q=khai+sinh") in site.asked
    assert found.ux.keystrokes == len("khai sinh") + 1


async def test_a_field_is_emptied_with_one_key(walk: Walker, site: Portal) -> None:
    site.pages["/"] = """<label>Nơi sinh <input value="Hà Nội"></label><label>Ngày <input type=date value=2020-01-02>
      </label><script>let n = 0; addEventListener("keydown", () => { n += 1; });
      addEventListener("input", () => { const all = [...document.querySelectorAll("input")];
        if (all.every((one) => one.value === "")) document.title = `Trống ${n}`; });</script>"""
    emptied = [{"clear": {"label": label}} for label in ("Ngày", "Nơi sinh")]
    found = await walk(step("Xóa", {"goto": site.url + "/"}, *emptied, until={"title": "Trống 1"}))
    assert found.verdict is Verdict.OK, found.message
    assert (found.ux.keystrokes, found.ux.choices, found.ux.fields) == (1, 1, 0)


_BOXES = (
    "<label><input type=checkbox checked> Nhận tin nhắn</label>",
    "<b role=checkbox aria-checked=true onclick=\"this.setAttribute('aria-checked', 'false')\">Nhận tin nhắn</b>",
)


@pytest.mark.parametrize("box", _BOXES)
async def test_a_box_is_cleared_once(walk: Walker, site: Portal, box: str) -> None:
    site.pages["/"] = box
    target = {"role": "checkbox", "name": "Nhận tin"}
    found = await walk(step("Bỏ", {"goto": site.url + "/"}, {"uncheck": target}, {"uncheck": target}))
    assert found.verdict is Verdict.OK, found.message
    assert (found.ux.clicks, found.ux.choices) == (1, 1)


async def test_a_radio_button_cannot_be_cleared(walk: Walker, site: Portal) -> None:
    site.pages["/"] = "<label><input type=radio name=a checked> Nam</label>"
    found = await walk(step("Bỏ", {"goto": site.url + "/"}, {"uncheck": {"label": "Nam"}}))
    assert (found.verdict, found.reason) == (Verdict.INCONCLUSIVE, Reason.CONFIG)
    assert "không bỏ chọn được trường “Nam”" in found.message
