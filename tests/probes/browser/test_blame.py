"""Whose fault is it? Failing and slow steps are charged to whoever was waited for, with a real dependency beside."""

import asyncio
from collections.abc import Callable

import pytest
from aiohttp import web

from checks.run import Finding, Reason, Verdict
from tests.probes.browser.conftest import Walker
from tests.probes.browser.portal import DEPENDENCY, HEADING, SHORT, Portal, hang, html, reset, step
from tests.probes.servers import Handler

_SHOW = 'document.body.insertAdjacentHTML("beforeend", "<h1>Trang chủ</h1>")'
_ASK = '<p>Đang tải</p><script>fetch("{url}/du-lieu", {{mode: "no-cors"}}).then(() => {show})</script>'
_ASK_STRICTLY = (
    '<p>Đang tải</p><script>fetch("{url}/du-lieu").then((a) => a.ok ? a.text() : Promise.reject())'
    ".then(() => {show}).catch(() => {{}})</script>"
)
Page = Callable[[Portal], str]


def answering(status: int, wait_s: float = 0.0) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(wait_s)  # how slow the server is
        return web.Response(
            text="window.x = 1",
            content_type="text/javascript",
            status=status,
            headers={"Access-Control-Allow-Origin": "*"},
        )

    return answer


def late(wait_s: float) -> Handler:
    return answering(200, wait_s)


def script(other: Portal) -> str:
    return f"<p>Đang tải</p><script src={other.url}/du-lieu></script><script>if (window.x) {_SHOW}</script>"


def question(other: Portal) -> str:
    return _ASK.format(url=other.url, show=_SHOW)


def strict_question(other: Portal) -> str:
    return _ASK_STRICTLY.format(url=other.url, show=_SHOW)


def frame(other: Portal) -> str:
    return f"<p>Đang tải</p><iframe name=trong src={other.url}/du-lieu></iframe>"


async def opened(walk: Walker, site: Portal, **fields: object) -> Finding:
    until = fields.pop("until", HEADING)
    return await walk(step("Mở cổng", {"goto": site.url + "/"}, until=until), **(SHORT | fields))


@pytest.mark.parametrize(
    ("page", "answer"),
    [
        (script, hang),
        (script, reset),
        (script, answering(500)),
        (script, answering(404)),
        (question, hang),
        (question, reset),
        (strict_question, answering(500)),
        (strict_question, late(30.0)),
        (frame, hang),
        (frame, reset),
        (frame, answering(500)),
    ],
    ids=lambda one: getattr(one, "__qualname__", "").split(".")[0] or None,
)
async def test_what_a_page_needs_of_an_outside_system_is_charged_to_it(
    walk: Walker, site: Portal, outside: Portal, page: Page, answer: Handler
) -> None:
    outside.pages["/du-lieu"] = answer
    site.pages["/"] = page(outside)
    inside = {"within": {"frame": {"name": "trong"}}} if page is frame else {}
    found = await opened(walk, site, until={"visible": HEADING["visible"] | inside})
    assert (found.verdict, found.blame) == (Verdict.FAILED, DEPENDENCY)


@pytest.mark.parametrize("answer", [hang, reset, answering(500)], ids=["hang", "reset", "500"])
async def test_what_a_page_needs_of_its_own_system_is_charged_to_the_system(
    walk: Walker, site: Portal, outside: Portal, answer: Handler
) -> None:
    outside.pages["/du-lieu"] = answer  # it is down as well, but not what everything waits for
    site.pages |= {"/": strict_question(site) + f"<script src={outside.url}/du-lieu></script>", "/du-lieu": answer}
    assert (await opened(walk, site)).blame == "system"


@pytest.mark.parametrize(
    "extra",
    [
        "<img src={url}/anh.png>",
        '<script>fetch("{url}/phien").catch(() => 0)</script>',
        '<script>navigator.sendBeacon("{url}/dem", "x")</script>',
    ],
    ids=["picture", "nobody-signed-in", "report"],
)
async def test_what_the_goal_does_not_wait_for_accuses_nobody_outside(
    walk: Walker, site: Portal, outside: Portal, extra: str
) -> None:
    outside.pages |= {"/anh.png": hang, "/phien": answering(401), "/dem": hang}
    site.pages["/"] = "<p>Trang có lỗi</p>" + extra.format(url=outside.url)
    found = await opened(walk, site)
    assert (found.verdict, found.blame, found.reason) == (Verdict.FAILED, "system", Reason.ELEMENT_MISSING)


async def test_a_script_that_broke_in_the_step_before_is_still_to_blame(
    walk: Walker, site: Portal, outside: Portal
) -> None:
    outside.pages["/du-lieu"] = answering(503)
    site.pages["/"] = f"<h1>Trang chủ</h1><script src={outside.url}/du-lieu></script><button>Đăng nhập</button>"
    found = await walk(
        step("Mở cổng", {"goto": site.url + "/"}, until=HEADING),
        step("Đăng nhập", {"click": {"role": "button", "name": "Đăng nhập"}}, until={"text": "Mật khẩu"}),
        **SHORT,
    )
    assert (found.verdict, found.blame) == (Verdict.FAILED, DEPENDENCY)


def moving(to: str, wait_s: float = 0.0) -> Handler:
    async def move(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(wait_s)  # how slow the server is
        raise web.HTTPFound(to)

    return move


@pytest.mark.parametrize(
    ("hop", "landing", "blame"),
    [
        (hang, None, DEPENDENCY),
        (reset, None, DEPENDENCY),
        (1.1, hang, DEPENDENCY),  # the outside hop took most of the time
        (0.1, hang, "system"),
        (0.0, answering(500), "system"),
    ],
    ids=["hop-hangs", "hop-resets", "slow-hop", "quick-hop", "landing-breaks"],
)
async def test_a_chain_of_redirects_is_charged_to_the_hop_that_was_waited_for(
    walk: Walker, site: Portal, outside: Portal, *, hop: Handler | float, landing: Handler | None, blame: str
) -> None:
    outside.pages["/xac-thuc"] = moving(site.url + "/ve", hop) if isinstance(hop, float) else hop
    site.pages["/"] = moving(outside.url + "/xac-thuc")
    if landing is not None:
        site.pages["/ve"] = landing
    found = await opened(walk, site)
    assert (found.verdict, found.blame) == (Verdict.FAILED, blame)


async def test_two_systems_that_send_a_citizen_round_are_charged_to_the_one_that_was_asked(
    walk: Walker, site: Portal, outside: Portal
) -> None:
    site.pages["/"] = moving(outside.url + "/xac-thuc")
    outside.pages["/xac-thuc"] = moving(site.url + "/")
    found = await opened(walk, site)
    assert (found.verdict, found.blame, found.reason) == (Verdict.FAILED, "system", Reason.REDIRECT)


@pytest.mark.parametrize(
    ("page", "own_s", "outside_s", "blame"),
    [
        (script, 0.0, 0.8, DEPENDENCY),
        (strict_question, 0.0, 0.8, DEPENDENCY),
        (strict_question, 0.8, 0.1, "system"),
        (lambda other: f"<h1>Trang chủ</h1><img src={other.url}/du-lieu>", 0.8, 0.8, "system"),
    ],
    ids=["script", "question", "own-document", "picture"],
)
async def test_a_slow_step_is_charged_to_whoever_was_waited_for_most_of_the_time(
    walk: Walker, site: Portal, outside: Portal, *, page: Page, own_s: float, outside_s: float, blame: str
) -> None:
    async def home(request: web.Request) -> web.Response:
        await asyncio.sleep(own_s)  # how slow the server is
        return html(page(outside))

    site.pages["/"] = home
    outside.pages["/du-lieu"] = late(outside_s)
    found = await opened(walk, site, step_budget="400ms", step_timeout="8s")
    assert (found.verdict, found.blame) == (Verdict.SLOW, blame)


async def test_an_answer_that_was_asked_for_in_the_step_before_is_charged_to_the_step_that_waits_for_it(
    walk: Walker, site: Portal, outside: Portal
) -> None:
    outside.pages["/du-lieu"] = late(1.5)
    site.pages["/"] = (
        "<h1>Trang chủ</h1><button onclick='this.pressed = 1'>Tra cứu</button>"
        f'<script>fetch("{outside.url}/du-lieu").then((a) => a.text())'
        '.then(() => document.body.append("Kết quả"))</script>'
    )
    found = await walk(
        step("Mở cổng", {"goto": site.url + "/"}, until=HEADING),
        step("Tra cứu", {"click": {"role": "button", "name": "Tra cứu"}}, until={"text": "Kết quả"}),
        step_budget="600ms",
        step_timeout="8s",
    )
    assert (found.verdict, found.blame) == (Verdict.SLOW, DEPENDENCY)
    assert {share.owner: share.requests for share in found.steps[1].owners} == {DEPENDENCY: 0}
