"""Double clicks, pointing, scrolling and dragging: done for real, and counted against the page's own listeners."""

import pytest

from checks.run import Verdict
from tests.probes.browser.conftest import Walker
from tests.probes.browser.portal import Portal, step

_SLIDER = """<h1>Vay vốn</h1><div id=day style="width:300px;height:20px;background:#ccc;touch-action:none">
  <div role=slider aria-label="Mức vay" tabindex=0 id=nut style="width:20px;height:20px;background:#00f"></div></div>
<p id=ra></p><script>
  let from = null, moves = 0;
  nut.onpointerdown = (e) => { from = e.clientX; nut.setPointerCapture(e.pointerId); };
  nut.onpointermove = () => { if (from !== null) moves += 1; };
  nut.onpointerup = (e) => {
    ra.textContent = `kéo ${Math.round(e.clientX - from)} ${moves > 2} ${e.pointerType}`; from = null; };
</script>"""

_BOARD = """<h1>Chọn hồ sơ</h1><div draggable=true class=the>H12</div><section aria-label="Hồ sơ đã chọn"
  style="height:80px;background:#eee"></section><script>
  const zone = document.querySelector("section");
  document.querySelector(".the").ondragstart = (e) => e.dataTransfer.setData("text/plain", "H12");
  zone.ondragover = (e) => e.preventDefault();
  zone.ondrop = (e) => { e.preventDefault(); document.body.append("Đã thả " + e.dataTransfer.getData("text/plain")); };
</script>"""


async def test_a_double_click_is_one_click(walk: Walker, site: Portal) -> None:
    site.pages["/"] = """<table><tr><td>H12</td></tr></table><script>
      let clicks = 0;
      addEventListener("click", () => { clicks += 1; });
      document.querySelector("tr").ondblclick = () => document.body.append(`Mở sau ${clicks} lần nhấn`);</script>"""
    twice = {"double_click": {"role": "row", "name": "H12"}}
    found = await walk(step("Mở", {"goto": site.url + "/"}, twice, until={"text": "Mở sau 2 lần nhấn"}))
    assert found.verdict is Verdict.OK, found.message
    assert found.ux.clicks == 1


async def test_a_menu_opens_while_it_is_pointed_at_and_nothing_is_counted(walk: Walker, site: Portal) -> None:
    site.pages |= {
        "/": """<style>ul { display: none } nav:hover ul { display: block }</style>
          <nav><a href=#>Dịch vụ công</a><ul><li><a href=/ho-tich>Hộ tịch</a></ul></nav>""",
        "/ho-tich": "<h1>Hộ tịch</h1>",
    }
    found = await walk(
        step("Mở", {"goto": site.url + "/"}, {"hover": {"role": "link", "name": "Dịch vụ công"}}),
        step("Chọn", {"click": {"role": "link", "name": "Hộ tịch"}}, until={"url": "/ho-tich"}),
    )
    assert found.verdict is Verdict.OK, found.message
    assert [one.ux.clicks for one in found.steps] == [0, 1]
    assert found.steps[0].ux.handling_s < 2


async def test_a_page_loads_more_when_it_is_scrolled_to_its_end(walk: Walker, site: Portal) -> None:
    site.pages["/"] = """<div style="height:3000px"></div><h2>Hết trang</h2><button disabled>Cuối</button><script>
      new IntersectionObserver((all) => { if (all.some((one) => one.isIntersecting)) document.body.append("Thêm"); })
        .observe(document.querySelector("h2"));</script>"""
    for end in ({"role": "heading", "name": "Hết trang"}, {"role": "button"}):
        found = await walk(step("Cuộn", {"goto": site.url + "/"}, {"scroll_to": end}, until={"text": "Thêm"}))
        assert found.verdict is Verdict.OK, found.message
        assert (found.ux.clicks, found.ux.drags) == (0, 0)


@pytest.mark.parametrize(("device", "pointer"), [("desktop", "mouse"), ("mobile", "touch")])
async def test_a_slider_is_dragged_by_so_many_pixels(walk: Walker, site: Portal, device: str, pointer: str) -> None:
    site.pages["/"] = "<meta name=viewport content='width=device-width'>" + _SLIDER
    drag = {"drag": {"role": "slider", "by": {"x": 120}}}
    goal = {"text": f"kéo 120 true {pointer}"}
    found = await walk(step("Kéo", {"goto": site.url + "/"}, drag, until=goal), device=device)
    assert found.verdict is Verdict.OK, found.message
    assert (found.ux.drags, found.ux.clicks) == (1, 0)
    assert found.ux.handling_s > 1.2


async def test_a_card_is_dragged_to_where_it_belongs(walk: Walker, site: Portal) -> None:
    site.pages["/"] = _BOARD
    drag = {"drag": {"css": ".the", "to": {"role": "region", "name": "Hồ sơ đã chọn"}}}
    found = await walk(step("Kéo", {"goto": site.url + "/"}, drag, until={"text": "Đã thả H12"}))
    assert found.verdict is Verdict.OK, found.message
    assert (found.ux.drags, found.ux.clicks) == (1, 0)


async def test_a_card_is_dragged_to_a_place_that_must_be_scrolled_to(walk: Walker, site: Portal) -> None:
    site.pages["/"] = _BOARD.replace("<section", "<div style='height:2000px'></div><section")
    drag = {"drag": {"css": ".the", "to": {"role": "region"}}}
    found = await walk(step("Kéo", {"goto": site.url + "/"}, drag, until={"text": "Đã thả H12"}))
    assert found.verdict is Verdict.OK, found.message


async def test_a_place_to_drag_to_that_never_comes_is_named(walk: Walker, site: Portal) -> None:
    site.pages["/"] = _BOARD
    drag = {"drag": {"css": ".the", "to": {"role": "region", "name": "Thùng rác"}}}
    found = await walk(step("Kéo", {"goto": site.url + "/"}, drag), step_timeout="1s")
    assert found.verdict is Verdict.FAILED
    assert "Thùng rác" in found.message
