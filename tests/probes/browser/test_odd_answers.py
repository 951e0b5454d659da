"""Chromium shows, and refuses, what the http probe believes of it."""

import pytest
from playwright.async_api import Error as PlaywrightError

from probes.browser import Chromium
from tests.probes.odd_answers import PAGE, REFUSED, SHOWN, SHOWN_BY_BROWSERS_ONLY
from tests.probes.servers import LOOPBACK, raw_server, saying


async def test_chromium_shows_what_an_http_check_must_not_call_an_outage(chromium: Chromium) -> None:
    shown: dict[str, str] = {}
    async with chromium.context("desktop") as walk:
        page = await walk.context.new_page()
        for name, answer in (SHOWN | SHOWN_BY_BROWSERS_ONLY).items():
            async with raw_server(saying(answer)) as port:
                await page.goto(f"http://{LOOPBACK}:{port}/")
                shown[name] = await page.inner_text("body")

    assert {name: text for name, text in shown.items() if text != PAGE} == {}


@pytest.mark.parametrize("name", REFUSED)
async def test_chromium_refuses_what_an_http_check_calls_broken(name: str, chromium: Chromium) -> None:
    async with raw_server(saying(REFUSED[name])) as port, chromium.context("desktop") as walk:
        page = await walk.context.new_page()
        async with page.expect_event("requestfailed") as failed:
            with pytest.raises(PlaywrightError):
                await page.goto(f"http://{LOOPBACK}:{port}/", timeout=2000)

    assert (await failed.value).failure in (
        "net::ERR_INVALID_HTTP_RESPONSE",
        "net::ERR_RESPONSE_HEADERS_TOO_BIG",
        "net::ERR_INVALID_CHUNKED_ENCODING",
    )
