"""Finding what a step speaks of: the target of an action that can be acted upon, or an element that is seen."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Locator as PageLocator
from playwright.async_api import Page

from checks.elements_vi import thing
from checks.locator import Locator
from probes.browser.alive import alive
from probes.browser.locate import frame_of, hidden_too, visible
from probes.browser.pulse import Beat, without_frame
from probes.browser.stage import Awaited, Stage
from probes.browser.wait import in_reach

Permit = Literal["no", "open", "tick", "submit"]
"""What the page may let through at the moment of a press: nothing that files, a plain link, a box or radio button
(a declaration to be ticked may well speak of filing), or everything."""

_TEXT = """els => els.length
  ? String((els[0].matches("input, select, textarea") ? els[0].value : els[0].innerText) ?? "").slice(0, 2000) : null"""


@dataclass(frozen=True, slots=True)
class Want:
    """What is going to be done with a target, and so what must be true of it first.

    `strike`: it is pressed at the point that its document names, and the document takes back what lands elsewhere.
    """

    press: bool = False
    strike: bool = False
    permit: Permit = "no"
    write: bool = False
    option: str | None = None
    seen: bool = True
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Aim:
    """An element that can be acted upon, and what its document told about it."""

    element: PageLocator
    state: Mapping[str, Any]


@dataclass(slots=True)
class Finder:
    """Finds elements for one step. `drift` tells which locators found nothing, and what was found instead."""

    stage: Stage
    drift: list[str] = field(default_factory=list)

    async def aim(self, locator: Locator, want: Want) -> Aim:
        """Wait until the target can be acted upon, so that Playwright's own growing retries never begin."""
        stage = self.stage
        stage.awaited = Awaited(locator)

        async def look(page: Page) -> tuple[Aim | None, Beat | None]:
            beat: Beat | None = None
            for one in locator.alternatives:
                aim, beat = await self._one(page, one, want)
                if aim.state["found"]:
                    stage.awaited.obstacle = obstacle(aim.state, want)
                    if stage.awaited.obstacle:
                        return None, beat
                    self.took(locator, one)
                    return aim, beat
            stage.awaited.obstacle = "missing"
            return None, beat

        def check(beat: Beat | None) -> None:
            alive(stage, beat)

        return await in_reach(stage, look, alive=check, heart=lambda: stage.heart(locator.alternatives))

    async def seen(self, page: Page, locator: Locator) -> bool:
        """Whether one of the ways to find `locator` shows an element now."""
        for one in locator.alternatives:
            if await visible(page, one, self.stage.resolve).count() > 0:
                self.took(locator, one)
                return True
        return False

    async def sight(self, page: Page, locator: Locator) -> tuple[bool | None, Beat | None]:
        """Like `seen`, and in the same breath the state of the tab's document. Not for what lies in a frame."""
        beat: Beat | None = None
        for one in locator.alternatives:
            script = f"els => window[{self.stage.walk.key!r}].glance(els)"
            state = await visible(page, one, self.stage.resolve).evaluate_all(script)
            beat = self.stage.pulse.beat(state)
            if state["found"]:
                self.took(locator, one)
                return True, beat
        return None, beat

    async def text(self, page: Page, locator: Locator) -> str | None:
        """Return what `locator` shows, or what stands in it if it is a field; None when it is not there."""
        said = await self._first(page, locator, _TEXT, None)
        return None if said is None else " ".join(str(said).split())

    async def facts(
        self, page: Page, locator: Locator, *, value: bool = False, attribute: str | None = None
    ) -> Mapping[str, Any] | None:
        """Return whether `locator` is `enabled`, with its `value` and an `attribute` if asked; None if not there."""
        script = f"(els, asked) => window[{self.stage.walk.key!r}].facts(els, asked)"
        found: Mapping[str, Any] | None = await self._first(
            page, locator, script, {"value": value, "attribute": attribute}
        )
        self.stage.awaited.obstacle = "missing" if found is None else ""
        return found

    async def _first(self, page: Page, locator: Locator, script: str, argument: object) -> Any:
        for one in locator.alternatives:
            try:
                found = await visible(page, one, self.stage.resolve).evaluate_all(script, argument)
            except PlaywrightError as error:
                if not without_frame(error):
                    raise
                continue
            if found is not None:
                self.took(locator, one)
                return found
        return None

    async def _one(self, page: Page, locator: Locator, want: Want) -> tuple[Aim, Beat | None]:
        # A file field often hides behind a styled label.
        element = (visible if want.seen else hidden_too)(page, locator, self.stage.resolve)
        script = f"(els, want) => window[{self.stage.walk.key!r}].aim(els, want)"
        asked = {name: getattr(want, name) for name in ("press", "strike", "permit", "option", "write")}
        try:
            state = await element.evaluate_all(script, asked)
        except PlaywrightError as error:
            if not without_frame(error):
                raise
            return Aim(element, {"found": 0}), await self.stage.pulse.read()
        frame = frame_of(locator)
        beat = self.stage.pulse_in(frame).beat(state)
        if frame is None:
            return Aim(element, state), beat
        around = await self.stage.pulse.read()
        return Aim(element, state), replace(beat, blank=beat.blank or (around is not None and around.blank))

    def took(self, wanted: Locator, found: Locator) -> None:
        """Note by which of the ways to find `wanted` it was found."""
        if found is not wanted:
            said = f"không thấy {thing(wanted)}, dùng {thing(found)}"
            if said not in self.drift:
                self.drift.append(said)


def obstacle(state: Mapping[str, Any], want: Want) -> str:
    """Say what keeps the target from being acted upon; empty when nothing does."""
    if (want.enabled and not state["enabled"]) or (want.write and state["readonly"]):
        return "disabled"
    if state["obscured"]:
        return "obscured"
    return "option" if want.option is not None and state["option"] < 0 else ""
