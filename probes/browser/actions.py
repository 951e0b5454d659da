"""What the citizen does, one action at a time. Each waits for its target, asks the guard, acts, and is counted."""

import asyncio
from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.async_api import Error as PlaywrightError

from checks.journey import (
    Action,
    Click,
    Dialogs,
    Download,
    Expect,
    Fill,
    Goto,
    IfVisible,
    NewTab,
    OptionalPart,
    Press,
    Select,
    Store,
    Tick,
    Totp,
    Upload,
)
from checks.locator import Condition, Locator
from checks.run import AGENT, Reason, Verdict
from checks.targets import ClickTarget, DialogAnswer, DownloadTarget, TotpTarget
from probes.browser.aim import Aim, Finder, Permit, Want
from probes.browser.alive import alive
from probes.browser.attachment import MIME, content
from probes.browser.goals import Done, Goals
from probes.browser.guard import Guard
from probes.browser.look import look as look_at
from probes.browser.neterrors import code_of
from probes.browser.received import fault
from probes.browser.stage import Awaited, Failure, Stage, StepError
from probes.browser.totp import password

_MARGIN_S = 0.02


@dataclass(slots=True)
class Actions:
    """Performs the actions of one walk.

    `submits` tells whether the latest click said so; `dialogs` how dialogs are answered from now on; `idle_s` is
    what was waited for optional parts that did not come, since the last act.
    """

    stage: Stage
    guard: Guard
    finder: Finder
    goals: Goals
    submits: bool = False
    dialogs: DialogAnswer | None = None
    idle_s: float = 0.0

    async def perform(self, action: Action) -> Done:
        """Do one thing; return when it was done.

        Raises:
            StepError: The walk must not go on, or cannot.
            TimeoutError: Its target did not come in time.
        """
        if isinstance(action, IfVisible):
            return await self._if_visible(action.if_visible)
        done = await self._awaited(action)
        if done is None:
            self.stage.watch.spent(self.idle_s)
            self.idle_s = 0.0
            self.stage.tabs = self.stage.watch.tabs
            done = await self._act(action)
        self.goals.last = done
        return done

    async def _if_visible(self, part: OptionalPart) -> Done:
        """Do the actions of `part` if it is there in time; else nothing has happened."""
        asked, before = self.stage.clock(), self.goals.last
        try:
            async with asyncio.timeout(min(part.wait, max(0.0, self.stage.left_s))):
                await self.goals.until(Condition(visible=part))
        except TimeoutError:
            # Waiting for nothing is our time, as soon as the page itself had come to rest.
            last = self.goals.rested()
            self.idle_s += max(0.0, self.stage.clock() - max(asked, last))
            return before
        done = before
        for action in part.do:
            done = await self.perform(action)
        return done

    async def _awaited(self, action: Action) -> Done | None:
        """Wait for what the action waits for; None when it does something instead."""
        match action:
            case Expect():
                moment = await self.goals.until(action.expect)
                return Done(moment, moment, goal=True)
            case Dialogs():
                self.dialogs = action.dialog
                return self.goals.last
            case Store():
                return await self.goals.store(action.store)
            case NewTab(new_tab="follow"):
                return await self.goals.new_tab()
        return None

    async def _act(self, action: Action) -> Done:  # noqa: C901, PLR0911 -- one line for each kind of action
        match action:
            case Goto():
                return await self._goto(self.stage.resolve(action.goto))
            case Click():
                return await self._click(action.click)
            case Fill():
                return await self._fill(action)
            case Select():
                return await self._select(action)
            case Tick():
                return await self._tick(action)
            case Upload():
                return await self._upload(action)
            case Press():
                return await self._press(action.press.key)
            case Download():
                return await self._download(action.download)
            case Totp():
                return await self._totp(action.totp)
            case NewTab():
                return await self._close_tab()
        raise AssertionError(action)

    # -- the actions

    async def _goto(self, url: str) -> Done:
        if urlsplit(url).scheme not in ("http", "https"):
            raise StepError(Failure(Verdict.INCONCLUSIVE, Reason.CONFIG, AGENT, "địa chỉ phải là http hoặc https"))
        self.stage.awaited = Awaited()
        if (
            self.goals.last.ended > self.goals.last.began
        ):  # inside a step; between steps the screen has just been read out
            asked = self.stage.clock()
            await look_at(self.stage)
            self.stage.watch.spent(self.stage.clock() - asked)
        began = self.stage.clock()
        try:
            await self.stage.page.goto(url, wait_until="commit", timeout=self._timeout_ms())
        except PlaywrightError as error:
            # The traffic monitor knows why; a download or a page that moved on at once is not an error.
            if code_of(error.message) is None and "interrupted by another navigation" not in error.message:
                raise
            alive(self.stage, None)
            if code_of(error.message) not in (None, "ERR_ABORTED"):
                raise
        return Done(began, self.stage.clock())

    async def _click(self, target: ClickTarget) -> Done:
        permit: Permit = "submit" if target.submits and self.guard.may_submit else "no"
        aim = await self.finder.aim(target, Want(press=True, permit="open" if target.opens else permit))
        if not (target.opens and aim.state["link"]):
            self._judge(aim, target, allowed=target.submits)
        self.submits = target.submits
        return await self._hit(aim)

    def _judge(self, aim: Aim, target: Locator, *, allowed: bool) -> None:
        """Ask the guard about every name the target goes by: on the page, and in the journey."""
        said = [name for way in target.alternatives for name in (way.name, way.text) if name is not None]
        names = [self.stage.secrets.redact(str(name)) for name in (*aim.state["names"], *said)]
        self.guard.press(names, allowed=allowed)

    async def _hit(self, aim: Aim) -> Done:
        began = self.stage.clock()
        if self.stage.walk.device == "mobile":
            await aim.element.tap(timeout=self._timeout_ms(), no_wait_after=True)
        else:
            await aim.element.click(timeout=self._timeout_ms(), no_wait_after=True)
        self.stage.tally.clicked()
        return Done(began, self.stage.clock())

    async def _download(self, target: DownloadTarget) -> Done:
        aim = await self.finder.aim(target, Want(press=True))
        self._judge(aim, target, allowed=False)
        self.submits = False
        arrived = self.stage.watch.downloads
        while not arrived.empty():
            arrived.get_nowait()
        click = await self._hit(aim)
        self.stage.awaited = Awaited(says="không có tệp nào được tải về", reason=Reason.DOWNLOAD)
        download = await arrived.get()
        try:
            path = await download.path()
        except PlaywrightError:
            raise self._bad_file("tệp tải về bị đứt giữa chừng") from None
        ended = self.stage.clock()
        name = None if target.file.name is None else self.stage.resolve(target.file.name)
        wrong = await asyncio.to_thread(fault, target.file, name, download.suggested_filename, path)
        if wrong:
            raise self._bad_file(wrong)
        newest = self.stage.page
        if self.stage.watch.tabs > self.stage.tabs and newest.url in ("", ":", "about:blank"):
            await newest.close()  # opened for the file alone; a full browser closes it by itself
        return Done(click.began, ended, goal=True, acted=click.ended)

    def _bad_file(self, message: str) -> StepError:
        blame = self.stage.target.owners.blame(self.stage.page.url)
        return StepError(Failure(Verdict.FAILED, Reason.DOWNLOAD, blame, message))

    async def _totp(self, target: TotpTarget) -> Done:
        aim = await self.finder.aim(target, Want(write=True))
        self.guard.typing(str(aim.state["href"]))
        secret = self.stage.resolve(target.secret)
        try:
            code = password(secret, self.stage.wall(), digits=target.digits, period_s=target.period)
        except ValueError:
            raise StepError(
                Failure(Verdict.INCONCLUSIVE, Reason.CONFIG, AGENT, "khoá của mã xác thực không phải base32")
            ) from None
        began = self.stage.clock()
        await aim.element.fill(code, timeout=self._timeout_ms())
        self.stage.tally.typed_otp(code)
        return Done(began, self.stage.clock())

    async def _close_tab(self) -> Done:
        stage = self.stage
        if len(stage.walk.context.pages) == 1:
            raise StepError(Failure(Verdict.INCONCLUSIVE, Reason.CONFIG, AGENT, "chỉ còn một thẻ, không thể đóng"))
        asked = stage.clock()
        await look_at(stage, last=True)
        stage.watch.spent(stage.clock() - asked)
        began = stage.clock()
        await stage.page.close()
        await stage.page.bring_to_front()
        return Done(began, stage.clock())

    async def _fill(self, action: Fill) -> Done:
        aim = await self.finder.aim(action.fill, Want(write=True))
        self.guard.typing(str(aim.state["href"]))
        value = self.stage.resolve(action.fill.value)
        began = self.stage.clock()
        await aim.element.fill(value, timeout=self._timeout_ms())
        self.stage.tally.typed(value)
        return Done(began, self.stage.clock())

    async def _select(self, action: Select) -> Done:
        aim = await self.finder.aim(action.select, Want(option=self.stage.resolve(action.select.option)))
        self.guard.typing(str(aim.state["href"]))
        began = self.stage.clock()
        await aim.element.select_option(index=int(aim.state["option"]), timeout=self._timeout_ms())
        self.stage.tally.chose()
        return Done(began, self.stage.clock())

    async def _tick(self, action: Tick) -> Done:
        # A declaration to be ticked may well speak of filing; ticking it files nothing.
        aim = await self.finder.aim(action.check, Want(press=True, permit="submit"))
        self.guard.typing(str(aim.state["href"]))
        began = self.stage.clock()
        if bool(aim.state["checked"]) != action.check.checked:
            await aim.element.set_checked(action.check.checked, timeout=self._timeout_ms())
            self.stage.tally.ticked()
        return Done(began, self.stage.clock())

    async def _upload(self, action: Upload) -> Done:
        aim = await self.finder.aim(action.upload, Want(seen=False))
        self.guard.typing(str(aim.state["href"]))
        file = action.upload.file
        name = f"{self.stage.resolve(file.name)}.{file.type}"
        began = self.stage.clock()
        await aim.element.set_input_files(
            {"name": name, "mimeType": MIME[file.type], "buffer": content(file)}, timeout=self._timeout_ms()
        )
        self.stage.tally.attached()
        return Done(began, self.stage.clock())

    async def _press(self, key: str) -> Done:
        focus = await self.stage.page.evaluate(f"() => window[{self.stage.walk.key!r}].focus()")
        self.guard.typing(str(focus["href"]))
        self.guard.key(key, focus)
        began = self.stage.clock()
        await self.stage.page.keyboard.press(key)
        self.stage.tally.pressed()
        return Done(began, self.stage.clock())

    def _timeout_ms(self) -> float:
        # A little before our own bound, so that the driver has given up when we do and cannot act later.
        return max(1.0, (self.stage.left_s - _MARGIN_S) * 1000)
