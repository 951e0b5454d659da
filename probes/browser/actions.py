"""What the citizen does, one action at a time. Each waits for its target, asks the guard, acts, and is counted."""

import asyncio
from dataclasses import dataclass, field

from checks.journey import Action, Dialogs, Expect, IfVisible, NewTab, OptionalPart, Store
from checks.locator import Condition
from checks.targets import DialogAnswer
from probes.browser.choices import ChoiceAction, Choices
from probes.browser.files import FileAction, Files
from probes.browser.goals import Done
from probes.browser.keyboard import Keyboard, KeyboardAction
from probes.browser.means import Means
from probes.browser.pointer import Pointer, PointerAction
from probes.browser.tabs import TabAction, Tabs


@dataclass(slots=True)
class Actions:
    """Performs the actions of one step, each with what the citizen uses for it.

    `dialogs` is how dialogs are answered from now on; `idle_s` is what was waited for optional parts that did not
    come, since the last act; before each act there is a pause of `pace_s`, for people who watch.
    """

    means: Means
    pace_s: float = 0.0
    dialogs: DialogAnswer | None = None
    idle_s: float = 0.0
    _pointer: Pointer = field(init=False)
    _choices: Choices = field(init=False)
    _keyboard: Keyboard = field(init=False)
    _files: Files = field(init=False)
    _tabs: Tabs = field(init=False)

    def __post_init__(self) -> None:
        self._pointer = Pointer(self.means)
        self._choices = Choices(self.means, self._pointer)
        self._keyboard, self._tabs = Keyboard(self.means), Tabs(self.means)
        self._files = Files(self.means, self._pointer)

    async def perform(self, action: Action) -> Done:
        """Do one thing; return when it was done.

        Raises:
            StepError: The walk must not go on, or cannot.
            TimeoutError: Its target did not come in time.
        """
        if isinstance(action, IfVisible):
            return await self._if_visible(action.if_visible)
        stage = self.means.stage
        done = await self._awaited(action)
        if done is None:
            stage.watch.spent(self.idle_s)
            self.idle_s = 0.0
            if self.pace_s:
                await asyncio.sleep(self.pace_s)
            stage.tabs, stage.acted = stage.watch.tabs, stage.clock()
            done = await self._act(action)
        self.means.goals.last = done
        return done

    async def _if_visible(self, part: OptionalPart) -> Done:
        """Do the actions of `part` if it is there in time; else nothing has happened."""
        stage, goals = self.means.stage, self.means.goals
        asked, before = stage.clock(), goals.last
        try:
            await self._appears(part)
        except TimeoutError:
            # Waiting for nothing is our time, as soon as the page itself had come to rest.
            last = goals.rested()
            self.idle_s += max(0.0, stage.clock() - max(asked, last))
            return before
        done = before
        for action in part.do:
            done = await self.perform(action)
        return done

    async def _appears(self, part: OptionalPart) -> None:
        """Wait for `part`, for as long as it is given; that time begins anew while the page is white."""
        stage, goals = self.means.stage, self.means.goals
        while True:
            try:
                async with asyncio.timeout(min(part.wait, max(0.0, stage.left_s))):
                    await goals.until(Condition(visible=part))
                    return
            except TimeoutError:
                if not stage.awaited.blank or stage.left_s <= 0.0:
                    raise
            await goals.in_sight()

    async def _awaited(self, action: Action) -> Done | None:
        """Wait for what the action waits for; None when it does something instead."""
        goals = self.means.goals
        match action:
            case Expect():
                moment = await goals.until(action.expect)
                return Done(moment, moment, goal=True)
            case Dialogs():
                self.dialogs = action.dialog
                return goals.last
            case Store():
                return await goals.store(action.store)
            case NewTab(new_tab="follow"):
                return await goals.new_tab()
        return None

    async def _act(self, action: Action) -> Done:
        if isinstance(action, PointerAction):
            return await self._pointer.perform(action)
        if isinstance(action, ChoiceAction):
            return await self._choices.perform(action)
        if isinstance(action, KeyboardAction):
            return await self._keyboard.perform(action)
        if isinstance(action, FileAction):
            return await self._files.perform(action)
        if isinstance(action, TabAction):
            return await self._tabs.perform(action)
        raise AssertionError(action)
