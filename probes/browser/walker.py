"""One walk: the steps of a journey in order, each timed from its first action to its goal."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from playwright.async_api import Dialog
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeout

from checks.elements_vi import quoted
from checks.journey import Back, Click, Goto, NewTab, Reload, Step, all_actions
from checks.run import AGENT, Reason, Verdict
from checks.targets import DialogAnswer
from probes.browser.actions import Actions
from probes.browser.aim import Finder
from probes.browser.alive import alive
from probes.browser.astray import settled
from probes.browser.diagnosis import broken_answer, explain
from probes.browser.goals import Done, Goals
from probes.browser.guard import Guard, refused_press
from probes.browser.holding import holds
from probes.browser.locate import folded
from probes.browser.look import look
from probes.browser.means import Means
from probes.browser.outline import outline
from probes.browser.pulse import is_passing
from probes.browser.stage import BrowserGoneError, Failure, Stage, StepError

_OUTLINE_S = 1.5
_ASK_S = 1.0
_EARLY_S = 0.1  # by so much a timeout of the driver may be early
_LEAVING = (Goto, Back, Reload, NewTab)
_JUDGED = 2000


def files(step: Step) -> bool:
    """Whether a step says that it files something."""
    return any(isinstance(action, Click) and action.click.submits for action in all_actions(step.do))


@dataclass(slots=True)
class Walked:
    """How one step went; moments are on the walk's clock."""

    step: Step
    began: float
    acted: float
    goal: float
    failure: Failure | None = None
    observe_s: float = 0.0
    clicks_to_find: int | None = None
    drift: tuple[str, ...] = ()
    goal_before: bool = False


@dataclass(slots=True)
class Walk:
    """Walks the steps of `stage.target` until one fails; `ends_at` is when the whole walk must be over.

    `look` is given each step that has reached its goal, while its screen is there. What it takes is nobody's time.
    `pace_s` is the pause before each act; a walk with pauses measures nothing. With `asks` each goal is asked for
    before its step begins.
    """

    stage: Stage
    guard: Guard
    ends_at: float
    walked: list[Walked] = field(default_factory=list)
    outline: str = ""
    look: Callable[[Step], Awaitable[None]] | None = None
    pace_s: float = 0.0
    asks: bool = False
    _dialogs: asyncio.Queue[Dialog] = field(default_factory=asyncio.Queue)
    _actions: Actions | None = None

    async def go(self, *, rehearse: bool = False) -> list[Walked]:
        """Walk; `rehearse` stops before anything would be filed, to warm the cache only."""
        await self.stage.walk.context.new_page()
        async with self.answering():
            for index, step in enumerate(self.stage.target.steps):
                if rehearse and files(step):
                    break
                before = self.asks and not rehearse and await self._asked_for(step)
                walked = await self.take(index, step)
                walked.goal_before = before
                self.walked.append(walked)
                if walked.failure is not None:
                    break
                if self.look is not None:
                    await self.look(step)
        return self.walked

    @asynccontextmanager
    async def answering(self) -> AsyncIterator[None]:
        """Answer dialogs while the block lasts."""
        answering = asyncio.create_task(self._answer_dialogs(), name="dialogs")
        try:
            yield
        finally:
            answering.cancel()
            await asyncio.wait({answering})

    def asked(self, dialog: Dialog) -> None:
        """Take a dialog that a page has opened; it is answered at once, beside the walk."""
        self._dialogs.put_nowait(dialog)

    def refused(self, name: str) -> None:
        """End the walk: the page script has held back a press that would have filed something."""
        self.stage.refusal = refused_press(name)

    async def _asked_for(self, step: Step) -> bool:
        """Whether the goal of `step` holds before it begins, on a screen that its first action does not leave.

        Asking takes time that is nobody's.
        """
        if step.until is None or not step.do or isinstance(step.do[0], _LEAVING):
            return False
        stage, asked = self.stage, self.stage.clock()
        try:
            async with asyncio.timeout(_ASK_S):
                beat = await stage.pulse.read()
                return beat is not None and not beat.blank and await holds(Finder(stage), stage.page, beat, step.until)
        except (TimeoutError, PlaywrightError):  # a page that does not answer shows no goal
            return False
        finally:
            if self.walked:
                self.walked[-1].observe_s += stage.clock() - asked

    async def take(self, index: int, step: Step) -> Walked:
        """Walk one step, whatever becomes of it; `index` is the number under which it is counted.

        Raises:
            BrowserGoneError: The browser ended by itself.
            PlaywrightError: Something unknown went wrong.
        """
        stage = self.stage
        stage.traffic.step = stage.watch.step = index
        stage.tally.begin(index)
        stage.watch.repeated = stage.watch.missed  # what an earlier step missed excuses nothing in this one
        began = stage.clock()
        timeout_s = step.timeout or stage.target.check.step_timeout
        stage.ends_at = min(began + timeout_s, self.ends_at)
        finder = Finder(stage)
        self._actions = Actions(Means(stage, self.guard, finder, Goals(stage, finder, Done(began, began))), self.pace_s)
        walked = Walked(step, began, began, began)
        try:
            async with asyncio.timeout(max(0.0, stage.left_s)):
                walked.goal = await self._to_goal(self._actions, step, walked)
            walked.failure = broken_answer(stage, step.until)
        except StepError as error:
            walked.goal = stage.clock()
            walked.failure = await settled(stage, error)
        except (TimeoutError, PlaywrightTimeout):
            walked.goal = stage.clock()
            cut = began + timeout_s > self.ends_at and walked.goal >= self.ends_at - _EARLY_S
            walked.failure = await self._out_of_time(index, walked, cut=cut)
        except PlaywrightError as error:
            walked.goal = stage.clock()
            walked.failure = await self._broken(error)
        walked.drift = tuple(finder.drift)
        await self._observe(walked, last=walked.failure is not None or index == len(stage.target.steps) - 1)
        if walked.failure is None and stage.refusal is not None:
            walked.failure = stage.refusal.failure
        if step.found and walked.failure is None:
            walked.clicks_to_find = stage.tally.total_clicks()
        return walked

    async def _to_goal(self, actions: Actions, step: Step, walked: Walked) -> float:
        goal = walked.began
        for action in step.do:
            done = await actions.perform(action)
            goal = done.ended
            if not done.goal:
                walked.acted = done.ended
            elif done.acted is not None:
                walked.acted = done.acted
        if step.until is not None:
            return max(await actions.means.goals.until(step.until), walked.began)
        if step.do and isinstance(step.do[-1], Goto | Back | Reload):
            return await actions.means.goals.settled()
        return goal

    async def _out_of_time(self, index: int, walked: Walked, *, cut: bool) -> Failure:
        try:
            alive(self.stage, None)
        except StepError as error:
            return await settled(self.stage, error)
        self.outline = await outline(self.stage.page, _OUTLINE_S)
        if self.stage.watch.missed > self.stage.watch.repeated:  # told too late for the press to be repeated
            return Failure(Verdict.INCONCLUSIVE, Reason.INTERNAL, AGENT, "máy đo biết quá muộn là đã bấm trượt")
        failure = await explain(self.stage, index, walked.began, walked.goal, self.outline)
        if not cut or failure.verdict is not Verdict.FAILED:
            return failure
        message = f"{failure.message} (hết thời gian của lượt đo)"
        return Failure(failure.verdict, Reason.DEADLINE, failure.blame, message)

    async def _broken(self, error: PlaywrightError) -> Failure:
        """A tab or browser that died under an action has said so; everything else is unknown and raised."""
        try:
            alive(self.stage, None)
        except StepError as known:
            return await settled(self.stage, known)
        if is_passing(error) and not self.stage.walk.browser.is_connected():
            raise BrowserGoneError("the browser process ended during the walk") from None
        raise error

    async def _observe(self, walked: Walked, *, last: bool) -> None:
        """Read out the screen; the step's clock has stopped."""
        began = self.stage.clock()
        await look(self.stage, last=last)
        walked.observe_s = self.stage.clock() - began

    async def _answer_dialogs(self) -> None:
        while True:
            dialog = await self._dialogs.get()
            answer = self._answer(dialog)
            try:
                await (dialog.dismiss() if answer is None else dialog.accept(answer))
            except PlaywrightError:  # its tab is gone, and the question with it
                continue

    def _answer(self, dialog: Dialog) -> str | None:
        """Return what a dialog is answered: a text (only a prompt reads it) to accept, None to dismiss."""
        actions, stage = self._actions, self.stage
        if stage.refusal is not None:
            return None  # the walk is over; nothing more is agreed to
        policy = actions.dialogs if actions is not None else None
        if policy is None or policy.kind not in (None, dialog.type):
            policy = DialogAnswer(answer="dismiss" if dialog.type == "prompt" else "accept")
        if policy.text is not None and folded(stage.resolve(policy.text)) not in folded(dialog.message):
            shown = stage.secrets.excerpt(dialog.message)
            message = f"hộp thoại ghi {quoted(shown)}, không có {quoted(policy.text)}"
            blame = stage.target.owners.blame(stage.page.url)
            stage.refusal = StepError(Failure(Verdict.FAILED, Reason.DIALOG, blame, message))
            return None
        if policy.answer == "dismiss":
            return None
        try:
            # A question is answered with yes only when the same press would be allowed; a notice asks nothing.
            if dialog.type != "alert":
                self.guard.press([dialog.message[:_JUDGED]], allowed=actions is not None and actions.means.submits)
        except StepError as refusal:
            stage.refusal = refusal
            return None
        return stage.resolve(policy.value or "")
