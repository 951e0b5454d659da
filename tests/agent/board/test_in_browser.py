import os
import re
from collections.abc import AsyncIterator

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # ships no types
from playwright.async_api import Browser, async_playwright

from probes.browser.find import find_browser
from tests.agent.board.conftest import Site
from tests.agent.board.province import BROKEN, BUSY_RUN, SLOW

SEVERE = {"serious", "critical"}


def paths(site: Site) -> list[str]:
    runs = site.seeded.runs
    return ["/", f"/services/{SLOW}", f"/checks/{BROKEN}", "/checks/mot-cua-xa-trang", f"/runs/{runs[BROKEN].id}",
            f"/runs/{runs['mot-cua-xa-trang'].id}", f"/runs/{BUSY_RUN}", "/agencies/so-xay-dung",
            "/ranking?by=service", "/incidents", f"/incidents/{site.seeded.incident}", "/agent", "/measures",
            "/nope"]  # fmt: skip


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as driver:
        shell = await driver.chromium.launch(executable_path=find_browser().path, chromium_sandbox=os.geteuid() != 0)
        yield shell
        await shell.close()


async def test_text_of_monitored_pages_never_runs(site: Site, browser: Browser) -> None:
    page = await browser.new_page()
    for path in (*paths(site), f"/evidence/{BROKEN}/trang.html"):
        await page.goto(site.url + path)
        assert "bị chiếm" not in await page.title(), path
        assert await page.locator("img[onerror]").count() == 0, path


async def test_no_page_is_wider_than_a_small_phone(site: Site, browser: Browser) -> None:
    page = await browser.new_page(viewport={"width": 360, "height": 740})
    for path in paths(site):
        await page.goto(site.url + path)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 360, path


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
async def test_axe_finds_nothing_serious(site: Site, browser: Browser, width: int, scheme: str) -> None:
    context = await browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme="dark" if scheme == "dark" else "light", bypass_csp=True
    )
    page = await context.new_page()
    found = {}
    for path in paths(site):
        await page.goto(site.url + path)
        violations = (await Axe().run(page)).response["violations"]
        found[path] = [(v["id"], v["nodes"][0]["html"]) for v in violations if v["impact"] in SEVERE]
    assert {path: severe for path, severe in found.items() if severe} == {}


async def test_the_content_policy_is_never_broken_by_our_own_pages(site: Site, browser: Browser) -> None:
    page = await browser.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    for path in paths(site)[:-1]:
        await page.goto(site.url + path)
    assert complaints == []


async def test_refreshing_can_be_paused_and_stays_paused(site: Site, browser: Browser) -> None:
    page = await browser.new_page()
    await page.goto(site.url + "/")
    await page.get_by_role("button", name="Tạm dừng tự làm mới").click()
    await page.goto(site.url + "/agent")
    assert await page.get_by_role("button", name="Tiếp tục tự làm mới").is_visible()


async def test_every_link_leads_somewhere(site: Site) -> None:
    found: set[str] = set()
    for path in paths(site):
        async with site.session.get(site.url + path) as answer:
            found |= set(re.findall(r'(?:href|src)="(/[^"#]*)', await answer.text()))
    broken = []
    for link in sorted(found):
        async with site.session.get(site.url + link.replace("&amp;", "&")) as answer:
            if answer.status != 200 and not link.startswith("/nope"):
                broken.append((link, answer.status))
    assert broken == []
