"""What the citizen waits for: conditions, finished pages, values and tabs, each with the moment it came."""

from collections.abc import Callable
from dataclasses import dataclass

import regex
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page

from checks.locator import Condition, Locator
from checks.run import AGENT, Reason, Verdict
from checks.targets import StoreTarget
from probes.browser.aim import Finder
from probes.browser.alive import alive
from probes.browser.holding import holds
from probes.browser.locate import frame_of
from probes.browser.pulse import Beat, is_passing
from probes.browser.stage import Awaited, Failure, Stage, StepError
from probes.browser.wait import POLL_S, Heart, Sight, between, came_true

_PATTERN_S = 0.2


@dataclass(frozen=True, slots=True)
class Done:
    """When an action began to act on its target and when it was over; `goal` when it was an expectation.

    `acted` is when the citizen had done his part of a `goal`, if he had one.
    """

    began: float
    ended: float
    goal: bool = False
    acted: float | None = None


@dataclass(slots=True)
class Goals:
    """Waits for the goals of one step; `last` is the action before, after which waiting begins."""

    stage: Stage
    finder: Finder
    last: Done

    async def until(self, condition: Condition) -> float:
        """Wait until `condition` is true; return the moment it became so."""

        async def look(page: Page, beat: Beat) -> bool | None:
            return await holds(self.finder, page, beat, condition) or None

        self.stage.awaited = Awaited(condition)
        shown = Locator(text=condition.text) if condition.text is not None else condition.visible
        element = shown or condition.element
        heart = self._heart(element.alternatives if element is not None else ())
        slowly = between(self.stage, heart, look)
        if shown is None or any(frame_of(one) for one in shown.alternatives):
            return await self._wait(slowly, heart)

        async def quickly(page: Page) -> tuple[bool | None, Beat | None]:
            try:
                return await self.finder.sight(page, shown)
            except PlaywrightError as error:
                if is_passing(error):
                    raise
                return await slowly(page)  # the page has replaced something that the quick way needs

        return await self._wait(quickly, heart)

    async def settled(self) -> float:
        """Wait until the document is there in full; return when: the goal of a step that names none."""

        async def sight(_page: Page) -> tuple[bool | None, Beat | None]:
            beat = await self.stage.pulse.read()
            return (beat is not None and beat.ready) or None, beat

        self.stage.awaited = Awaited()
        return await self._wait(sight, self._heart())

    async def in_sight(self) -> None:
        """Wait while the page is white, whatever is on it."""
        pulse = self.stage.pulse
        beat = await pulse.read()
        while beat is not None and beat.blank:
            self._alive(beat)
            beat = await pulse.next(beat, POLL_S)

    def _heart(self, locators: tuple[Locator, ...] = ()) -> Callable[[], Heart]:
        return lambda: self.stage.heart(locators)

    async def _wait(self, sight: Sight[bool], heart: Callable[[], Heart]) -> float:
        began, done = self.last.began, self.last.ended
        _, moment = await came_true(self.stage, sight, alive=self._alive, heart=heart, began=began, done=done)
        return moment

    def _alive(self, beat: Beat | None) -> None:
        alive(self.stage, beat)

    def rested(self) -> float:
        """Return the moment of the latest change of the page that is known; now, while it still loads."""
        beat = self.stage.pulse.latest
        if beat is None or not beat.complete or beat.leaving is not None:
            return self.stage.clock()
        return beat.last or 0.0

    async def new_tab(self) -> Done:
        """Wait for the tab that the latest act opens; the walk goes on in it."""
        stage = self.stage

        async def look(_page: Page, _beat: Beat) -> bool | None:
            return stage.watch.tabs > stage.tabs or None

        stage.awaited = Awaited(says="không có thẻ mới nào mở ra", reason=Reason.ELEMENT_MISSING)
        heart = self._heart()
        moment = await self._wait(between(stage, heart, look), heart)
        return Done(moment, moment, goal=True)

    async def store(self, target: StoreTarget) -> Done:
        """Keep the text of an element as soon as it shows one that fits."""

        async def look(page: Page, _beat: Beat) -> bool | None:
            text = await self.finder.text(page, target)
            match = _found(self.stage.resolve(target.pattern or r"\S.*"), text or "")
            if match is None:
                self.stage.awaited.obstacle = "missing" if text is None else "empty"
                return None
            # A group that took no part in the match found nothing to keep.
            self.stage.stored[target.as_] = match[1] if match.re.groups and match[1] is not None else match[0].strip()
            return True

        self.stage.awaited = Awaited(target)
        heart = self._heart(target.alternatives)
        moment = await self._wait(between(self.stage, heart, look), heart)
        return Done(moment, moment, goal=True)


def _found(pattern: str, text: str) -> "regex.Match[str] | None":
    try:
        return regex.search(pattern, text, timeout=_PATTERN_S)
    except TimeoutError:  # not the walk's own time: an expression that takes for ever on such a text
        message = "biểu thức của giá trị cần lấy mất quá nhiều thời gian trên trang này"
    except regex.error:  # until the references in it were resolved, nobody could know
        message = "biểu thức của giá trị cần lấy không còn là biểu thức khi đã điền các giá trị vào"
    raise StepError(Failure(Verdict.INCONCLUSIVE, Reason.CONFIG, AGENT, message)) from None
