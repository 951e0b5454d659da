"""Dragging, with the mouse or with a finger."""

from dataclasses import dataclass
from typing import Self

from playwright.async_api import CDPSession, Page
from playwright.async_api import Locator as PageLocator

from checks.targets import Offset
from probes.browser.means import Means

_STEPS = 8  # a page that follows a drag wants to see it on its way
_NUDGE = 4  # pixels after which a browser takes a held pointer for a drag


@dataclass(frozen=True, slots=True)
class Point:
    """A place in the window, in pixels of the page."""

    x: float
    y: float

    def towards(self, other: Self, part: float) -> "Point":
        """Return the point that lies `part` of the way (0 to 1) to `other`."""
        return Point(self.x + (other.x - self.x) * part, self.y + (other.y - self.y) * part)


async def draw(means: Means, held: PageLocator, goal: PageLocator | None, by: Offset | None) -> None:
    """Take `held` at its middle and let it go in the middle of `goal`, or `by` further on.

    Both have been aimed at: they are there, seen and allowed to be pressed.
    """
    start = await _middle(means, held)
    hand = await _hand(means)
    await hand.take(start)
    await hand.move(Point(start.x + _NUDGE, start.y + _NUDGE))  # before the goal is scrolled to
    end = await _middle(means, goal) if goal is not None else start
    end = Point(end.x + (by.x if by is not None else 0), end.y + (by.y if by is not None else 0))
    for step in range(1, _STEPS + 1):
        await hand.move(start.towards(end, step / _STEPS))
    await hand.let_go()


async def _middle(means: Means, element: PageLocator) -> Point:
    await element.scroll_into_view_if_needed(timeout=means.timeout_ms())
    box = await element.bounding_box(timeout=means.timeout_ms())
    if box is None:  # it went away again, as if it had never come
        raise TimeoutError
    return Point(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


async def _hand(means: Means) -> "_Mouse | _Finger":
    walk, page = means.stage.walk, means.stage.page
    return _Finger(await walk.context.new_cdp_session(page)) if walk.device == "mobile" else _Mouse(page)


@dataclass(frozen=True, slots=True)
class _Mouse:
    page: Page

    async def take(self, at: Point) -> None:
        await self.page.mouse.move(at.x, at.y)
        await self.page.mouse.down()

    async def move(self, to: Point) -> None:
        await self.page.mouse.move(to.x, to.y)

    async def let_go(self) -> None:
        await self.page.mouse.up()


@dataclass(frozen=True, slots=True)
class _Finger:
    session: CDPSession

    async def take(self, at: Point) -> None:
        await self._touch("touchStart", at)

    async def move(self, to: Point) -> None:
        await self._touch("touchMove", to)

    async def let_go(self) -> None:
        await self._touch("touchEnd")
        await self.session.detach()

    async def _touch(self, kind: str, *at: Point) -> None:
        points = [{"x": one.x, "y": one.y} for one in at]
        await self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
