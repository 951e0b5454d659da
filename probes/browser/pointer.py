"""What the citizen does with the pointer, or with a finger."""

from dataclasses import dataclass

from checks.journey import Click, Select, Tick
from checks.locator import Locator
from checks.targets import ClickTarget, SelectTarget, TickTarget
from probes.browser.aim import Aim, Permit, Want
from probes.browser.goals import Done
from probes.browser.means import Means

PointerAction = Click | Select | Tick


@dataclass(slots=True)
class Pointer:
    """Presses controls, after the guard has judged them."""

    means: Means

    async def perform(self, action: PointerAction) -> Done:
        """Do one thing; see `Actions.perform`."""
        match action:
            case Click():
                return await self._click(action.click)
            case Select():
                return await self._select(action.select)
            case Tick():
                return await self._tick(action.check)

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

    async def _select(self, target: SelectTarget) -> Done:
        stage = self.means.stage
        aim = await self.means.finder.aim(target, Want(option=stage.resolve(target.option)))
        self.means.guard.typing(str(aim.state["href"]))
        began = stage.clock()
        await aim.element.select_option(index=int(aim.state["option"]), timeout=self.means.timeout_ms())
        stage.tally.chose()
        return Done(began, stage.clock())

    async def _tick(self, target: TickTarget) -> Done:
        aim = await self.means.finder.aim(target, Want(press=True, permit="tick"))
        stage = self.means.stage
        self.means.guard.typing(str(aim.state["href"]))
        began = stage.clock()
        if bool(aim.state["checked"]) != target.checked:
            await aim.element.set_checked(target.checked, timeout=self.means.timeout_ms())
            stage.tally.ticked()
        return Done(began, stage.clock())
