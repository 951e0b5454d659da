"""Nobody sees anything of a page that is still white: goals hold, and controls are used, once it may be painted."""

import asyncio
import socket
from collections.abc import Callable, Sequence

import pytest
from aiohttp import web

from checks.run import Finding, Reason, Verdict
from checks.secrets import Secrets
from probes.browser import BrowserProbe, Chromium
from probes.connection import Address
from probes.wording import seconds
from tests.probes.browser.conftest import Walker, a_target
from tests.probes.browser.portal import DEPENDENCY, HEADING, SHORT, Portal, hang, html, step
from tests.probes.servers import Handler

_LATE_S = 0.8
# Structural, not a matter of speed: who is not woken by the first frame asks again only after this.
_LATE_BY_MOST_S = 0.1
_BODY = "<h1>Trang chủ</h1>"
_LINK = "<link rel=stylesheet href={url}/kieu.css>"
_ADD = (
    "document.head.append(Object.assign(document.createElement('link'),"
    " {{rel: 'stylesheet', href: '{url}/kieu.css'}}));"
)
# The first frame that the page gets, by its own clock: what Chromium holds back, gets none.
_TELL_FRAME = """<script>requestAnimationFrame(() => fetch("/told",
    {method: "POST", keepalive: true, body: JSON.stringify({framed: performance.now()})}))</script>"""


def page(head: str, body: str = _BODY) -> Handler:
    async def answer(_request: web.Request) -> web.Response:
        return html(body, head=head)

    return answer


def sheet(text: str = "h1 { color: green }", wait_s: float = 0.0, status: int = 200) -> Handler:
    async def answer(_request: web.Request) -> web.Response:
        await asyncio.sleep(wait_s)  # how slow the server is
        return web.Response(text=text, content_type="text/css", status=status)

    return answer


async def opened(walk: Walker, site: Portal, until: object = HEADING, **fields: object) -> Finding:
    return await walk(step("Mở cổng", {"goto": site.url + "/"}, until=until), **(SHORT | fields))


@pytest.mark.parametrize(
    "head",
    [
        _LINK,
        "<style>@import url({url}/kieu.css);</style>",
        "<link rel=stylesheet href={url}/nhap.css>",
        '<script>document.write("<link rel=stylesheet href={url}/kieu.css>")</script>',
        "<link rel=stylesheet href={own}/nhanh.css>" + _LINK,
    ],
    ids=["link", "style-imports", "sheet-imports", "written", "second-of-two"],
)
async def test_a_page_that_stays_white_for_want_of_a_style_sheet_has_failed_by_whoever_owes_it(
    walk: Walker, site: Portal, outside: Portal, head: str
) -> None:
    outside.pages |= {"/kieu.css": hang, "/nhap.css": sheet(f"@import url({outside.url}/kieu.css);")}
    site.pages |= {"/": page(head.format(url=outside.url, own=site.url)), "/nhanh.css": sheet()}
    found = await opened(walk, site)
    assert (found.verdict, found.blame, found.reason) == (Verdict.FAILED, DEPENDENCY, Reason.TIMEOUT)
    assert f"trang vẫn trắng sau {seconds(found.steps[0].duration_s)}, còn chờ “{outside.host}”" in found.message


@pytest.mark.parametrize(
    "until",
    [
        {"text": "Trang chủ"},
        {"count": {"role": "heading", "is": 1}},
        {"enabled": {"role": "button"}},
        {"value": {"label": "Xã", "is": "An Thịnh"}},
        {"hidden": {"text": "Lỗi"}},
        {"not": {"text": "Lỗi"}},
        None,
    ],
    ids=["text", "count", "enabled", "value", "hidden", "not", "no-goal"],
)
async def test_no_goal_that_has_to_be_seen_holds_on_a_white_page(
    walk: Walker, site: Portal, outside: Portal, until: object
) -> None:
    outside.pages["/kieu.css"] = hang
    body = _BODY + "<button>Tìm</button><label>Xã <input value='An Thịnh'></label>"
    site.pages["/"] = page(_LINK.format(url=outside.url), body)
    found = await opened(walk, site, until)
    assert (found.verdict, found.blame, found.reason) == (Verdict.FAILED, DEPENDENCY, Reason.TIMEOUT)


@pytest.mark.parametrize("until", [{"url": "/"}, {"title": "Cổng"}, {"not": {"title": "Lỗi"}}], ids=str)
async def test_address_and_title_are_seen_above_a_white_page(
    walk: Walker, site: Portal, outside: Portal, until: object
) -> None:
    outside.pages["/kieu.css"] = hang
    site.pages["/"] = page(_LINK.format(url=outside.url))
    found = await opened(walk, site, until)
    assert found.verdict is Verdict.OK, found.message


async def test_a_late_style_sheet_makes_the_goal_as_late_as_the_first_frame(
    walk: Walker, site: Portal, outside: Portal
) -> None:
    outside.pages["/kieu.css"] = sheet(wait_s=_LATE_S)
    site.pages["/"] = page(_TELL_FRAME + _LINK.format(url=outside.url))
    found = await walk(
        step("Mở cổng", {"goto": site.url + "/"}, until=HEADING, budget="400ms"),
        step("Báo", {"goto": site.url + "/"}, until={"url": "/"}),
    )
    assert (found.verdict, found.blame, found.reason) == (Verdict.SLOW, DEPENDENCY, Reason.BUDGET)
    framed_s = site.told[0]["framed"] / 1000
    assert framed_s >= _LATE_S
    assert found.steps[0].duration_s >= _LATE_S
    assert found.steps[0].ux.forced_wait_s <= framed_s + _LATE_BY_MOST_S


@pytest.mark.parametrize(
    "head",
    [
        "<link rel=stylesheet media=print href={url}/kieu.css>",
        "<link rel='alternate stylesheet' title=To href={url}/kieu.css>",
        "<link rel=preload as=style href={url}/kieu.css>",
        "<link rel=stylesheet disabled href={url}/kieu.css>",
        "<link rel=stylesheet href=''>",
        "<link rel=stylesheet type=text/less href={url}/kieu.css>",
        "<style></style>",
        "<script>" + _ADD + "</script>",
        "<link rel=stylesheet href={url}/hong.css>",
        "<link rel=stylesheet href={url}/khong-co.css>",
        "",
    ],
    ids=[
        *("print", "alternate", "preload", "disabled", "empty", "foreign-type"),
        *("no-rules", "by-script", "broken", "missing", "none"),
    ],
)
async def test_a_page_that_is_painted_in_spite_of_a_style_sheet_is_seen(
    walk: Walker, site: Portal, outside: Portal, head: str
) -> None:
    outside.pages |= {"/kieu.css": hang, "/hong.css": sheet(status=500)}
    site.pages["/"] = page(head.format(url=outside.url))
    found = await opened(walk, site)
    assert found.verdict is Verdict.OK, found.message


@pytest.mark.parametrize(
    "body",
    [
        "<style>body {{ background: navy }}</style>" + _BODY + _LINK,
        "<div style='opacity: 0'>" + _BODY + "</div>",
        "<h1 style='color: transparent'>Trang chủ</h1>",
        "<canvas></canvas><h1 style='font-size: 0; width: 9px; height: 9px'>Trang chủ</h1>",
    ],
    ids=["sheet-in-body", "faint", "transparent", "nothing-contentful"],
)
async def test_a_page_without_any_contentful_paint_is_not_taken_for_a_white_one(
    walk: Walker, site: Portal, outside: Portal, body: str
) -> None:
    outside.pages["/kieu.css"] = hang
    site.pages["/"] = page("", body.format(url=outside.url))
    found = await opened(walk, site)
    assert found.verdict is Verdict.OK, found.message


async def test_what_has_been_painted_once_is_never_white_again(walk: Walker, site: Portal, outside: Portal) -> None:
    outside.pages["/kieu.css"] = hang
    add = _ADD.format(url=outside.url)
    body = f"""<button onclick="{add} history.pushState(0, '', '/hai');
        document.body.innerHTML = '<h1>Màn hai</h1>'">Tiếp</button>"""
    site.pages["/"] = page("", body)
    found = await walk(
        step("Mở", {"goto": site.url + "/"}, until={"visible": {"role": "button"}}),
        step("Tiếp", {"click": {"role": "button"}}, until={"visible": {"role": "heading", "name": "Màn hai"}}),
    )
    assert found.verdict is Verdict.OK, found.message


async def test_a_white_page_is_seen_when_its_script_takes_the_style_sheet_away(
    walk: Walker, site: Portal, outside: Portal
) -> None:
    outside.pages["/kieu.css"] = hang
    give_up = "<script>setTimeout(() => document.querySelector('link').remove(), 400)</script>"
    site.pages["/"] = page(give_up + _LINK.format(url=outside.url))
    found = await opened(walk, site)
    assert found.verdict is Verdict.OK, found.message
    assert found.duration_s >= 0.4


async def test_a_page_cannot_make_itself_seen_or_unseen_by_what_it_overrides(
    walk: Walker, site: Portal, outside: Portal
) -> None:
    outside.pages["/kieu.css"] = sheet(wait_s=_LATE_S)
    override = """<script>
      window.requestAnimationFrame = (f) => f(0);
      const all = Document.prototype.querySelectorAll;
      Document.prototype.querySelectorAll = function (s) { return all.call(this, /stylesheet/.test(s) ? "b" : s); };
      document.addEventListener("load", (e) => e.stopImmediatePropagation(), true);
    </script>"""
    site.pages["/"] = page(override + _LINK.format(url=outside.url))
    found = await opened(walk, site)
    assert found.verdict is Verdict.OK, found.message
    assert found.duration_s >= _LATE_S


async def test_nothing_is_pressed_on_a_white_page(walk: Walker, site: Portal, outside: Portal) -> None:
    outside.pages["/kieu.css"] = sheet(wait_s=_LATE_S)
    told = "{method: 'POST', keepalive: true, body: JSON.stringify({pressed: performance.now()})}"
    press = f"fetch('/told', {told}); this.append('Xong')"
    site.pages["/"] = page(_LINK.format(url=outside.url), f'<button onclick="{press}">Tìm</button>')
    found = await walk(
        step("Tìm", {"goto": site.url + "/"}, {"click": {"role": "button"}}, until={"text": "Xong"}),
        step("Báo", {"goto": site.url + "/"}, until={"url": "/"}),
    )
    assert found.verdict is Verdict.OK, found.message
    assert site.told[0]["pressed"] / 1000 >= _LATE_S


async def test_what_may_be_there_is_waited_for_from_when_the_page_is_seen(
    walk: Walker, site: Portal, outside: Portal
) -> None:
    outside.pages["/kieu.css"] = sheet(wait_s=_LATE_S)
    notice = "<dialog open><button onclick=\"document.querySelector('dialog').remove()\">Đồng ý</button></dialog>"
    site.pages["/"] = page(_LINK.format(url=outside.url), notice + _BODY)
    agree = {"role": "button", "name": "Đồng ý"}
    found = await walk(
        step(
            "Mở",
            {"goto": site.url + "/"},
            {"if_visible": agree | {"wait": "600ms", "do": [{"click": agree}]}},
            until={"hidden": agree},
        ),
    )
    assert found.verdict is Verdict.OK, found.message
    assert found.ux.clicks == 1


_IN_FRAME = {"visible": {"role": "heading", "name": "Trang chủ", "within": {"frame": {"name": "trong"}}}}
_FRAME = "<iframe name=trong src={url}/trong></iframe>"


@pytest.mark.parametrize("white", ["frame", "page"])
async def test_what_stands_in_a_frame_is_seen_when_page_and_frame_are(
    walk: Walker, site: Portal, outside: Portal, white: str
) -> None:
    outside.pages["/kieu.css"] = hang
    link = _LINK.format(url=outside.url)
    site.pages |= {
        "/": page(link if white == "page" else "", _FRAME.format(url=site.url)),
        "/trong": page(link if white == "frame" else ""),
    }
    found = await opened(walk, site, _IN_FRAME)
    assert (found.verdict, found.blame, found.reason) == (Verdict.FAILED, DEPENDENCY, Reason.TIMEOUT)


async def test_a_goal_in_a_frame_comes_with_its_late_style_sheet(walk: Walker, site: Portal, outside: Portal) -> None:
    outside.pages |= {"/kieu.css": sheet(wait_s=_LATE_S), "/trong": page(_LINK.format(url=outside.url))}
    site.pages["/"] = page("", "<p>Ngoài</p>" + _FRAME.format(url=outside.url))
    found = await opened(walk, site, _IN_FRAME, step_timeout="5s")
    assert found.verdict is Verdict.OK, found.message
    assert found.duration_s >= _LATE_S


async def test_a_white_frame_hides_nothing_of_the_page_around_it(walk: Walker, site: Portal, outside: Portal) -> None:
    outside.pages |= {"/kieu.css": hang, "/trong": page(_LINK.format(url=outside.url))}
    site.pages["/"] = page("", _BODY + _FRAME.format(url=outside.url))
    either = {"visible": _IN_FRAME["visible"] | {"or": [HEADING["visible"]]}}
    for until in (HEADING, either):
        found = await opened(walk, site, until)
        assert found.verdict is Verdict.OK, found.message


async def test_a_frame_far_below_is_painted_as_far_as_anybody_can_tell(
    walk: Walker, site: Portal, outside: Portal
) -> None:
    outside.pages["/trong"] = page("<style></style>")
    site.pages["/"] = page("", "<div style='height: 9000px'></div>" + _FRAME.format(url=outside.url))
    found = await opened(walk, site, _IN_FRAME)
    assert found.verdict is Verdict.OK, found.message


def _own_question(site: Portal, outside: Portal) -> str:
    return f'<script>fetch("{site.url}/cho")</script>' + _LINK.format(url=outside.url)


def _own_script_broken(site: Portal, outside: Portal) -> str:
    return _LINK.format(url=outside.url) + f"<script defer src={site.url}/khong-co.js></script>"


def _both_sheets(site: Portal, outside: Portal) -> str:
    return _LINK.format(url=outside.url) + _LINK.format(url=site.url)


def _own_sheet(site: Portal, outside: Portal) -> str:
    return f"<script async src={outside.url}/cho></script>" + _LINK.format(url=site.url)


@pytest.mark.parametrize(
    ("head", "blame"),
    [
        (_own_question, DEPENDENCY),
        (_own_script_broken, DEPENDENCY),
        (_both_sheets, "system"),
        (_own_sheet, "system"),
    ],
)
async def test_a_white_page_is_charged_to_the_owner_of_the_style_sheet_whatever_else_is_awaited(
    walk: Walker, site: Portal, outside: Portal, head: Callable[[Portal, Portal], str], blame: str
) -> None:
    for portal in (site, outside):
        portal.pages |= {"/kieu.css": hang, "/cho": hang}
    site.pages["/"] = page(head(site, outside))
    found = await opened(walk, site)
    assert (found.verdict, found.blame, found.reason) == (Verdict.FAILED, blame, Reason.TIMEOUT)


async def test_a_document_that_took_most_of_the_time_is_charged_for_the_white_page_too(
    walk: Walker, site: Portal, outside: Portal
) -> None:
    async def slowly(_request: web.Request) -> web.Response:
        await asyncio.sleep(_LATE_S)  # how slow the server is
        return html(_BODY, head=_LINK.format(url=outside.url))

    outside.pages["/kieu.css"] = hang
    site.pages["/"] = slowly
    found = await opened(walk, site, step_timeout="1200ms")
    assert (found.verdict, found.blame, found.reason) == (Verdict.FAILED, "system", Reason.TIMEOUT)


async def test_a_white_page_accuses_nobody_while_our_own_resolver_does_not_know_where_its_style_sheet_is(
    chromium: Chromium, secrets: Secrets, site: Portal, outside: Portal
) -> None:
    async def lookup(host: str, port: int) -> Sequence[Address]:
        if f"{host}:{port}" == outside.host:
            raise socket.gaierror(socket.EAI_AGAIN, "?")
        return [(socket.AF_INET, (host, port))]

    outside.pages["/kieu.css"] = hang
    site.pages["/"] = page(_LINK.format(url=outside.url))
    probe = BrowserProbe(chromium, secrets, sign_on=frozenset(), lookup=lookup)
    steps = (step("Mở cổng", {"goto": site.url + "/"}, until=HEADING),)
    found = await probe.run(a_target(site, steps, outside, step_timeout="1500ms"))
    assert (found.verdict, found.blame, found.reason) == (Verdict.INCONCLUSIVE, "network", Reason.DNS)
