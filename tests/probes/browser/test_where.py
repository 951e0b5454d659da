"""Where things are looked for: frames, regions, shadow roots, and other ways when the first finds nothing."""

import pytest

from checks.run import Reason, Verdict
from tests.probes.browser.conftest import Walker
from tests.probes.browser.portal import Portal, step

_FRAME = "<h1>Cổng</h1><iframe title='Biểu mẫu điện tử' name=bieu-mau id=khung src=%s/trong></iframe>"
_FORM = """<label>Họ tên <input name=ten></label><button onclick="
  setTimeout(() => { document.body.append('Đã lưu ' + document.querySelector('input').value);
    const at = performance.timeOrigin + performance.now();
    fetch('/told', {method: 'POST', body: JSON.stringify(at - window.pressed)}); }, 300);
  window.pressed = performance.timeOrigin + performance.now();">Lưu</button>"""


@pytest.mark.parametrize("frame", [{"title": "biểu mẫu"}, {"name": "bieu-mau"}, {"css": "#khung"}])
@pytest.mark.parametrize("other_site", [False, True])
async def test_a_form_in_a_frame_is_walked_and_its_goal_timed_by_its_own_clock(
    walk: Walker, site: Portal, outside: Portal, frame: dict[str, str], other_site: bool
) -> None:
    owner = outside if other_site else site
    site.pages["/"] = _FRAME % owner.url
    owner.pages["/trong"] = _FORM
    within = {"frame": frame}
    found = await walk(
        step("Mở", {"goto": site.url + "/"}, until={"text": "Cổng"}),
        step("Khai", {"fill": {"label": "Họ tên", "value": "Mai", "within": within}}),
        step(
            "Lưu",
            {"click": {"role": "button", "name": "Lưu", "within": within}},
            until={"visible": {"text": "Đã lưu Mai", "within": within}},
        ),
    )
    assert found.verdict is Verdict.OK, found.message
    (told_ms,) = owner.told
    # The page's own span, with the way of the click before it.
    assert told_ms / 1000 <= found.steps[2].duration_s <= told_ms / 1000 + 0.5
    assert (found.ux.clicks, found.ux.fields, found.ux.keystrokes) == (1, 1, 3)
    assert found.ux.screens == 1


async def test_a_frame_that_comes_late_and_moves_on_is_followed(walk: Walker, site: Portal) -> None:
    site.pages |= {
        "/": """<h1>Cổng</h1><script>setTimeout(() => { const f = document.createElement("iframe");
          f.title = "Biểu mẫu"; f.src = "/mot"; document.body.append(f); }, 200)</script>""",
        "/mot": "<form action=/hai><input aria-label=a required><input aria-label=b><button>Tiếp</button></form>",
        "/hai": "<h1>Đã lưu tờ khai</h1>",
    }
    within = {"frame": {"title": "Biểu mẫu"}}
    found = await walk(
        step("Mở", {"goto": site.url + "/"}, until={"text": "Cổng"}),
        step(
            "Khai",
            {"fill": {"label": "a", "value": "1", "within": within}},
            {"click": {"role": "button", "within": within}},
            {"expect": {"hidden": {"role": "button", "within": within}}},
            until={"visible": {"text": "Đã lưu tờ khai", "within": within}},
        ),
    )
    assert found.verdict is Verdict.OK, found.message
    census = found.steps[1].census
    assert census is not None
    assert (census.screens, census.controls, census.required, census.prefilled) == (1, 2, 1, 0)
    assert found.ux.screens == 1


async def test_frames_lie_in_frames_and_regions_in_regions(walk: Walker, site: Portal) -> None:
    site.pages |= {
        "/": "<h1>Cổng</h1><iframe title=Ngoài src=/giua></iframe>",
        "/giua": "<iframe title=Trong src=/trong></iframe>",
        "/trong": "<section aria-label=Cha><button>Xem</button></section><section aria-label=Mẹ>"
        "<div class=hang><button onclick=\"document.body.append('Đúng chỗ')\">Xem</button></div></section>",
    }
    inner = {"frame": {"title": "Trong"}, "within": {"frame": {"title": "Ngoài"}}}
    region = {"css": ".hang", "within": {"role": "region", "name": "Mẹ", "within": inner}}
    found = await walk(
        step(
            "Mở",
            {"goto": site.url + "/"},
            {"click": {"role": "button", "name": "Xem", "within": region}},
            until={"visible": {"text": "Đúng chỗ", "within": inner}},
        )
    )
    assert found.verdict is Verdict.OK, found.message


async def test_shadow_roots_need_no_word(walk: Walker, site: Portal) -> None:
    site.pages["/"] = """<the-o></the-o><script>customElements.define("the-o", class extends HTMLElement {
      connectedCallback() { this.attachShadow({mode: "open"}).innerHTML =
        "<section aria-label=Khai><label>Tên <input></label></section>"; } })</script>"""
    fill = {"fill": {"label": "Tên", "value": "Mai", "within": {"role": "region", "name": "Khai"}}}
    found = await walk(step("Mở", {"goto": site.url + "/"}, fill))
    assert found.verdict is Verdict.OK, found.message


async def test_another_way_is_taken_and_told(walk: Walker, site: Portal) -> None:
    site.pages["/"] = "<button id=tiep onclick=\"document.body.append('Xong')\">Đi tiếp</button>"
    found = await walk(
        step("Mở", {"goto": site.url + "/"}, until={"visible": {"role": "button", "or": [{"css": "#khac"}]}}),
        step(
            "Đi",
            {"click": {"role": "button", "name": "Tiếp tục", "or": [{"text": "Sang trang"}, {"css": "#tiep"}]}},
            until={"visible": {"text": "Hoàn thành", "or": [{"text": "Xong"}]}},
        ),
    )
    assert found.verdict is Verdict.OK, found.message
    assert found.steps[0].drift == ()
    assert found.steps[1].drift == (
        "không thấy nút “Tiếp tục”, dùng phần “#tiep”",
        "không thấy chữ “Hoàn thành”, dùng chữ “Xong”",
    )


async def test_a_frame_that_never_comes_is_named(walk: Walker, site: Portal) -> None:
    site.pages["/"] = "<h1>Cổng</h1><div title='Biểu mẫu'>không phải khung</div>"
    click = {"click": {"role": "button", "name": "Lưu", "within": {"frame": {"title": "Biểu mẫu"}}}}
    found = await walk(step("Lưu", {"goto": site.url + "/"}, click), step_timeout="1s")
    assert (found.verdict, found.reason) == (Verdict.FAILED, Reason.ELEMENT_MISSING)
    assert "không thấy nút “Lưu” trong khung “Biểu mẫu”" in found.message


async def test_nothing_is_filed_inside_a_frame(walk: Walker, site: Portal) -> None:
    site.pages |= {
        "/": "<iframe title=Khung src=/trong></iframe>",
        "/trong": """<form method=post action=/nop><button>Tiếp tục</button></form><script>
          const b = document.querySelector("button");
          b.addEventListener("pointerdown", () => { b.textContent = "Nộp hồ sơ"; });</script>""",
        "/nop": "Đã tiếp nhận",
    }
    within = {"frame": {"title": "Khung"}}
    for name in ("Tiếp tục", "Nộp hồ sơ"):
        press = {"click": {"role": "button", "within": within}}
        if name == "Nộp hồ sơ":
            site.pages["/trong"] = "<form method=post action=/nop><button>Nộp hồ sơ</button></form>"
        found = await walk(step("Nộp", {"goto": site.url + "/"}, press, until={"text": "Đã tiếp nhận"}))
        assert (found.verdict, found.reason) == (Verdict.INCONCLUSIVE, Reason.CONFIG), found.message
        assert ("POST", "/nop") not in site.asked
