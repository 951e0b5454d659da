"""From a Locator of checks.yaml to Playwright's, with Vietnamese names found however the page composes them."""

import json
import re
import unicodedata
from collections.abc import Callable
from functools import cache
from itertools import permutations

from playwright.async_api import FrameLocator, Page
from playwright.async_api import Locator as PageLocator

from checks.locator import Locator, Region
from probes.page_text import composed

Resolve = Callable[[str], str]
"""Puts values in the place of the references that are still in a text."""
Scope = Page | FrameLocator | PageLocator

_SPECIAL = re.compile(r"[.*+?^${}()|\[\]\\/]")


def folded(text: str) -> str:
    """Return `text` composed, with single spaces and without case, for comparing."""
    return composed(text).casefold()


@cache
def _spellings(letter: str) -> tuple[str, ...]:
    """Every canonically equal way to write one composed letter: ậ, ạ + circumflex, â + dot, a + both marks."""
    base, *marks = list(unicodedata.normalize("NFD", letter))
    found = {letter}
    for order in permutations(marks):
        for count in range(len(order) + 1):
            head = unicodedata.normalize("NFC", base + "".join(order[:count]))
            found.add(head + "".join(order[count:]))
    return tuple(sorted(spelling for spelling in found if unicodedata.normalize("NFC", spelling) == letter))


def _escaped(letter: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", letter)


def name_pattern(text: str, *, exact: bool) -> re.Pattern[str]:
    r"""Return the pattern a name must match: any composition, any run of white space (`\s` takes nbsp too).

    Not exact: case does not matter and a part is enough, as with Playwright's own matching.
    """
    words = []
    for word in unicodedata.normalize("NFC", text).split():
        spelled = [[_escaped(one) for one in _spellings(letter)] for letter in word]
        words.append("".join(ways[0] if len(ways) == 1 else f"(?:{'|'.join(ways)})" for ways in spelled))
    body = r"\s+".join(words)
    return re.compile(rf"^\s*{body}\s*$") if exact else re.compile(body, re.IGNORECASE)


def inside(page: Page, region: Region | None, resolve: Resolve) -> Scope:
    """Return where to look: the page, a part of it, or a frame. What is not there yet is found when it comes."""
    if region is None:
        return page
    if region.frame is None:
        return visible(page, region, resolve)
    around = inside(page, region.within, resolve)
    frame = region.frame
    if frame.title is not None:
        titled = around.get_by_title(name_pattern(resolve(frame.title), exact=region.exact))
        found = titled.locator("xpath=self::iframe|self::frame")
    elif frame.name is not None:
        found = around.locator(f"css=:is(iframe, frame)[name={json.dumps(resolve(frame.name), ensure_ascii=False)}]")
    else:
        found = around.locator(f"css={resolve(frame.css or 'iframe')}")
    return found.filter(visible=True).nth(region.nth or 0).content_frame


def frame_of(locator: Locator) -> Region | None:
    """Return the innermost frame that `locator` looks in; None for the page itself."""
    region = locator.within
    while region is not None and region.frame is None:
        region = region.within
    return region


def _matches(page: Page, locator: Locator, resolve: Resolve) -> PageLocator:  # noqa: PLR0911 -- one for each way
    scope = inside(page, locator.within, resolve)

    def pattern(text: str) -> re.Pattern[str]:
        return name_pattern(resolve(text), exact=locator.exact)

    if locator.role is not None:
        if locator.name is None:
            return scope.get_by_role(locator.role)
        return scope.get_by_role(locator.role, name=pattern(locator.name))
    if locator.label is not None:
        return scope.get_by_label(pattern(locator.label))
    if locator.placeholder is not None:
        return scope.get_by_placeholder(pattern(locator.placeholder))
    if locator.text is not None:
        return scope.get_by_text(pattern(locator.text))
    if locator.title is not None:
        return scope.get_by_title(pattern(locator.title))
    if locator.test_id is not None:
        return scope.get_by_test_id(resolve(locator.test_id))
    return scope.locator(f"css={resolve(locator.css or '*')}")


def visible(page: Page, locator: Locator, resolve: Resolve) -> PageLocator:
    """Return the element a citizen would take: the first that is seen, or the `nth` of those. `or` is not looked at."""
    return all_visible(page, locator, resolve).nth(locator.nth or 0)


def all_visible(page: Page, locator: Locator, resolve: Resolve) -> PageLocator:
    """Return every element that fits and is seen."""
    return _matches(page, locator, resolve).filter(visible=True)


def hidden_too(page: Page, locator: Locator, resolve: Resolve) -> PageLocator:
    """Return the first element that fits, or the `nth`, seen or not."""
    return _matches(page, locator, resolve).nth(locator.nth or 0)
