"""What the citizen chooses in a form: options of lists, boxes and radio buttons."""

from dataclasses import dataclass

from checks.elements_vi import thing
from checks.journey import Select, Tick, Untick
from checks.locator import Locator
from checks.targets import SelectTarget
from probes.browser.aim import Aim, Want
from probes.browser.goals import Done
from probes.browser.means import Means
from probes.browser.pointer import Pointer
from probes.browser.stage import unwalkable

ChoiceAction = Select | Tick | Untick


@dataclass(slots=True)
class Choices:
    """Sets what can be chosen, after the guard has judged it."""

    means: Means
    pointer: Pointer

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
        choose = f"(els, index) => window[{stage.walk.key!r}].choose(els, index)"
        await aim.element.evaluate_all(choose, int(aim.state["option"]))
        stage.tally.chose()
        return Done(began, stage.clock())

    async def _tick(self, target: Locator, *, ticked: bool) -> Done:
        stage = self.means.stage

        def judge(aim: Aim) -> bool:
            self.means.guard.typing(str(aim.state["href"]))
            if bool(aim.state["checked"]) == ticked:
                return False
            if aim.state["radio"] and not ticked:
                raise unwalkable(f"không bỏ chọn được {thing(target)}; chỉ có thể chọn ô khác cùng nhóm")
            return True

        done = await self.pointer.press(target, Want(press=True, strike=True, permit="tick"), judge)
        if done is None:
            return Done(stage.clock(), stage.clock())
        stage.tally.chose()
        return done
