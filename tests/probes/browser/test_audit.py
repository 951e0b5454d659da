"""The audit of a walk's screens, on pages whose faults are known by hand."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from checks.audit import BEST_PRACTICE, WCAG_TAGS, Audited
from checks.axe_words import rules
from checks.secrets import Secrets
from probes.browser import BrowserProbe, Chromium
from probes.browser import audit as auditing
from tests.probes.browser.conftest import a_target
from tests.probes.browser.portal import Portal, step

Auditor = Callable[..., Awaitable[Audited]]
MINE = "system:mot-cua-tinh"


def page(body: str, *, lang: str = ' lang="vi"', head: str = "") -> str:
    """A page with nothing wrong around `body`."""
    shown = f"<main><h1>Tờ khai</h1>{body}</main>"
    return f"<!doctype html><html{lang}><head><title>Tờ khai</title>{head}</head><body>{shown}</body></html>"


def served(text: str, **headers: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(text=text, content_type="text/html", headers=headers)

    return answer


@pytest.fixture
def audit(chromium: Chromium, secrets: Secrets, site: Portal, outside: Portal) -> Auditor:
    """Audit a walk of steps written as in checks.yaml; without any, of the portal's first page."""

    async def go(*steps: dict[str, Any], **fields: Any) -> Audited:
        probe = BrowserProbe(chromium, secrets, sign_on=frozenset({"dinh-danh"}))
        walk = steps or (step("Mở", {"goto": f"{site.url}/"}),)
        return await probe.audit(a_target(site, walk, outside, **fields), within_s=60)

    return go


def found(seen: Audited) -> list[tuple[str, str, str, int]]:
    """Return rule, impact, owner and count of what a standard forbids, screen by screen."""
    return [
        (one.rule, one.impact, one.owner, one.count)
        for screen in seen.screens
        for one in screen.violations
        if not one.best_practice
    ]


FAULTS = {
    "label": (page('<input type="text">'), "critical"),
    "button-name": (page("<button></button>"), "critical"),
    "image-alt": (page('<img src="data:," width="9" height="9">'), "critical"),
    "select-name": (page("<select><option>a</option></select>"), "critical"),
    "color-contrast": (page('<p style="color:#aaa;background:#fff">Hướng dẫn nộp</p>'), "serious"),
    "html-has-lang": (page("<p>a</p>", lang=""), "serious"),
    "link-name": (page('<a href="/b"></a>'), "serious"),
    "meta-viewport": (page("", head='<meta name="viewport" content="user-scalable=no">'), "moderate"),
}


@pytest.mark.parametrize("rule", FAULTS)
async def test_a_fault_known_by_hand_is_found_with_its_impact(rule: str, site: Portal, audit: Auditor) -> None:
    text, impact = FAULTS[rule]
    site.pages["/"] = served(text)
    seen = await audit()
    assert found(seen) == [(rule, impact, MINE, 1)]
    assert seen.complete
    assert seen.engine.startswith("axe-core 4.")


async def test_a_page_without_faults_has_none(site: Portal, audit: Auditor) -> None:
    site.pages["/"] = served(page('<label>Họ và tên <input name="ten"></label><button>Tiếp tục</button>'))
    seen = await audit()
    assert seen.screens[0].violations == ()
    assert seen.complete


async def test_what_no_standard_asks_for_is_kept_apart(site: Portal, audit: Auditor) -> None:
    site.pages["/"] = served("<!doctype html><html lang=vi><title>a</title><p>Không có vùng và tiêu đề</p>")
    seen = await audit()
    assert {one.rule for one in seen.screens[0].violations} >= {"landmark-one-main", "page-has-heading-one", "region"}
    assert found(seen) == []


async def test_frames_are_looked_at_and_told_by_owner(site: Portal, outside: Portal, audit: Auditor) -> None:
    inner = "<!doctype html><html lang=vi><title>a</title><body><img src='data:,' width=9 height=9></body></html>"
    nested = f"<!doctype html><html lang=vi><title>a</title><body><iframe title=b src='{outside.url}/'></iframe></body>"
    site.pages["/khung"] = served(inner)
    site.pages["/long"] = served(nested)
    outside.pages["/"] = served(inner)
    site.pages["/"] = served(
        page(
            '<iframe title="Mẫu đơn" src="/khung"></iframe><iframe title="Định danh" src="/long"></iframe>'
            '<iframe title="Trong trang" srcdoc="<html lang=vi><title>c</title><button></button>"></iframe>'
        )
    )
    seen = await audit()
    assert seen.complete, seen.message
    assert found(seen) == [
        ("button-name", "critical", MINE, 1),
        ("image-alt", "critical", "dependency:dinh-danh", 1),
        ("image-alt", "critical", MINE, 1),
    ]
    (theirs,) = [one for one in seen.screens[0].violations if one.owner == "dependency:dinh-danh"]
    assert theirs.elements[0].target == "iframe[title] ▸ iframe ▸ img"


async def test_shadow_roots_are_looked_at(site: Portal, audit: Auditor) -> None:
    site.pages["/"] = served(
        page('<div id="h"></div><script>h.attachShadow({mode:"open"}).innerHTML="<button></button>"</script>')
    )
    seen = await audit()
    assert found(seen) == [("button-name", "critical", MINE, 1)]
    assert seen.screens[0].violations[0].elements[0].target == "#h ▸ button"


async def test_neither_a_policy_nor_the_scripts_of_a_page_hide_its_faults(site: Portal, audit: Auditor) -> None:
    hiding = (
        "window.axe = {run: () => ({violations: []})};"
        "for (const one of ['map', 'filter', 'forEach', 'push']) Array.prototype[one] = () => [];"
        "document.querySelectorAll = () => []; JSON.stringify = () => '[]'; MutationObserver = class {};"
    )
    policy = "default-src 'none'; script-src 'sha256-x'; require-trusted-types-for 'script'; trusted-types 'none'"
    site.pages["/kin"] = served(page("<button></button>"), **{"Content-Security-Policy": policy})
    site.pages["/"] = served(page(f"<button></button><script>setTimeout(() => {{{hiding}}}, 100)</script>"))
    for path in ("/kin", "/"):
        assert found(await audit(step("Mở", {"goto": f"{site.url}{path}"}))) == [("button-name", "critical", MINE, 1)]


async def test_each_step_is_a_screen_and_an_element_is_told_once_for_an_address(site: Portal, audit: Auditor) -> None:
    site.pages["/"] = served(page('<button></button><a href="/hai?ma=1">Tiếp</a>'))
    site.pages["/hai"] = served(page("<button></button>"))
    seen = await audit(
        step("Mở", {"goto": f"{site.url}/"}),
        step("Đọc", until={"text": "Tờ khai"}),
        step("Sang trang", {"click": {"role": "link", "name": "Tiếp"}}, until={"url": "/hai"}),
    )
    unnamed = [sum(one.count for one in s.violations if one.rule == "button-name") for s in seen.screens]
    assert [(s.step, s.url, count) for s, count in zip(seen.screens, unnamed, strict=True)] == [
        ("Mở", f"{site.url}/", 1),
        ("Đọc", f"{site.url}/", 0),
        ("Sang trang", f"{site.url}/hai", 1),
    ]


async def test_nothing_typed_no_data_and_no_secret_leaves_the_page(site: Portal, audit: Auditor) -> None:
    body = (
        '<input value="079123456789" data-cccd="079123456789" aria-valuetext="079123456789">'
        '<input value="079123456788" title="" placeholder="" data-ten="Nguyễn Văn An"><textarea>079123456789</textarea>'
        '<input type="password" oninput="this.setAttribute(\'value\', this.value)" class="mat-khau">'
        '<img src="/a.png?token=079123456789" width=9 height=9><a href="/x#079123456789"></a>'
    )
    site.pages["/"] = served(page(body))
    seen = await audit(
        step(
            "Mở",
            {"goto": f"{site.url}/"},
            {"fill": {"css": ".mat-khau", "value": "${env:MAT_KHAU}"}},
            until={"text": "Tờ khai"},
        ),
    )
    assert ("label", "critical", MINE, 4) in found(seen)
    told = seen.model_dump_json()
    for private in ("0791234567", "Chim-Hoàng", "Nguyễn"):
        assert private not in told
    assert '<input type=\\"password\\" oninput class=\\"mat-khau\\" value>' in told


async def test_a_walk_that_breaks_off_keeps_what_it_has_seen_and_says_so(site: Portal, audit: Auditor) -> None:
    site.pages["/"] = served(page("<button></button>"))
    missing = step("Bấm", {"click": {"role": "button", "name": "Không có"}}, timeout="500ms")
    seen = await audit(step("Mở", {"goto": f"{site.url}/"}), missing)
    assert found(seen) == [("button-name", "critical", MINE, 1)]
    assert not seen.complete
    assert "Bấm" in seen.message


async def test_a_page_that_hangs_is_left_in_time(site: Portal, audit: Auditor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auditing, "SCREEN_S", 1.0)
    site.pages["/"] = served(page("<button></button><script>setTimeout(() => {for (;;);}, 400)</script>"))
    async with asyncio.timeout(30):
        seen = await audit(step("Mở", {"goto": f"{site.url}/"}, until={"text": "Tờ khai"}))
    assert not seen.complete
    assert "không kiểm tra xong màn hình" in seen.screens[0].missing


async def test_a_flood_of_faults_is_cut(site: Portal, audit: Auditor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auditing, "SCREEN_S", 50.0)  # how long it takes is not the question here
    site.pages["/"] = served(page("<button></button>" * 600 + f'<button class="{"x" * 100_000}"></button>'))
    seen = await audit()
    (one,) = (violation for violation in seen.screens[0].violations if violation.rule == "button-name")
    assert one.count == 300
    assert len(one.elements) == 20
    assert len(seen.model_dump_json()) < 50_000


async def test_more_frames_than_are_looked_at_make_the_audit_incomplete(site: Portal, audit: Auditor) -> None:
    site.pages["/trong"] = "<p>a</p>"
    site.pages["/"] = served(page("".join(f'<iframe title="k{n}" src="/trong"></iframe>' for n in range(40))))
    seen = await audit()
    assert not seen.complete
    assert "khung nhúng không kiểm tra được" in seen.message


async def test_every_rule_that_is_looked_at_has_vietnamese_words(chromium: Chromium) -> None:
    async with chromium.context("desktop") as walk:
        blank = await walk.context.new_page()
        await blank.evaluate(auditing._script())
        known = await blank.evaluate("tags => axe.getRules(tags).map(rule => rule.ruleId)", [*WCAG_TAGS, BEST_PRACTICE])
    assert sorted(set(known) ^ set(rules())) == []
    assert all(words.name and words.advice for words in rules().values())
