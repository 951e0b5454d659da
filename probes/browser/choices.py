"""What the citizen chooses in a form: options of lists, boxes and radio buttons."""

from dataclasses import dataclass

from checks.elements_vi import thing
from checks.journey import Select, Tick, Untick
from checks.locator import Locator
from checks.targets import SelectTarget
from probes.browser.aim import Want
from probes.browser.goals import Done
from probes.browser.means import Means, unwalkable

ChoiceAction = Select | Tick | Untick


@dataclass(slots=True)
class Choices:
    """Sets what can be chosen, after the guard has judged it."""

    means: Means

    async def perform(self, action: ChoiceAction) -> Done:
        """Do one thing; see `Actions.perform`."""
        match action:
            case Select():
                return await self._select(action.select)
            case Tick():
                return await self._tick(action.check, ticked=True)
            case Untick():
                return await self._tick(action.uncheck, ticked=False)

    async def _select(self, target: SelectTarget) -> Done:
        stage = self.means.stage
        aim = await self.means.finder.aim(target, Want(option=stage.resolve(target.option)))
        self.means.guard.typing(str(aim.state["href"]))
        began = stage.clock()
        await aim.element.select_option(index=int(aim.state["option"]), timeout=self.means.timeout_ms())
        stage.tally.chose()
        return Done(began, stage.clock())

    async def _tick(self, target: Locator, *, ticked: bool) -> Done:
        stage = self.means.stage
        aim = await self.means.finder.aim(target, Want(press=True, permit="tick"))
        self.means.guard.typing(str(aim.state["href"]))
        began = stage.clock()
        if bool(aim.state["checked"]) != ticked:
            if aim.state["radio"] and not ticked:
                raise unwalkable(f"không bỏ chọn được {thing(target)}; chỉ có thể chọn ô khác cùng nhóm")
            await aim.element.set_checked(ticked, timeout=self.means.timeout_ms())
            stage.tally.ticked()
        return Done(began, stage.clock())
