"""How good the pages were: vitals against the page's own observers, bytes and waiting against what was served."""

import asyncio
import gzip
from typing import Any

import pytest
from aiohttp import web

from checks.run import Finding, OwnerShare, Verdict
from probes.browser.pulse import Clock
from tests.probes.browser.conftest import Walker
from tests.probes.browser.portal import Portal, html, step
from tests.probes.servers import Handler

# Observes for itself, as a page's own monitoring would, and tells when the page is left.
_MONITOR = """<script>
  const own = {fcp: null, lcp: null, shift: 0, blocked: 0, delay: null, w: innerWidth, h: innerHeight};
  const each = (type, take, more) => new PerformanceObserver((l) => l.getEntries().forEach(take))
    .observe({type, buffered: true, ...more});
  each("paint", (e) => { if (e.name === "first-contentful-paint") own.fcp = e.startTime; });
  each("largest-contentful-paint", (e) => { own.lcp = e.startTime; });
  each("layout-shift", (e) => { own.shift += e.value; });
  each("longtask", (e) => { own.blocked += e.duration - 50; });
  each("event", (e) => { if (e.name === "click") own.delay = e.duration; }, {durationThreshold: 16});
  addEventListener("pagehide", () => {
    own.ttfb = performance.getEntriesByType("navigation")[0].responseStart;
    navigator.sendBeacon("/told", JSON.stringify(own));
  });
  const busy = (ms) => { const until = performance.now() + ms; while (performance.now() < until); };
  const painted = (then) => requestAnimationFrame(() => requestAnimationFrame(then));
</script>"""
_LEAVE = {"click": {"role": "link", "name": "Đi tiếp"}}


async def _watched(walk: Walker, site: Portal, body: str, *do: dict[str, Any]) -> tuple[Finding, dict[str, float]]:
    """Walk a monitored page until it says Xong, then leave it; return what was found and what it saw itself."""
    site.pages |= {"/": _MONITOR + body + '<a href="/sau">Đi tiếp</a>', "/sau": "<h1>Trang sau</h1>"}
    found = await walk(
        step("Mở", {"goto": site.url + "/"}, *do, until={"text": "Xong"}),
        step("Rời", _LEAVE, until={"text": "Trang sau"}),
    )
    assert found.verdict is Verdict.OK, found.message
    (own,) = site.told
    return found, own


async def test_paints_are_those_that_the_page_saw(walk: Walker, site: Portal) -> None:
    found, own = await _watched(walk, site, "<h1>Xong</h1>")
    vitals = found.steps[0].vitals
    assert vitals.ttfb_s == pytest.approx(own["ttfb"] / 1000)
    assert vitals.fcp_s == pytest.approx(own["fcp"] / 1000)
    assert vitals.lcp_s == pytest.approx(own["lcp"] / 1000)


async def test_a_known_shift_of_the_layout_has_its_known_value(walk: Walker, site: Portal) -> None:
    body = """<style>body { margin: 0 } div { height: 300px; background: teal }</style><div></div><script>
      painted(() => {
        document.body.insertAdjacentHTML("afterbegin", "<p style='height: 100px; margin: 0'>");
        painted(() => document.body.append("Xong"));
      });
    </script>"""
    found, own = await _watched(walk, site, body)
    # The block of 300 px moves by 100: it touches 400 px of the screen's height.
    known = 400 / own["h"] * 100 / max(own["w"], own["h"])
    cls = found.steps[0].vitals.cls
    assert cls == pytest.approx(own["shift"])
    assert cls == pytest.approx(known, rel=0.1)


async def test_blocking_time_is_what_long_tasks_took_beyond_their_due(walk: Walker, site: Portal) -> None:
    body = """<h1>Chờ</h1><script>
      const then = (next) => setTimeout(next);
      then(() => { busy(130); then(() => { busy(100); then(() => document.body.append("Xong")); }); });
    </script>"""
    found, own = await _watched(walk, site, body)
    tbt_s = found.steps[0].vitals.tbt_s
    assert tbt_s == pytest.approx(own["blocked"] / 1000)
    assert tbt_s is not None
    assert tbt_s > 0.12


async def test_the_interaction_delay_is_the_longest_from_an_event_to_the_next_paint(walk: Walker, site: Portal) -> None:
    body = """<button>Bấm</button><script>
      document.querySelector("button").onclick = () => { busy(150); painted(() => document.body.append("Xong")); };
    </script>"""
    found, own = await _watched(walk, site, body, {"click": {"role": "button"}})
    delay_s = found.steps[0].vitals.interaction_delay_s
    assert delay_s is not None
    assert delay_s >= max(own["delay"] / 1000, 0.15)


async def test_the_delay_of_an_interaction_with_a_page_that_stays_is_always_known(walk: Walker, site: Portal) -> None:
    site.pages["/"] = """<button>Bấm</button><script>
      document.querySelector("button").onclick = () => { document.title = "Xong"; };
    </script>"""
    press = step("Bấm", {"goto": site.url + "/"}, {"click": {"role": "button"}}, until={"title": "Xong"})
    delay_s = (await walk(press)).vitals.interaction_delay_s
    assert delay_s is not None


async def test_an_event_whose_paint_never_came_has_no_delay(walk: Walker, site: Portal) -> None:
    """The press leads to another page at once; nobody can tell how late its paint would have been."""
    site.pages |= {"/": '<h1>Một</h1><a href="/sau">Đi tiếp</a>', "/sau": "<h1>Trang sau</h1>"}
    found = await walk(
        step("Mở", {"goto": site.url + "/"}, until={"text": "Một"}),
        step("Rời", _LEAVE, until={"text": "Trang sau"}),
    )
    assert found.vitals.interaction_delay_s != 0


async def test_a_page_that_was_only_looked_at_has_no_interaction_delay(walk: Walker, site: Portal) -> None:
    site.pages["/"] = "<h1>Xong</h1>"
    found = await walk(step("Mở", {"goto": site.url + "/"}, until={"text": "Xong"}))
    assert found.vitals.interaction_delay_s is None


async def test_console_errors_are_those_of_the_page_its_scripts_and_its_requests(walk: Walker, site: Portal) -> None:
    site.pages["/"] = """<h1>Trang</h1><img src=/mat.png><script>
      console.error("một"); console.warn("không tính"); setTimeout(() => { throw new Error("hai"); });
      document.images[0].onerror = () => document.body.append("Xong");
    </script>"""
    found = await walk(step("Mở", {"goto": site.url + "/"}, until={"text": "Xong"}))
    assert (found.vitals.console_errors, found.vitals.failed_requests) == (3, 1)


# -- requests by owner


def _owners(found: Finding) -> dict[str, OwnerShare]:
    return {share.owner: share for share in found.owners}


def _file(body: bytes, kind: str, **headers: str) -> Handler:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=body, content_type=kind, headers={k.replace("_", "-"): v for k, v in headers.items()})

    return answer


async def test_bytes_are_those_the_servers_sent(walk: Walker, site: Portal, outside: Portal) -> None:
    packed = gzip.compress(b"/*" + b"x" * 50_000 + b"*/")

    async def checked(request: web.Request) -> web.Response:
        if request.headers.get("If-None-Match") == '"1"':
            return web.Response(status=304, headers={"ETag": '"1"'})
        return web.Response(
            body=b"//" + b"y" * 700,
            content_type="text/javascript",
            headers={"ETag": '"1"', "Cache-Control": "no-cache"},
        )

    async def lost(_request: web.Request) -> web.Response:
        return web.Response(status=404)

    async def streamed(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "text/javascript"})
        await answer.prepare(request)
        for _ in range(3):
            await answer.write(b"//" + b"z" * 998)
        return answer

    page = (
        f"<link rel=icon href='data:,'><link rel=stylesheet href={outside.url}/kho.css><script src=/kiem.js></script>"
        "<script src=/dan.js></script><script src=/hong.js></script><h1>%s</h1>"
    )
    site.pages |= {"/": page % "Một", "/2": page % "Hai", "/kiem.js": checked, "/dan.js": streamed, "/hong.js": lost}
    outside.pages["/kho.css"] = _file(packed, "text/css", Content_Encoding="gzip", Cache_Control="max-age=600")
    found = await walk(
        step("Một", {"goto": site.url + "/"}, until={"text": "Một"}),
        step("Hai", {"goto": site.url + "/2"}, until={"text": "Hai"}),
    )
    first, second = ({share.owner: share for share in one.owners} for one in found.steps)
    documents = [len((html(page % name).text or "").encode()) for name in ("Một", "Hai")]
    # Chunks are sent with their lengths around them: three times "3e8", two line ends, and the end.
    framing = 3 * len("3e8\r\n\r\n") + len("0\r\n\r\n")
    own, other = "system:mot-cua-tinh", "dependency:dinh-danh"
    assert first[other].bytes == len(packed)
    assert second[other].bytes == 0
    assert (second[other].requests, second[other].failed) == (1, 0)
    assert first[own].bytes - documents[0] - 702 - 3000 in (0, framing)
    assert second[own].bytes - documents[1] - 3000 in (0, framing)
    assert (first[own].requests, first[own].failed) == (4, 1)


async def test_each_owner_is_charged_with_the_time_its_answer_was_waited_for(
    walk: Walker, site: Portal, outside: Portal
) -> None:
    loop = asyncio.get_running_loop()
    spent: dict[str, float] = {}

    def late(name: str, delay_s: float, body: bytes, kind: str, clock: Clock = loop.time) -> Handler:
        async def answer(_request: web.Request) -> web.Response:
            began = clock()
            await asyncio.sleep(delay_s)  # the slow server is what is measured
            spent[name] = clock() - began
            return web.Response(body=body, content_type=kind)

        return answer

    site.pages["/"] = late("own", 0.2, (
        f"<!doctype html><link rel=icon href='data:,'><h1>Chờ</h1><script src={outside.url}/cham.js></script>"
        "<script src=/nhanh.js async></script>"
    ).encode(), "text/html")  # fmt: skip
    site.pages["/nhanh.js"] = late("beside", 0.1, b"1", "text/javascript")
    outside.pages["/cham.js"] = late("other", 0.4, b"document.write('Xong')", "text/javascript")
    found = await walk(step("Mở", {"goto": site.url + "/"}, until={"text": "Xong"}))
    shares = _owners(found)
    own, other = shares["system:mot-cua-tinh"].critical_s, shares["dependency:dinh-danh"].critical_s
    # At least what the server took, by another clock; what ran beside the slow script counts nothing.
    assert own >= spent["own"] - 0.005
    assert other >= spent["other"] - 0.05
    assert own + other <= found.duration_s + 1e-6
    assert other > own


async def test_nobody_is_charged_with_a_beacon(walk: Walker, site: Portal, outside: Portal) -> None:
    async def taken(_request: web.Request) -> web.Response:
        return web.Response(headers={"Access-Control-Allow-Origin": "*"})

    outside.pages["/dem"] = taken
    site.pages["/"] = f"""<h1>Trang</h1><script>navigator.sendBeacon("{outside.url}/dem", "x");
      fetch("/muon").then(() => document.body.append("Xong"));</script>"""
    site.pages["/muon"] = "muộn"
    found = await walk(step("Mở", {"goto": site.url + "/"}, until={"text": "Xong"}))
    assert _owners(found)["dependency:dinh-danh"].critical_s == 0


# -- screens


@pytest.mark.parametrize(
    "go",
    [
        "history.pushState({}, '', '/hai'); show()",
        "history.replaceState({}, '', '/hai'); show()",
        "location.hash = '#hai'; show()",
        "navigation.navigate('/hai')",
    ],
)
async def test_every_way_of_showing_another_screen_inside_a_page_is_counted(
    walk: Walker, site: Portal, go: str
) -> None:
    site.pages["/"] = f"""<h1>Một</h1><input aria-label=a><button>Tiếp</button><script>
      const show = () => {{
        document.querySelector("h1").textContent = "Hai";
        document.querySelector("input").remove();
      }};
      navigation.addEventListener("navigate", (e) => {{
        if (!e.destination.sameDocument) e.intercept({{handler: async () => show()}});
      }});
      document.querySelector("button").onclick = () => {{ {go} }};
    </script>"""
    found = await walk(
        step("Một", {"goto": site.url + "/"}, until={"text": "Một"}),
        step("Hai", {"click": {"role": "button"}}, until={"text": "Hai"}),
    )
    assert found.verdict is Verdict.OK, found.message
    assert [one.ux.screens for one in found.steps] == [1, 1]
    screens = [(screen.heading, screen.census.controls) for one in found.steps for screen in one.screens]
    assert screens == [("Một", 1), ("Hai", 0)]


async def test_each_screen_left_has_its_own_heading_and_forms(walk: Walker, site: Portal) -> None:
    many = "<h1>" + "Rất dài " * 40 + "</h1>"
    site.pages |= {
        "/": "<h1>Chào\u202e <b>bạn</b></h1><input><a href=/2>Tiếp</a>",
        "/2": f"{many}<iframe src=/trong></iframe><a href=/3>Tiếp</a>",
        "/trong": "<h1>Khung</h1><textarea></textarea>",
        "/3": "<p>không có đề mục</p>",
    }
    go_on = {"click": {"role": "link"}}
    found = await walk(step("Mở", {"goto": site.url + "/"}, go_on, go_on, until={"text": "không có đề mục"}))
    first, second, third = found.steps[0].screens
    assert (first.heading, first.census.controls) == ("Chào bạn", 1)
    assert second.heading.startswith("Rất dài Rất dài")
    assert 110 < len(second.heading) <= 120
    assert second.census.controls == 1
    assert (third.heading, third.census.controls) == ("Cổng thử nghiệm", 0)
    assert found.steps[0].census is not None
    assert found.steps[0].census.controls == 2
