"""What a walk says when checks.yaml or a page leads it to an address inside: whose fault that is, and what is kept."""

import asyncio
import socket
from collections.abc import Sequence
from pathlib import Path

import pytest
from aiohttp import web

from checks.run import Finding, Reason, Verdict
from checks.secrets import Secrets
from probes.browser import BrowserProbe, Chromium
from probes.connection import Address, system_lookup
from tests.probes.browser.conftest import Walker, a_target
from tests.probes.browser.portal import Portal, portal, step
from tests.probes.servers import Handler

METADATA = "http://169.254.169.254/latest/meta-data/"
GREETED = {"visible": {"role": "heading", "name": "Chào"}}


def to(location: str) -> Handler:
    async def handler(_request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": location})

    return handler


def verdict(found: Finding) -> tuple[Verdict, str, Reason | None]:
    return found.verdict, found.blame, found.reason


OUR_OWN = (Verdict.INCONCLUSIVE, "agent", Reason.CONFIG)


async def test_an_address_inside_that_checks_yaml_itself_names_is_our_own_fault(walk: Walker, site: Portal) -> None:
    async with portal() as neighbour:
        found = await walk(step("Mở", {"goto": f"{neighbour.url}/"}, until=GREETED))

    assert verdict(found) == OUR_OWN
    assert "nêu đúng máy chủ này" in found.message
    assert neighbour.asked == []


WAYS_ON: dict[str, tuple[Handler | str, list[dict[str, object]]]] = {
    "redirect": (to("{there}"), []),
    "redirect of a redirect": (to("/hai"), []),
    "script": ("<h1>Chào</h1><script>location = '{there}'</script>", []),
    "link": ("<h1>Chào</h1><a href='{there}'>Tiếp</a>", [{"click": {"role": "link", "name": "Tiếp"}}]),
    "new tab": ("<h1>Chào</h1><a href='{there}' target=_blank>Tiếp</a>", [{"click": {"role": "link", "name": "Tiếp"}}]),
    "form": (
        "<h1>Chào</h1><form method=post action='{there}'><button>Tiếp</button></form>",
        [{"click": {"role": "button", "name": "Tiếp"}}],
    ),
}
SHOWN = {"visible": {"role": "heading", "name": "Trang sau"}}


def pages(way: str, there: str) -> tuple[dict[str, Handler | str], list[dict[str, object]]]:
    page, acts = WAYS_ON[way]
    if isinstance(page, str):
        return {"/": page.format(there=there)}, list(acts)
    first = to("/hai") if way == "redirect of a redirect" else to(there)
    return {"/": first, "/hai": to(there)}, list(acts)


@pytest.mark.parametrize("way", WAYS_ON)
async def test_a_page_that_leads_to_a_neighbour_of_its_own_accuses_nobody(way: str, walk: Walker, site: Portal) -> None:
    async with portal() as neighbour:
        made, acts = pages(way, f"{neighbour.url}/")
        site.pages |= made
        found = await walk(step("Đi tiếp", {"goto": f"{site.url}/"}, *acts, until=SHOWN))

    assert verdict(found) == OUR_OWN
    assert neighbour.host in found.message
    assert neighbour.asked == []
    assert found.steps[0].verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize("way", WAYS_ON)
async def test_a_page_that_leads_where_nobody_at_home_could_go_has_failed(way: str, walk: Walker, site: Portal) -> None:
    made, acts = pages(way, METADATA)
    site.pages |= made
    found = await walk(step("Đi tiếp", {"goto": f"{site.url}/"}, *acts, until=SHOWN))

    assert verdict(found) == (Verdict.FAILED, "system", Reason.REDIRECT)
    assert "địa chỉ nội bộ 169.254.169.254" in found.message
    assert found.duration_s < 4


async def test_a_dependency_that_leads_there_is_charged_itself(walk: Walker, site: Portal, outside: Portal) -> None:
    site.pages["/"] = to(f"{outside.url}/sso")
    outside.pages["/sso"] = to(METADATA)
    found = await walk(step("Đăng nhập", {"goto": f"{site.url}/"}, until=SHOWN))

    assert verdict(found) == (Verdict.FAILED, "dependency:dinh-danh", Reason.REDIRECT)


@pytest.mark.parametrize(
    ("lies_at", "expected"),
    [("203.0.113.10", (Verdict.FAILED, "system", Reason.REDIRECT)), ("10.1.2.3", OUR_OWN), (None, OUR_OWN)],
)
async def test_from_a_public_page_a_neighbour_of_ours_is_a_failure_and_else_it_is_not(
    lies_at: str | None, expected: object, chromium: Chromium, secrets: Secrets, site: Portal
) -> None:
    async def lookup(host: str, port: int) -> Sequence[Address]:
        if host != "127.0.0.1":
            return await system_lookup(host, port)
        if lies_at is None:
            raise socket.gaierror(socket.EAI_AGAIN, "no answer")
        return [(socket.AF_INET, (lies_at, port))]

    site.pages["/"] = to("http://10.9.9.9/")
    probe = BrowserProbe(chromium, secrets, sign_on=frozenset(), lookup=lookup)
    found = await probe.run(a_target(site, [step("Mở", {"goto": f"{site.url}/"}, until=SHOWN)]))

    assert verdict(found) == expected


async def test_a_good_page_with_a_frame_and_a_picture_inside_is_good_and_it_is_said(walk: Walker, site: Portal) -> None:
    async with portal() as neighbour:
        site.pages["/"] = (
            f"<iframe src='{neighbour.url}/khung'></iframe><img id=hinh src='{neighbour.url}/hinh'>"
            "<script>hinh.onerror = () => document.body.append(Object.assign(document.createElement('h1'), "
            "{textContent: 'Chào'}))</script>"
        )
        found = await walk(step("Mở", {"goto": f"{site.url}/"}, until=GREETED))

    assert found.verdict is Verdict.OK, found.message
    assert f"địa chỉ nội bộ ({neighbour.host})" in found.message
    assert found.vitals.failed_requests == 0
    assert neighbour.asked == []


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("http://{neighbour}/a.js", OUR_OWN),
        (METADATA, (Verdict.FAILED, "system", Reason.ELEMENT_MISSING)),
    ],
)
async def test_a_page_that_may_lack_what_we_did_not_fetch_is_not_accused(
    script: str, expected: object, walk: Walker, site: Portal
) -> None:
    async with portal() as neighbour:
        site.pages["/"] = f"<h1>Chào</h1><script src='{script.format(neighbour=neighbour.host)}'></script>"
        found = await walk(step("Mở", {"goto": f"{site.url}/"}, until=SHOWN, timeout="1.5s"))

    assert verdict(found) == expected, found.message


async def test_nothing_of_a_host_that_was_not_asked_is_kept(walk: Walker, site: Portal, tmp_path: Path) -> None:
    async with portal() as neighbour:
        neighbour.pages["/"] = "<h1>Bí mật nội bộ</h1>"
        site.pages["/"] = to(f"{neighbour.url}/?khoa=42")
        found = await walk(step("Mở", {"goto": f"{site.url}/"}, until=SHOWN), evidence=tmp_path)

    kept = b"".join([one.read_bytes() for one in await asyncio.to_thread(lambda: list(tmp_path.iterdir()))])
    assert verdict(found) == OUR_OWN
    assert neighbour.asked == []
    assert "Bí mật".encode() not in kept
    assert b"khoa=42" not in kept
