"""What always follows a walk: signing out, cleaning up. As far as it goes, and never held against anyone."""

import asyncio
from contextlib import suppress

from playwright.async_api import Error as PlaywrightError

from checks.bind import is_secret, strings
from checks.errors import SecretError
from checks.journey import Step, Store, all_actions
from checks.run import AfterRun, Verdict
from checks.text import references
from probes.browser.alive import UnknownNetError
from probes.browser.pulse import PageTamperedError
from probes.browser.stage import BrowserGoneError, Stage
from probes.browser.walker import Walk, Walked, files

OURS = (PlaywrightError, UnknownNetError, PageTamperedError, SecretError, BrowserGoneError)
"""What may be raised under a step; after the walk it must not cost the walk's result."""


async def close(walk: Walk, ends_at: float, *, rehearse: bool = False) -> tuple[AfterRun, ...]:
    """Do the steps that always follow, each whatever became of the one before; all must be over by `ends_at`.

    After a rehearsal nothing is filed here either.
    """
    stage, told = walk.stage, list[AfterRun]()
    steps = [step for step in stage.target.always if not (rehearse and files(step))]
    if not steps:
        return ()
    crashed, walk_ends_at, walk.ends_at = stage.watch.crashed, walk.ends_at, ends_at
    stage.recover()
    with suppress(TimeoutError, *OURS):  # the time is up, or there is no tab to do it in
        async with asyncio.timeout(max(0.0, ends_at - stage.clock())), walk.answering():
            if crashed:
                await stage.walk.context.new_page()
            for index, step in enumerate(steps, len(stage.target.steps)):
                told.append(await _step(walk, index, step))
    walk.ends_at = walk_ends_at
    return (*told, *(_skipped(stage, step, "không kịp làm xong") for step in steps[len(told) :]))


async def _step(walk: Walk, index: int, step: Step) -> AfterRun:
    stage = walk.stage
    lacking = _lacking(stage, step)
    if lacking:
        return _skipped(stage, step, f"lượt đi chưa tới chỗ ghi nhớ {', '.join(lacking)}")
    try:
        walked = await walk.take(index, step)
    except OURS as error:
        said = stage.secrets.redact(f"máy đo không làm được: {type(error).__name__}")
        return AfterRun(name=_name(stage, step), verdict=Verdict.INCONCLUSIVE, message=said)
    finally:
        stage.recover()
    return _told(stage, walked)


def _skipped(stage: Stage, step: Step, why: str) -> AfterRun:
    return AfterRun(name=_name(stage, step), verdict=Verdict.SKIPPED, message=why)


def _told(stage: Stage, walked: Walked) -> AfterRun:
    failure = walked.failure
    return AfterRun(
        name=_name(stage, walked.step),
        verdict=Verdict.OK if failure is None else failure.verdict,
        message="" if failure is None else stage.secrets.redact(failure.message),
        duration_s=max(0.0, walked.goal - walked.began),
    )


def _name(stage: Stage, step: Step) -> str:
    return stage.secrets.redact(step.name)


def _lacking(stage: Stage, step: Step) -> list[str]:
    """Return the names of values that the walk did not come to store."""
    own = {action.store.as_ for action in all_actions(step.do) if isinstance(action, Store)}
    texts = (text for _, text in strings(step.model_dump(by_alias=True)))
    named = dict.fromkeys(name for text in texts for name in references(text) if not is_secret(name))
    return [name for name in named if name not in stage.stored and name not in own]
