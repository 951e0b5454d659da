"""What the citizen does with the pointer, or with a finger."""

from dataclasses import dataclass

from checks.journey import Click, DoubleClick, Drag, Hover, ScrollTo
from checks.locator import Locator
from checks.targets import ClickTarget, DragTarget
from probes.browser.aim import Aim, Permit, Want
from probes.browser.drag import draw
from probes.browser.goals import Done
from probes.browser.means import Means

PointerAction = Click | DoubleClick | Hover | ScrollTo | Drag


@dataclass(slots=True)
class Pointer:
    """Presses controls, after the guard has judged them."""

    means: Means

    async def perform(self, action: PointerAction) -> Done:
        """Do one thing; see `Actions.perform`."""
        match action:
            case Click():
                return await self._click(action.click)
            case DoubleClick():
                return await self._double_click(action.double_click)
            case Hover():
                return await self._hover(action.hover)
            case ScrollTo():
                return await self._scroll_to(action.scroll_to)
            case Drag():
                return await self._drag(action.drag)

    def judge(self, aim: Aim, target: Locator, *, allowed: bool) -> None:
        """Ask the guard about every name the target goes by: on the page, and in the journey.

        Raises:
            StepError: The press would file something and is not allowed to.
        """
        said = [name for way in target.alternatives for name in (way.name, way.text) if name is not None]
        self.means.guard.press([*map(str, aim.state["names"]), *said], allowed=allowed)

    async def hit(self, aim: Aim) -> Done:
        """Click or tap what was aimed at and judged."""
        stage = self.means.stage
        began = stage.clock()
        if stage.walk.device == "mobile":
            await aim.element.tap(timeout=self.means.timeout_ms(), no_wait_after=True)
        else:
            await aim.element.click(timeout=self.means.timeout_ms(), no_wait_after=True)
        stage.tally.clicked()
        return Done(began, stage.clock())

    async def _click(self, target: ClickTarget) -> Done:
        permit: Permit = "submit" if target.submits and self.means.guard.may_submit else "no"
        aim = await self.means.finder.aim(target, Want(press=True, permit="open" if target.opens else permit))
        if not (target.opens and aim.state["link"]):
            self.judge(aim, target, allowed=target.submits)
        self.means.submits = target.submits
        return await self.hit(aim)

    async def _double_click(self, target: Locator) -> Done:
        stage = self.means.stage
        aim = await self._harmless(target)
        began = stage.clock()
        await aim.element.dblclick(timeout=self.means.timeout_ms(), no_wait_after=True)
        stage.tally.clicked()
        return Done(began, stage.clock())

    async def _hover(self, target: Locator) -> Done:
        stage = self.means.stage
        aim = await self.means.finder.aim(target, Want(press=True))
        began = stage.clock()
        await aim.element.hover(timeout=self.means.timeout_ms())
        return Done(began, stage.clock())

    async def _scroll_to(self, target: Locator) -> Done:
        stage = self.means.stage
        aim = await self.means.finder.aim(target, Want(enabled=False))
        began = stage.clock()
        await aim.element.scroll_into_view_if_needed(timeout=self.means.timeout_ms())
        return Done(began, stage.clock())

    async def _drag(self, target: DragTarget) -> Done:
        stage = self.means.stage
        held = await self._harmless(target)
        goal = await self._harmless(target.to) if target.to is not None else None
        began = stage.clock()
        await draw(self.means, held.element, goal.element if goal is not None else None, target.by)
        stage.tally.dragged()
        return Done(began, stage.clock())

    async def _harmless(self, target: Locator) -> Aim:
        """Aim at what is pressed or let go of without leave to file anything."""
        aim = await self.means.finder.aim(target, Want(press=True))
        self.judge(aim, target, allowed=False)
        self.means.submits = False
        return aim
