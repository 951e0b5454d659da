"""Does a condition hold now? Asked again after every change of the page until it does."""

from urllib.parse import unquote

from playwright.async_api import Page

from checks.locator import Condition, ElementAttribute, ElementCount, FieldValue, Locator
from probes.browser.aim import Finder
from probes.browser.locate import all_visible, folded, visible
from probes.browser.pulse import Beat
from probes.page_text import composed


async def holds(finder: Finder, page: Page, beat: Beat, condition: Condition) -> bool:
    """Whether `condition` is true of `page`, whose latest reading is `beat`.

    What is not there proves nothing while the document still comes: a condition of absence needs one that is ready.
    """
    if condition.of_absence and not beat.ready:
        return False
    if condition.not_ is not None:
        return not await holds(finder, page, beat, condition.not_)
    if condition.element is not None:
        return await _of_element(finder, page, condition)
    resolve = finder.stage.resolve
    if condition.text is not None:
        return await visible(page, Locator(text=condition.text), resolve).count() > 0
    if condition.url is not None:
        part = resolve(condition.url)
        return part in beat.href or part in unquote(beat.href)
    title = str(await page.evaluate(f"() => window[{finder.stage.walk.key!r}].title()"))
    return folded(resolve(condition.title or "")) in folded(title)


async def _of_element(finder: Finder, page: Page, condition: Condition) -> bool:
    if condition.visible is not None:
        return await finder.seen(page, condition.visible)
    if condition.hidden is not None:
        ways = condition.hidden.alternatives
        return not any([await visible(page, one, finder.stage.resolve).count() for one in ways])
    if condition.count is not None:
        return await _count(finder, page, condition.count)
    if condition.value is not None:
        return await _value(finder, page, condition.value)
    if condition.attribute is not None:
        return await _attribute(finder, page, condition.attribute)
    facts = await finder.facts(page, condition.enabled or condition.disabled or Locator(css="*"))
    return facts is not None and bool(facts["enabled"]) == (condition.enabled is not None)


async def _count(finder: Finder, page: Page, wanted: ElementCount) -> bool:
    count = 0
    for one in wanted.alternatives:
        count = await all_visible(page, one, finder.stage.resolve).count()
        if count:
            finder.took(wanted, one)
            break
    finder.stage.awaited.count = count
    return wanted.fits(count)


async def _value(finder: Finder, page: Page, wanted: FieldValue) -> bool:
    facts = await finder.facts(page, wanted, value=True)
    return facts is not None and _says(finder, facts["value"], wanted.is_, wanted.contains)


async def _attribute(finder: Finder, page: Page, wanted: ElementAttribute) -> bool:
    facts = await finder.facts(page, wanted, attribute=wanted.attribute)
    return facts is not None and _says(finder, facts["attribute"], wanted.is_, wanted.contains)


def _says(finder: Finder, found: object, whole: str | None, part: str | None) -> bool:
    """Whether a text of the page is `whole`, or has `part` in it; with neither it is enough that it is there."""
    if found is None:
        return False
    resolve = finder.stage.resolve
    if whole is not None:
        return composed(resolve(whole)) == composed(str(found))
    return part is None or folded(resolve(part)) in folded(str(found))
