"""What the citizen does with the keyboard."""

from dataclasses import dataclass

from checks.journey import Fill, Press, Totp
from checks.targets import FillTarget, TotpTarget
from probes.browser.aim import Want
from probes.browser.goals import Done
from probes.browser.means import Means, unwalkable
from probes.browser.totp import password

KeyboardAction = Fill | Press | Totp


@dataclass(slots=True)
class Keyboard:
    """Types into fields and presses keys, after the guard has judged them."""

    means: Means

    async def perform(self, action: KeyboardAction) -> Done:
        """Do one thing; see `Actions.perform`."""
        match action:
            case Fill():
                return await self._fill(action.fill)
            case Press():
                return await self._press(action.press.key)
            case Totp():
                return await self._totp(action.totp)

    async def _fill(self, target: FillTarget) -> Done:
        stage = self.means.stage
        aim = await self.means.finder.aim(target, Want(write=True))
        self.means.guard.typing(str(aim.state["href"]))
        value = stage.resolve(target.value)
        began = stage.clock()
        await aim.element.fill(value, timeout=self.means.timeout_ms())
        if aim.state["picker"]:
            stage.tally.picked(value)
        else:
            stage.tally.typed(value)
        return Done(began, stage.clock())

    async def _press(self, key: str) -> Done:
        stage = self.means.stage
        focus = await stage.page.evaluate(f"() => window[{stage.walk.key!r}].focus()")
        self.means.guard.typing(str(focus["href"]))
        self.means.guard.key(key, focus)
        began = stage.clock()
        await stage.page.keyboard.press(key)
        stage.tally.pressed()
        return Done(began, stage.clock())

    async def _totp(self, target: TotpTarget) -> Done:
        stage = self.means.stage
        aim = await self.means.finder.aim(target, Want(write=True))
        self.means.guard.typing(str(aim.state["href"]))
        secret = stage.resolve(target.secret)
        try:
            code = password(secret, stage.wall(), digits=target.digits, period_s=target.period)
        except ValueError:
            raise unwalkable("khoá của mã xác thực không phải base32") from None
        stage.secrets.learn(code, passing=True)
        began = stage.clock()
        await aim.element.fill(code, timeout=self.means.timeout_ms())
        stage.tally.typed_otp(code)
        return Done(began, stage.clock())
