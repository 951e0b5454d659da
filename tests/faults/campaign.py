"""Runs faults through the real agent: breaks, waits for what the agent says, mends, waits until it says all is well."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from checks.run import NOBODY, Outcome, Reason, Verdict
from sandbox.province import Province
from sandbox.settings import Settings
from tests.faults.fault import WELL, Expected, Fault
from tests.faults.happenings import Scene
from tests.faults.looks import checks_file, every_s, plain_blame
from tests.faults.surroundings import made, names_served
from tests.faults.watcher import Watcher, watching
from tests.until import until

PATIENCE_S = 240.0
_TRIES = 6
_NOTHING = Fault("nothing", "", "Nothing is wrong.", "http", (), WELL)
_FEW, _AT_ONCE = 3, 12
"""Walks beside all the requests, and walks that share an agent else."""
_OWN_AT_ONCE = 2
_ACCUSING = frozenset({Verdict.FAILED, Verdict.SLOW, Verdict.BLOCKED})
_OURS = frozenset({Reason.AGENT_OVERLOAD, Reason.OVERLAP, Reason.AGENT_STOPPED, Reason.BACKOFF, Reason.CLOCK})


@dataclass(frozen=True, slots=True)
class Result:
    """What the agent said of a fault, and after it was mended; None when that was not asked, or nothing was said."""

    fault: Fault
    got: Expected | None
    message: str
    healthy_again: bool | None
    whole: bool = True

    @property
    def right(self) -> bool:
        """Whether everything is."""
        return self.accuses_rightly and self.explains_rightly

    @property
    def accuses_rightly(self) -> bool:
        """Whether verdict and blame are those expected, what was mended is well, and no slot is lost or unjust."""
        right = [(one.verdict, one.blame) for one in (self.fault.expected, *self.fault.also)]
        said_right = self.got is not None and (self.got.verdict, self.got.blame) in right
        return said_right and self.healthy_again is not False and self.whole

    @property
    def explains_rightly(self) -> bool:
        """Whether reason, step and number of attempts are those expected too."""
        return self.got in (self.fault.expected, *self.fault.also)


async def run(faults: Sequence[Fault], folder: Path, tell: Callable[[Result], None]) -> list[Result]:
    """Run faults: requests all at once, then walks some at a time, then those that need an agent each.

    Those beside which nothing can be measured come last, one after another. Results are told as they come, and returned
    in the order of `faults`.
    """
    results: dict[Fault, Result] = {}
    if any(fault.walks for fault in faults):
        await _rested(folder)
    own = [fault for fault in faults if fault.alone]
    quiet, last = [one for one in own if not one.disturbs], [one for one in own if one.disturbs]
    async for one in _each(faults, quiet, last, folder):
        results[one.fault] = one
        tell(one)
    return [results[fault] for fault in faults]


async def _each(
    faults: Sequence[Fault], quiet: Sequence[Fault], last: Sequence[Fault], folder: Path
) -> AsyncIterator[Result]:
    for number, some in enumerate(_shared(faults)):
        for one in await together(some, folder / f"together-{number}"):
            yield one
    gate = asyncio.Semaphore(_OWN_AT_ONCE)
    for judged in asyncio.as_completed([_by_itself(fault, folder, gate) for fault in quiet]):
        yield await judged
    for fault in last:
        yield await _by_itself(fault, folder, gate)


def _shared(faults: Sequence[Fault]) -> list[Sequence[Fault]]:
    """Share out what needs no agent of its own."""
    shared = [fault for fault in faults if not fault.alone]
    walks = [fault for fault in shared if fault.walks]
    first = [fault for fault in shared if not fault.walks] + walks[:_FEW]
    return [some for some in (first, *batched(walks[_FEW:], _AT_ONCE)) if some]


async def _by_itself(fault: Fault, folder: Path, gate: asyncio.Semaphore) -> Result:
    async with gate:
        try:
            return await alone(fault, folder / fault.id)
        except (AssertionError, TimeoutError) as error:  # the agent ended, or said nothing
            return Result(fault, None, repr(error), healthy_again=False)


def batched(faults: Sequence[Fault], most: int) -> list[Sequence[Fault]]:
    """Cut faults into parts of at most so many."""
    return [faults[start : start + most] for start in range(0, len(faults), most)]


async def _rested(folder: Path) -> None:
    """Have an agent with nothing to do learn how fast this machine is at rest; before that no walk accuses anybody."""
    async with AsyncExitStack() as stack:
        place = folder / "rested"
        await asyncio.to_thread(place.mkdir)
        well = await stack.enter_async_context(_province("well", place))
        checks = checks_file(place, {_NOTHING: await stack.enter_async_context(_province("idle", place))}, well)
        watcher = await stack.enter_async_context(watching(checks))
        reference = watcher.data / "reference.json"
        await until(lambda: asyncio.to_thread(_known, reference), bool, within_s=PATIENCE_S)


def _known(reference: Path) -> bool:
    return reference.exists() and json.loads(reference.read_text(encoding="utf-8"))["count"] > 1


async def _taught(folder: Path) -> None:
    """Give an agent's data folder what another has learnt of this machine at rest."""
    reference = folder.parent / "rested" / "data" / "reference.json"
    await asyncio.to_thread((folder / "data").mkdir, exist_ok=True)
    if await asyncio.to_thread(reference.exists):
        await asyncio.to_thread(shutil.copy, reference, folder / "data")


async def together(faults: Sequence[Fault], folder: Path) -> list[Result]:
    """Break everything in `faults` at once, each in a province of its own, under one agent."""
    await asyncio.to_thread(folder.mkdir)
    async with AsyncExitStack() as stack:
        provinces = {fault: await stack.enter_async_context(_province(fault.id, folder)) for fault in faults}
        for fault, province in provinces.items():
            await _break_down(fault, province)
        well = await stack.enter_async_context(_province("well", folder))
        checks, began = checks_file(folder, provinces, well), datetime.now(UTC)
        await _taught(folder)
        watcher = await stack.enter_async_context(watching(checks))
        async with asyncio.TaskGroup() as group:
            walks = sum(fault.walks for fault in faults)
            tasks = [group.create_task(_judged(*pair, watcher, began, walks)) for pair in provinces.items()]
        return [task.result() for task in tasks]


async def alone(fault: Fault, folder: Path) -> Result:
    """Break an agent, or where it lives, while it watches a province of its own."""
    await asyncio.to_thread(folder.mkdir)
    async with AsyncExitStack() as stack:
        ground = await stack.enter_async_context(made(fault.surroundings, folder))
        province = await stack.enter_async_context(_province(fault.id, folder, ground.host))
        well = await stack.enter_async_context(_province("well", folder, ground.host))
        if fault.surroundings.own_names:
            await stack.enter_async_context(names_served(folder, province.faults))
        await _break_down(fault, province)
        checks, began = checks_file(folder, {fault: province}, well, ground.browser), datetime.now(UTC)
        await _taught(folder)
        watcher = await stack.enter_async_context(watching(checks, ground.before, ground.environment))
        scene = Scene(province, watcher, folder, ground.line, began)
        async with fault.happens(scene) if fault.happens is not None else nullcontext():
            outcome = await _fair(watcher, fault, scene.since)
        healthy_again = await _mended(fault, province, watcher)
        return Result(fault, said(fault, outcome), outcome.run.message, healthy_again, _whole(fault, watcher))


def _province(name: str, folder: Path, host: str = "127.0.0.1") -> Province:
    return Province(Settings(data=folder / name, host=host, base_port=0))


async def _break_down(fault: Fault, province: Province) -> None:
    for one in fault.switches:
        await province.faults.set(f"host:{one.host}", one.fault, path=one.path, **one.numbers)


def _whole(fault: Fault, watcher: Watcher, walks: int = 1) -> bool:
    """Say whether each slot has one row, and none accuses anybody who is not expected to be."""
    steps = {late - early for early, late in pairwise(watcher.slots(fault.id))}
    runs = [outcome.run for outcome in watcher.outcomes(fault.id) if outcome.run.verdict in _ACCUSING]
    accused = {(run.verdict, plain_blame(fault, run.blame)) for run in runs}
    expected = {(one.verdict, one.blame) for one in (fault.expected, *fault.also)}
    return steps <= {timedelta(seconds=every_s(fault, walks))} and accused <= expected


async def _judged(fault: Fault, province: Province, watcher: Watcher, began: datetime, walks: int) -> Result:
    try:
        outcome = await _fair(watcher, fault, began)
        healthy_again = await _mended(fault, province, watcher)
    except (AssertionError, TimeoutError) as error:  # the agent ended, or said nothing
        return Result(fault, None, repr(error), healthy_again=False)
    whole = _whole(fault, watcher, walks)
    return Result(fault, said(fault, outcome), outcome.run.message, healthy_again, whole)


async def _mended(fault: Fault, province: Province, watcher: Watcher) -> bool | None:
    if not fault.mends:
        return None
    await province.faults.clear()
    return (await _fair(watcher, fault, datetime.now(UTC), mended=True)).run.verdict is Verdict.OK


async def _fair(watcher: Watcher, fault: Fault, after: datetime, *, mended: bool = False) -> Outcome:
    """Wait for the next outcome; again, some times, when a busy machine spoiled it and that was not expected."""
    welcome = (WELL,) if mended else (fault.expected, *fault.also)
    tries, seen = 0, set[str]()
    while tries < _TRIES:
        async with asyncio.timeout(PATIENCE_S):
            outcome = await watcher.outcome(fault.id, after, seen)
        run = outcome.run
        seen.add(run.id)
        tries += run.verdict is not Verdict.SKIPPED
        if said(fault, outcome) in welcome or not (run.health.degraded or run.reason in _OURS):
            break
    return outcome


def said(fault: Fault, outcome: Outcome) -> Expected:
    """Put what the agent said into the words of the catalogue."""
    run = outcome.run
    step = next((step.name for step in run.steps if step.verdict is not Verdict.OK), "")
    blame = NOBODY if run.verdict is Verdict.OK else plain_blame(fault, run.blame)
    return Expected(run.verdict, blame, run.reason, step, run.attempts)
