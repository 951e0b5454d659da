"""Waiting is never rounded up: the reported time is the page's own, for elements that come late."""

import asyncio

import pytest
from aiohttp import web

from checks.run import Verdict
from tests.probes.browser.conftest import Walker
from tests.probes.browser.portal import Portal, html, step

# Structural, not a matter of speed: Playwright's own waits are up to 500 ms late for these.
_LATE_BY_MOST_S = 0.1
# The page's clock shows 0.1 ms; the page notes its own time just before it changes.
_GRAIN_S = 0.001

_TIMED = """<h1>Chờ</h1><button>Tính phí</button><p id=out></p>
<script>
  const now = () => performance.timeOrigin + performance.now();
  document.querySelector("button").onpointerdown = () => { window.pressed = now(); };
  document.querySelector("button").onclick = () => setTimeout(() => {
    const came = now();
    %s
    fetch("/told", {method: "POST", body: JSON.stringify({pressed: window.pressed, came})});
  }, %d);
</script>"""

_WAYS = {
    "inserted": "document.body.insertAdjacentHTML('beforeend', '<p>Phí 8.000 đồng</p>')",
    "text": "out.firstChild ? 0 : out.append('Phí 8.000 đồng')",
    "attribute": "out.textContent = 'Phí 8.000 đồng'; out.hidden = true; out.hidden = false",
}


def _page(way: str, delay_ms: int) -> str:
    return _TIMED % (_WAYS[way], delay_ms)


@pytest.mark.parametrize("way", sorted(_WAYS))
@pytest.mark.parametrize("delay_ms", [130, 370, 810, 1200])
async def test_a_late_goal_has_the_time_at_which_the_page_showed_it(
    walk: Walker, site: Portal, way: str, delay_ms: int
) -> None:
    site.pages["/"] = _page(way, delay_ms)
    found = await walk(
        step("Mở", {"goto": site.url + "/"}, until={"visible": {"role": "button"}}),
        step("Tính", {"click": {"role": "button", "name": "Tính phí"}}, until={"text": "Phí 8.000 đồng"}),
        step("Báo", {"goto": site.url + "/"}),
    )
    assert found.verdict is Verdict.OK, found.message
    (told,) = site.told
    truth_s = (told["came"] - told["pressed"]) / 1000
    assert truth_s >= delay_ms / 1000
    assert found.steps[1].duration_s >= truth_s - _GRAIN_S
    assert found.steps[1].ux.forced_wait_s <= truth_s + _LATE_BY_MOST_S
    # What precedes the press (finding, scrolling, aiming) is the walk's own and in the step by definition.
    assert found.steps[1].ux.forced_wait_s >= truth_s - _LATE_BY_MOST_S


async def test_a_page_that_changes_all_the_time_is_timed_as_well(walk: Walker, site: Portal) -> None:
    ticking = "<b id=t></b><script>setInterval(() => { t.textContent = performance.now(); }, 5)</script>"
    site.pages["/"] = _page("inserted", 700) + ticking
    found = await walk(
        step("Mở", {"goto": site.url + "/"}, until={"visible": {"role": "button"}}),
        step("Tính", {"click": {"role": "button", "name": "Tính phí"}}, until={"text": "Phí 8.000 đồng"}),
        step("Báo", {"goto": site.url + "/"}),
    )
    (told,) = site.told
    truth_s = (told["came"] - told["pressed"]) / 1000
    assert truth_s - _GRAIN_S <= found.steps[1].duration_s
    assert found.steps[1].ux.forced_wait_s <= truth_s + _LATE_BY_MOST_S


async def test_a_document_that_becomes_complete_after_the_goal_does_not_make_it_later(
    walk: Walker, site: Portal
) -> None:
    site.pages["/"] = """<h1>Chờ</h1><button>Tính phí</button><script>
      document.querySelector("button").onclick = () => {
        document.body.append("Phí 8.000 đồng");
        setTimeout(() => {
          for (const ends = performance.now() + 300; performance.now() < ends;);
          document.dispatchEvent(new Event("readystatechange"));
        }, 0);
      };
    </script>"""
    found = await walk(
        step("Mở", {"goto": site.url + "/"}, until={"visible": {"role": "button"}}),
        step("Tính", {"click": {"role": "button", "name": "Tính phí"}}, until={"text": "Phí 8.000 đồng"}),
    )
    assert found.verdict is Verdict.OK, found.message
    assert found.steps[1].ux.forced_wait_s <= _LATE_BY_MOST_S


async def test_a_button_that_comes_late_and_locked_is_pressed_when_it_is_free(walk: Walker, site: Portal) -> None:
    site.pages["/"] = """<h1>Chờ nút</h1><script>
      setTimeout(() => {
        const b = document.createElement("button");
        b.textContent = "Tiếp tục"; b.disabled = true;
        b.onclick = () => document.body.append("Xong");
        document.body.append(b);
        setTimeout(() => { b.disabled = false; }, 450);
      }, 330);
    </script>"""
    found = await walk(
        step("Mở", {"goto": site.url + "/"}),
        step("Bấm", {"click": {"role": "button", "name": "Tiếp tục"}}, until={"text": "Xong"}),
    )
    assert found.verdict is Verdict.OK, found.message
    assert found.ux.clicks == 1


async def test_a_covered_button_is_pressed_when_the_cover_goes(walk: Walker, site: Portal) -> None:
    site.pages["/"] = """<button onclick="document.body.append('Xong')">Tiếp tục</button>
      <div id=cover style="position:fixed;inset:0;background:#fff">Đang tải…</div>
      <script>setTimeout(() => cover.remove(), 600)</script>"""
    found = await walk(
        step("Bấm", {"goto": site.url + "/"}, {"click": {"role": "button"}}, until={"text": "Xong"}),
    )
    assert found.verdict is Verdict.OK, found.message
    assert found.ux.clicks == 1
    assert found.duration_s >= 0.6


async def test_a_goal_in_a_new_document_is_timed_by_that_document(walk: Walker, site: Portal) -> None:
    site.pages["/"] = '<a href="/sau">Sau</a>'
    site.pages["/sau"] = """<h1 hidden>Kết quả</h1><script>
      setTimeout(() => {
        const came = performance.timeOrigin + performance.now();
        document.querySelector("h1").hidden = false;
        fetch("/told", {method: "POST", body: JSON.stringify({came, from: performance.timeOrigin})});
      }, 400)</script>"""
    found = await walk(
        step("Mở", {"goto": site.url + "/"}, until={"visible": {"role": "link"}}),
        step(
            "Đi", {"click": {"role": "link", "name": "Sau"}}, until={"visible": {"role": "heading", "name": "Kết quả"}}
        ),
        step("Báo", {"goto": site.url + "/"}),
    )
    (told,) = site.told
    own_s = (told["came"] - told["from"]) / 1000
    assert found.steps[1].duration_s >= own_s - _GRAIN_S
    assert found.steps[1].ux.forced_wait_s <= own_s + _LATE_BY_MOST_S


async def test_the_same_button_of_the_next_page_is_not_pressed_on_the_page_that_is_being_left(
    walk: Walker, site: Portal
) -> None:
    def page(number: int) -> str:
        return (
            f"<h1>Trang {number}</h1><form method=post action=/{number + 1}><button>Tiếp tục</button></form>"
            "<script>document.querySelector('form').onsubmit = () =>"
            f" navigator.sendBeacon('/told', '{number}')</script>"
        )

    async def slow(_request: web.Request) -> web.Response:
        await asyncio.sleep(0.3)
        return html(page(2))

    site.pages |= {"/1": page(1), "/2": slow, "/3": "<h1>Trang 3</h1>"}
    press = {"click": {"role": "button", "name": "Tiếp tục"}}
    found = await walk(step("Đi", {"goto": site.url + "/1"}, press, press, until={"text": "Trang 3"}))
    assert found.verdict is Verdict.OK, found.message
    assert site.told == [1, 2]
    assert found.ux.screens == 3


async def test_a_goal_already_met_costs_no_more_than_its_action(walk: Walker, site: Portal) -> None:
    site.pages["/"] = "<h1>Có sẵn</h1><button>Bấm</button>"
    found = await walk(
        step("Mở", {"goto": site.url + "/"}, until={"text": "Có sẵn"}),
        step("Bấm", {"click": {"role": "button"}}, until={"text": "Có sẵn"}),
    )
    assert found.verdict is Verdict.OK
    assert found.steps[1].ux.forced_wait_s == 0.0
