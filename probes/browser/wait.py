"""Waiting for the page without rounding up: the moment a condition came true, from the page's own clock."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page

from probes.browser.pulse import Beat, FramedPulse, Pulse, is_passing
from probes.browser.stage import Stage

T = TypeVar("T")
Look = Callable[[Page, Beat], Awaitable[T | None]]
Heart = Pulse | FramedPulse
Sight = Callable[[Page], Awaitable[tuple[T | None, Beat | None]]]
"""What is seen, and the state of the document it is seen on; no state while the document is being replaced."""
Alive = Callable[[Beat | None], None]

POLL_S = 0.1
_RETRY_S = 0.005
_SLACK_S = 0.05


async def came_true(
    stage: Stage, sight: Sight[T], *, alive: Alive, heart: Callable[[], Heart], began: float, done: float
) -> tuple[T, float]:
    """Look until there is something; return it and the moment it came, between `began` and now.

    The page tells every change of itself; `sight` asks Playwright's own engine after each. The moment is that of the
    last change which the successful look can have seen and the look before it cannot. When the page noted none
    (styles, animations), it is the successful look's own end; when the first look succeeds on a page that did not
    change since `began`, it is `done`. A document that is being left does not count any more, and one that is still
    white not yet. `heart` gives the pulse of the documents that matter. `alive` raises when waiting has no sense; the
    caller bounds the wait.
    """
    floor, otherwise = began, done
    beat = heart().latest
    while True:
        alive(beat)
        page, pulse, asked = stage.page, heart(), stage.clock()
        saw, beat = await _glance(sight(page)) or (None, None)
        if beat is None:
            await asyncio.sleep(_RETRY_S)
            continue
        if _in_sight(stage, beat) and saw is not None and not leaving(stage, beat):
            return saw, _moment(beat, floor, stage.clock(), otherwise)
        floor, otherwise = max(floor, asked), float("inf")
        beat = await _change(stage, pulse, beat)
        if page is not stage.page:
            beat = None


def between(stage: Stage, heart: Callable[[], Heart], look: Look[T]) -> Sight[T]:
    """Make a sight of a `look` that takes several questions: the document must be the same before and after them."""

    async def sight(page: Page) -> tuple[T | None, Beat | None]:
        pulse = heart()
        before = await pulse.read()
        if before is None:
            return None, None
        saw = None if leaving(stage, before) else await look(page, before)
        if saw is None:
            return None, before
        answered = stage.clock()
        after = await pulse.read()
        if after is None or after.doc != before.doc:
            return None, None
        return saw, replace(after, last=max((at for at in after.moves if at <= answered), default=None))

    return sight


async def in_reach(stage: Stage, sight: Sight[T], *, alive: Alive, heart: Callable[[], Heart]) -> T:
    """Look until the target of an action is there, on a document that stays; the moment does not matter."""
    while True:
        alive(stage.pulse.latest)
        page, pulse = stage.page, heart()
        target, beat = await _glance(sight(page)) or (None, None)
        if beat is None:
            await asyncio.sleep(_RETRY_S)
            continue
        if _in_sight(stage, beat) and target is not None and not leaving(stage, beat):
            return target
        await _change(stage, pulse, beat)


async def _change(stage: Stage, pulse: Heart, since: Beat) -> Beat | None:
    return await pulse.next(since, min(POLL_S, max(stage.left_s, 0.001)))


def _in_sight(stage: Stage, beat: Beat) -> bool:
    """Whether a citizen could see what is awaited: of a page that is still white nobody sees anything."""
    stage.awaited.blank = beat.blank and stage.awaited.in_page
    return not stage.awaited.blank


def leaving(stage: Stage, beat: Beat) -> bool:
    """Whether the document is about to be replaced: a download or an empty answer only looks like that at first."""
    if beat.leaving is None:
        return False
    asked = stage.traffic.document(stage.page)
    gave_up = asked is not None and asked.error is not None and asked.started >= beat.leaving - _SLACK_S
    return not gave_up


def _moment(beat: Beat, floor: float, answered: float, otherwise: float) -> float:
    if beat.last is not None and floor < beat.last <= answered:
        return beat.last
    return max(floor, min(otherwise, answered))


async def _glance(looking: Awaitable[T | None]) -> T | None:
    try:
        return await looking
    except PlaywrightError as error:
        if is_passing(error):
            return None
        raise
