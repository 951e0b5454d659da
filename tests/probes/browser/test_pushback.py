"""A walk hands out what a server asked for when it was asked too much."""

import pytest
from aiohttp import web

from checks.run import Pushback
from tests.probes.browser.conftest import Walker
from tests.probes.browser.portal import Portal, html, step

THERE = {"visible": {"role": "heading", "name": "Tờ khai"}}


@pytest.mark.parametrize(("status", "retry_after", "told"), [(429, "", None), (429, "45", 45.0), (503, "45", 45.0)])
async def test_the_word_of_the_main_document_is_handed_out(
    status: int, retry_after: str, told: float | None, walk: Walker, site: Portal
) -> None:
    async def busy(_request: web.Request) -> web.Response:
        answer = html("<h1>Quá tải</h1>", status=status)
        answer.headers["Retry-After"] = retry_after
        return answer

    site.pages["/"] = busy
    found = await walk(step("Mở", {"goto": f"{site.url}/"}, until=THERE, timeout="3s"))

    assert found.pushback == Pushback(host=site.host, status=status, retry_after_s=told)


async def test_a_picture_or_a_plain_outage_asks_for_nothing(walk: Walker, site: Portal) -> None:
    async def busy(request: web.Request) -> web.Response:
        return web.Response(status=429 if request.path == "/hinh" else 503)

    site.pages |= {"/": "<h1>Chào</h1><img src=/hinh><a href=/hai>Tiếp</a>", "/hinh": busy, "/hai": busy}
    click = {"click": {"role": "link", "name": "Tiếp"}}
    found = await walk(step("Mở", {"goto": f"{site.url}/"}, click, until=THERE, timeout="3s"))

    assert found.http_status == 503
    assert found.pushback is None
