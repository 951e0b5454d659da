"""A page as roles and names: for evidence, and for saying what was there instead."""

import asyncio
import json
import re
from difflib import SequenceMatcher

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page

from checks.elements_vi import quoted, role_word
from checks.locator import Locator
from probes.browser.locate import folded

_LINE = re.compile(r'^(?P<indent>\s*)- (?P<role>[a-z]+)(?: "(?P<name>(?:[^"\\]|\\.)*)")?(?P<rest>.*)$')
_QUOTED = re.compile(r"^(?P<indent>\s*)- '(?P<key>(?:[^']|'')*)'(?P<rest>.*)$")
_TYPED_INTO = frozenset({"textbox", "searchbox", "combobox", "spinbutton", "slider"})
_ADDRESS = "- /url:"
_MOST_ELEMENTS = 20_000
_LONGEST_TEXT = 500_000
# Compared there: a page that forges its own lengths may answer with anything.
_IS_VAST = """([elements, letters]) => document.getElementsByTagName("*").length > elements
    || document.documentElement.textContent.length > letters"""
_NEAREST = 5
_MOST_COMPARED = 2000
_OF_SAME_ROLE = 0.35


async def is_vast(page: Page) -> bool:
    """Whether so much is on the page that looking it through would hold up the loop that measures others."""
    return bool(await page.evaluate(_IS_VAST, [_MOST_ELEMENTS, _LONGEST_TEXT]))


async def outline(page: Page, within_s: float) -> str:
    """Return roles and names of everything on the page, without what was typed.

    Empty when the page does not answer, or is so big that nobody would read it.
    """
    try:
        async with asyncio.timeout(within_s):
            if await is_vast(page):
                return ""
            snapshot = await page.locator("body").aria_snapshot(timeout=within_s * 1000)
    except (PlaywrightError, TimeoutError):  # a page too broken to describe is described by nothing
        return ""
    return without_values(snapshot)


def without_values(snapshot: str) -> str:
    """Drop field values and addresses from an ARIA snapshot: what people typed is nobody's evidence."""
    kept: list[str] = []
    inside: int | None = None
    for line in map(_unquoted, snapshot.splitlines()):
        match = _LINE.match(line)
        indent = len(line) - len(line.lstrip())
        if inside is not None and indent > inside:
            continue
        inside = None
        if line.lstrip().startswith(_ADDRESS):
            continue
        if match is not None and match["role"] in _TYPED_INTO:
            inside = indent
            name = f' "{match["name"]}"' if match["name"] is not None else ""
            line = f"{match['indent']}- {match['role']}{name}"  # noqa: PLW2901 -- the line as it may be kept
        kept.append(line)
    return "\n".join(kept)


def _unquoted(line: str) -> str:
    """Return a line without the quotes that YAML puts around a name with a colon, a brace or the like."""
    match = _QUOTED.match(line)
    if match is None:
        return line
    key = match["key"].replace("''", "'")
    return f"{match['indent']}- {key}{match['rest']}"


def _said(name: str) -> str:
    try:
        return str(json.loads(f'"{name}"'))
    except ValueError:
        return name


def candidates(snapshot: str, locator: Locator | None) -> list[str]:
    """Return up to five named elements nearest to what was looked for, as `nút “Gửi lại”`.

    Takes time on a page of many names: meant for a thread. Of more than two thousand the last are left out, those of
    another role first.
    """
    if locator is None:
        return []
    text = folded(locator.name or locator.label or locator.text or locator.placeholder or locator.title or "")
    matches = filter(None, map(_LINE.match, snapshot.splitlines()))
    named = dict.fromkeys((match["role"], match["name"]) for match in matches if match["name"])
    scored: dict[str, float] = {}
    for role, written in sorted(named, key=lambda one: one[0] != locator.role)[:_MOST_COMPARED]:
        name = _said(written)
        likeness = SequenceMatcher(None, text, folded(name)[:200]).ratio() if text else 0.0
        if role == locator.role:
            likeness += _OF_SAME_ROLE
        said = f"{role_word(role)} {quoted(name, 60)}"
        scored[said] = max(likeness, scored.get(said, 0.0))
    best = sorted(scored, key=lambda said: -scored[said])
    return [said for said in best if scored[said] >= _OF_SAME_ROLE][:_NEAREST]
