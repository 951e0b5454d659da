"""What the citizen does with the keyboard."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Error as PlaywrightError

from checks.elements_vi import thing
from checks.journey import Clear, Fill, Press, Totp, Type
from checks.locator import Locator
from checks.targets import FillTarget, TotpTarget
from probes.browser.aim import Aim, Want
from probes.browser.goals import Done
from probes.browser.means import Means
from probes.browser.pulse import is_passing
from probes.browser.stage import unwalkable
from probes.browser.totp import password

KeyboardAction = Fill | Clear | Type | Press | Totp

_TO_THE_END = "() => getSelection().modify('move', 'forward', 'documentboundary')"
_LINE_END = re.compile(r"\r\n?|\n")


@dataclass(slots=True)
class Keyboard:
    """Types into fields and presses keys, after the guard has judged them."""

    means: Means

    async def perform(self, action: KeyboardAction) -> Done:
        """Do one thing; see `Actions.perform`."""
        match action:
            case Fill():
                return await self._fill(action.fill)
            case Clear():
                return await self._clear(action.clear)
            case Type():
                return await self._type(action.type)
            case Press():
                return await self._press(action.press.key)
            case Totp():
                return await self._totp(action.totp)

    async def _fill(self, target: FillTarget) -> Done:
        value = self.means.stage.resolve(target.value)
        aim, done = await self._put(target, value)
        if value:
            self._given(aim, value)
        else:
            self._emptied(aim)
        return done

    async def _clear(self, target: Locator) -> Done:
        aim, done = await self._put(target, "")
        self._emptied(aim)
        return done

    async def _put(self, target: Locator, text: str) -> tuple[Aim, Done]:
        """Put `text` in the place of what stands in a field; again, when the page moved the focus meanwhile.

        Raises:
            StepError: The guard refuses, or the field takes no such value.
        """
        stage = self.means.stage
        while True:
            aim = await self.means.finder.aim(target, Want(write=True))
            self.means.guard.typing(str(aim.state["href"]))
            began, missed = stage.clock(), stage.watch.missed
            await self._write(aim, text)
            ended = stage.clock()
            wrote = await self._wrote()
            stage.watch.spent(stage.clock() - ended)
            if (aim.state["numeric"] or aim.state["picker"]) and text and wrote["empty"]:
                raise unwalkable(f"{thing(target)} không nhận giá trị ghi trong phép đo")
            if stage.watch.missed == missed and not wrote["astray"]:
                return aim, Done(began, ended)
            stage.watch.repeated = stage.watch.missed

    async def _wrote(self) -> Mapping[str, Any]:
        """Ask the page whether the text went astray, and whether the field is empty."""
        stage = self.means.stage
        try:
            answer: Mapping[str, Any] = await stage.page.evaluate(f"() => window[{stage.walk.key!r}].wrote()")
        except PlaywrightError as error:
            if not is_passing(error):
                raise
            return {"astray": False, "empty": False}  # the page has gone on at what was typed
        return answer

    async def _type(self, target: FillTarget) -> Done:
        stage = self.means.stage
        aim = await self.means.finder.aim(target, Want(write=True))
        self.means.guard.typing(str(aim.state["href"]))
        first, *further = _LINE_END.split(stage.resolve(target.value))
        began = stage.clock()
        await aim.element.focus(timeout=self.means.timeout_ms())
        await aim.element.evaluate(_TO_THE_END, timeout=self.means.timeout_ms())
        if " " in first and not aim.state["field"]:
            await self._judge("Space")
        await stage.page.keyboard.type(first)
        for line in further:  # a line's end is the key Enter, wherever the focus is by then
            await self._judge("Enter")
            await stage.page.keyboard.press("Enter")
            await stage.page.keyboard.type(line)
        self._given(aim, "\n".join((first, *further)))
        return Done(began, stage.clock())

    async def _write(self, aim: Aim, text: str) -> None:
        """Put `text` in the place of what stands in a field, as typing over what is marked does."""
        keyboard = self.means.stage.page.keyboard
        if not aim.state["ready"]:  # a date, a colour, a field in a frame
            await aim.element.fill(text, timeout=self.means.timeout_ms())
        elif text:
            await keyboard.insert_text(text)
        else:
            await keyboard.press("Delete")

    def _emptied(self, aim: Aim) -> None:
        """Count that a field was emptied."""
        if aim.state["picker"]:
            self.means.stage.tally.chose()
        else:
            self.means.stage.tally.pressed()

    def _given(self, aim: Aim, value: str) -> None:
        """Count a value that a field was given."""
        if aim.state["picker"]:
            self.means.stage.tally.picked(value)
        else:
            self.means.stage.tally.typed(value)

    async def _press(self, key: str) -> Done:
        stage = self.means.stage
        await self._judge(key)
        began = stage.clock()
        await stage.page.keyboard.press(key)
        stage.tally.pressed()
        return Done(began, stage.clock())

    async def _judge(self, key: str) -> None:
        """Ask the guard whether `key` may be pressed where the focus is."""
        stage = self.means.stage
        focus = await stage.page.evaluate(f"() => window[{stage.walk.key!r}].focus()")
        self.means.guard.typing(str(focus["href"]))
        self.means.guard.key(key, focus)

    async def _totp(self, target: TotpTarget) -> Done:
        stage = self.means.stage
        secret = stage.resolve(target.secret)
        try:
            code = password(secret, stage.wall(), digits=target.digits, period_s=target.period)
        except ValueError:
            raise unwalkable("khoá của mã xác thực không phải base32") from None
        stage.secrets.learn(code, passing=True)
        _, done = await self._put(target, code)
        stage.tally.typed_otp(code)
        return done
