"""What the citizen does, one action at a time. Each waits for its target, asks the guard, acts, and is counted."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page

from checks.journey import (
    Action,
    Click,
    Expect,
    Fill,
    Goto,
    Press,
    Select,
    Tick,
    Upload,
)
from checks.locator import Condition, Locator
from checks.run import AGENT, Reason, Verdict
from probes.browser.aim import Finder, Permit, Want
from probes.browser.alive import alive
from probes.browser.attachment import MIME, content
from probes.browser.guard import Guard
from probes.browser.locate import folded, visible
from probes.browser.look import look
from probes.browser.neterrors import code_of
from probes.browser.pulse import Beat
from probes.browser.stage import Awaited, Failure, Stage, StepError
from probes.browser.wait import came_true

_MARGIN_S = 0.02


@dataclass(frozen=True, slots=True)
class Done:
    """When an action began to act on its target and when it was over; `goal` when it was an expectation."""

    began: float
    ended: float
    goal: bool = False


@dataclass(slots=True)
class Actions:
    """Performs the actions of one walk.

    `last` is the action before, after which waiting begins; `submits` whether the latest click said so.
    """

    stage: Stage
    guard: Guard
    last: Done
    finder: Finder
    submits: bool = False

    async def perform(self, action: Action) -> Done:
        """Do one thing; return when it was done.

        Raises:
            StepError: The walk must not go on, or cannot.
            TimeoutError: Its target did not come in time.
        """
        self.last = await self._act(action)
        return self.last

    async def _act(self, action: Action) -> Done:  # noqa: PLR0911 -- one line for each kind of action
        match action:
            case Goto():
                return await self._goto(self.stage.resolve(action.goto))
            case Click():
                return await self._click(action)
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
            case Expect():
                moment = await self.until(action.expect)
                return Done(moment, moment, goal=True)

    async def until(self, condition: Condition) -> float:
        """Wait until `condition` is true; return the moment it became so."""

        async def look(page: Page, beat: Beat) -> bool | None:
            return await self._holds(page, beat, condition) or None

        self.stage.awaited = Awaited(condition)
        fresh = condition.url is not None or condition.hidden is not None
        element = condition.visible or condition.hidden
        return await self._wait(look, fresh=fresh, locators=element.alternatives if element is not None else ())

    async def settled(self) -> float:
        """Wait until the document is there in full; return when: the goal of a step that names none."""

        async def look(_page: Page, beat: Beat) -> bool | None:
            return beat.ready or None

        self.stage.awaited = Awaited()
        return await self._wait(look, fresh=True)

    async def _wait(
        self,
        look: Callable[[Page, Beat], Awaitable[bool | None]],
        *,
        fresh: bool,
        locators: tuple[Locator, ...] = (),
    ) -> float:
        _, moment = await came_true(
            self.stage,
            look,
            alive=self._alive,
            heart=lambda: self.stage.heart(locators),
            began=self.last.began,
            done=self.last.ended,
            fresh=fresh,
        )
        return moment

    def _alive(self, beat: Beat | None) -> None:
        alive(self.stage, beat)

    async def _holds(self, page: Page, beat: Beat, condition: Condition) -> bool:
        resolve = self.stage.resolve
        if condition.visible is not None:
            return await self.finder.seen(page, condition.visible)
        if condition.hidden is not None:
            ways = condition.hidden.alternatives
            return beat.ready and not any([await visible(page, one, resolve).count() for one in ways])
        if condition.text is not None:
            return await visible(page, Locator(text=condition.text), resolve).count() > 0
        if condition.url is not None:
            part = resolve(condition.url)
            return part in beat.href or part in unquote(beat.href)
        title = str(await page.evaluate(f"() => window[{self.stage.walk.key!r}].title()"))
        return folded(resolve(condition.title or "")) in folded(title)

    # -- the actions

    async def _goto(self, url: str) -> Done:
        if urlsplit(url).scheme not in ("http", "https"):
            raise StepError(Failure(Verdict.INCONCLUSIVE, Reason.CONFIG, AGENT, "địa chỉ phải là http hoặc https"))
        self.stage.awaited = Awaited()
        if self.last.ended > self.last.began:  # inside a step; between steps the screen has just been read out
            asked = self.stage.clock()
            await look(self.stage)
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

    async def _click(self, action: Click) -> Done:
        permit: Permit = "submit" if action.click.submits and self.guard.may_submit else "no"
        aim = await self.finder.aim(action.click, Want(press=True, permit="open" if action.click.opens else permit))
        said = [name for name in (action.click.name, action.click.text) if name is not None]
        names = [self.stage.secrets.redact(str(name)) for name in (*aim.state["names"], *said)]
        if not (action.click.opens and aim.state["link"]):
            self.guard.press(names, allowed=action.click.submits)
        self.submits = action.click.submits
        began = self.stage.clock()
        if self.stage.walk.device == "mobile":
            await aim.element.tap(timeout=self._timeout_ms(), no_wait_after=True)
        else:
            await aim.element.click(timeout=self._timeout_ms(), no_wait_after=True)
        self.stage.tally.clicked()
        return Done(began, self.stage.clock())

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
