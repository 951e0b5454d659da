"""A walk that is turned away as a robot accuses nobody; one that meets an ordinary page of refusal does not hide it."""

import pytest
from aiohttp import web

from checks.run import Finding, Reason
from tests.probes.browser.conftest import Walker
from tests.probes.browser.portal import Portal, html, step
from tests.probes.refusing_pages import ALSO, BY_STATUS, ORDINARY, PAGES, Refusing

_SHORT = {"step_timeout": "600ms"}


async def walked(walk: Walker, site: Portal, page: Refusing) -> Finding:
    async def answer(request: web.Request) -> web.Response:
        return page.answer()

    site.pages["/"] = answer
    return await walk(step("Mở cổng", {"goto": site.url + "/"}, until={"text": "Nội dung cần có"}), **_SHORT)


@pytest.mark.parametrize("page", [*PAGES, *ALSO, *BY_STATUS], ids=lambda page: page.name)
async def test_a_walk_knows_who_turns_it_away(walk: Walker, site: Portal, page: Refusing) -> None:
    found = await walked(walk, site, page)
    assert found.reason is page.reason
    assert page.product in found.message
    expected = ("inconclusive", "network") if page.reason is Reason.CONFIG else ("blocked", "system")
    assert (found.verdict, found.blame) == expected


@pytest.mark.parametrize("page", ORDINARY, ids=lambda page: page.name)
async def test_a_walk_takes_an_ordinary_page_for_what_it_is(walk: Walker, site: Portal, page: Refusing) -> None:
    assert (await walked(walk, site, page)).verdict == "failed"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("<h1>Bạn không có quyền nộp hồ sơ này</h1>", ("failed", Reason.HTTP_STATUS)),
        ("<h1>Forbidden</h1>", ("blocked", Reason.WAF)),
    ],
)
async def test_a_403_in_the_middle_of_a_walk_is_the_applications_own_where_it_says_so(
    walk: Walker, site: Portal, body: str, told: tuple[str, Reason]
) -> None:
    async def refuse(request: web.Request) -> web.Response:
        return html(body, status=403)

    site.pages |= {"/": "<h1>Trang chủ</h1><a href=/nop>Nộp</a>", "/nop": refuse}
    found = await walk(
        step("Mở cổng", {"goto": site.url + "/"}, until={"text": "Trang chủ"}),
        step("Vào tờ khai", {"click": {"role": "link", "name": "Nộp", "opens": True}}, until={"text": "Tờ khai"}),
        step_timeout="3s",
    )
    assert (found.verdict, found.reason) == told
