"""What the citizen does with the pointer, or with a finger."""

from collections.abc import Callable
from dataclasses import dataclass

from checks.journey import Click, DoubleClick, Drag, Hover, ScrollTo
from checks.locator import Locator
from checks.targets import ClickTarget, DragTarget
from probes.browser.aim import Aim, Permit, Want
from probes.browser.drag import draw
from probes.browser.goals import Done
from probes.browser.guard import Guard
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
                return await self.click(
                    action.click, _wish(action.click, self.means.guard), submits=action.click.submits
                )
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

    async def press(self, target: Locator, want: Want, judge: Callable[[Aim], bool]) -> Done | None:
        """Aim, and click or tap if `judge` says so; again, when the page moved under the pointer.

        Raises:
            StepError: The guard refuses.
        """
        stage = self.means.stage
        while True:
            aim = await self.means.finder.aim(target, want)
            if not judge(aim):
                return None
            began, missed = stage.clock(), stage.watch.missed
            await self._hit(aim)
            if stage.watch.missed == missed:
                stage.tally.clicked()
                return Done(began, stage.clock())
            stage.watch.repeated = stage.watch.missed

    async def _hit(self, aim: Aim) -> None:
        """Press where the element is. Where its document is not the tab's, only the driver knows the way there."""
        stage, at = self.means.stage, aim.state["point"]
        mobile = stage.walk.device == "mobile"
        if at is not None:
            await (stage.page.touchscreen.tap(*at) if mobile else stage.page.mouse.click(*at))
        elif mobile:
            await aim.element.tap(timeout=self.means.timeout_ms(), no_wait_after=True)
        else:
            await aim.element.click(timeout=self.means.timeout_ms(), no_wait_after=True)

    async def click(self, target: Locator, want: Want, *, submits: bool) -> Done:
        """Press what the guard lets us press; `submits` when the action says that this files something.

        Raises:
            StepError: The guard refuses.
        """

        def judge(aim: Aim) -> bool:
            if not (want.permit == "open" and aim.state["link"]):
                self.judge(aim, target, allowed=submits)
            self.means.submits, boxes[:] = submits, [bool(aim.state["box"])]
            return True

        boxes: list[bool] = []
        done = await self.press(target, want, judge)
        assert done is not None  # noqa: S101 -- judged to be pressed
        if boxes[0]:
            self.means.stage.tally.chose()
        return done

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


def _wish(target: ClickTarget, guard: Guard) -> Want:
    permit: Permit = "submit" if target.submits and guard.may_submit else "no"
    return Want(press=True, strike=True, permit="open" if target.opens else permit)
