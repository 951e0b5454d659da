"""The agent's main loop: every due slot gets its row, then its walk. One row per slot, whatever happens."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

from agent.clock import SystemClock
from agent.fanout import Fanout
from agent.runner import Identity, Runner, skipped_run
from agent.schedule import Schedule
from agent.settled import interrupted_runs
from checks.config import AnyCheck, Config, Target
from checks.run import Outcome, Reason, Run, Slot, Verdict
from store.protocol import Store

_AT_ONCE = 5000
_LONGEST_WAIT_S = 1.0
_OUTDATED = "Máy đo quá tải: lượt này còn chờ khi lượt sau của cùng mục kiểm tra đã đến hạn, nên được bỏ."
_REMOVED = "Mục kiểm tra này đã được bỏ hoặc tắt trong cấu hình khi lượt này còn chờ."


@dataclass(frozen=True, slots=True)
class Due:
    """A slot with the check as it was when the slot fell due, and who measures it under which configuration."""

    slot: Slot
    target: Target[AnyCheck]
    identity: Identity


@dataclass(slots=True)
class Rounds:
    """Opens a row for each due slot and starts its walk; ends the walks when told to stop."""

    config: Config
    store: Store
    runner: Runner
    fanout: Fanout
    clock: SystemClock
    identity: Identity
    schedule: Schedule
    _taken_s: float = field(init=False)
    _walks: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _slots: dict[str, Slot] = field(default_factory=dict)
    _outdated: set[str] = field(default_factory=set)
    _removed: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._taken_s = self.clock.monotonic()

    @property
    def walking(self) -> tuple[str, ...]:
        """The checks that have a slot queued or under way."""
        return tuple(self._walks)

    def adopt(self, config: Config, identity: Identity) -> None:
        """Go on with other checks. Walks under way end as they began; what waits of a check that is gone is skipped."""
        self.config, self.identity = config, identity
        self.schedule.adopt([target.check for target in config.targets.values()], self.clock.now())
        for check, task in self._walks.items():
            slot, target = self._slots[check], config.targets.get(check)
            if (target is None or not target.check.enabled) and slot.id not in self.runner.begun:
                self._removed.add(slot.id)
                task.cancel()

    async def run(self, stop: asyncio.Event, grace_s: float) -> None:
        """Work until `stop` is set; then give walks that are being measured `grace_s` to finish.

        Every slot that was opened has its outcome handed to the fanout when this returns.
        """
        async with asyncio.TaskGroup() as group:
            while not stop.is_set():
                await self._take(group)
                await self._pause(stop)
            await self._wind_down(grace_s)

    async def _take(self, group: asyncio.TaskGroup) -> None:
        """Start what is due, or skip it when something happened to the clocks meanwhile: it was never due in time."""
        # In this order: what happens between two of these readings is found by this call or, once more, by the next.
        since_s, self._taken_s = self._taken_s, self.clock.monotonic()
        now, trouble = self.clock.now(), self.clock.trouble_since(since_s)
        if trouble is None or (trouble.span_s <= 0 and not trouble.is_far):  # set back: no slot was passed over
            await self._start(group, self.schedule.take_due(now))
            return
        if trouble.is_far:
            self.schedule.restart(now)
        self.fanout.skip(self.schedule.take_due(now), trouble.reason, trouble.words)

    async def _start(self, group: asyncio.TaskGroup, due: Sequence[Slot]) -> None:
        """Open a row for each slot, then walk the newest of each check."""
        if not due:
            return
        targets, identity = self.config.targets, self.identity  # a reload may come while rows are opened
        opened = await self.fanout.open(due)
        newest = {slot.check: slot.id for slot in due}
        for slot in due:
            if slot.id in opened:
                self._begin(group, Due(slot, targets[slot.check], identity), newest=newest[slot.check] == slot.id)

    def _begin(self, group: asyncio.TaskGroup, due: Due, *, newest: bool) -> None:
        slot = due.slot
        if not newest:
            self._skip(due, Reason.AGENT_STOPPED)
        elif slot.check in self._walks and self._slots[slot.check].id in self.runner.begun:
            self._skip(due, Reason.OVERLAP)
        else:
            if slot.check in self._walks:  # it still waits, and what is measured should be fresh
                self._outdated.add(self._slots[slot.check].id)
                self._walks[slot.check].cancel()
            walk = group.create_task(self._walk(due), name=f"walk {slot.id}")
            walk.add_done_callback(partial(self._ended, due))
            self._walks[slot.check], self._slots[slot.check] = walk, slot

    def _skip(self, due: Due, reason: Reason, verdict: Verdict = Verdict.SKIPPED, why: str | None = None) -> None:
        now = self.clock.now()
        run = skipped_run(due.target, due.slot, due.identity, reason, now, verdict=verdict, why=why)
        self.fanout.put(Outcome(run=run))

    async def _walk(self, due: Due) -> None:
        self.fanout.put(await self.runner.run(due.target, due.slot, due.identity))

    def _ended(self, due: Due, walk: asyncio.Task[None]) -> None:
        """Let go of a walk; of one that was cancelled, say so. In a callback: before its first move it runs nothing."""
        slot = due.slot
        if walk.cancelled():
            self._ended_early(due)
        self._outdated.discard(slot.id)
        self._removed.discard(slot.id)
        self.runner.begun.discard(slot.id)
        if self._slots[slot.check].id == slot.id:
            del self._walks[slot.check]

    def _ended_early(self, due: Due) -> None:
        if due.slot.id in self._outdated:
            self._skip(due, Reason.AGENT_OVERLOAD, why=_OUTDATED)
        elif due.slot.id in self._removed:
            self._skip(due, Reason.AGENT_STOPPED, why=_REMOVED)
        else:
            begun = due.slot.id in self.runner.begun
            self._skip(due, Reason.AGENT_STOPPED, Verdict.INCONCLUSIVE if begun else Verdict.SKIPPED)

    async def _pause(self, stop: asyncio.Event) -> None:
        """Wait for the next slot, at most a second: the wall clock may be moved meanwhile."""
        due = self.schedule.next_moment()
        wait_s = (due - self.clock.now()).total_seconds() if due is not None else _LONGEST_WAIT_S
        try:
            async with asyncio.timeout(min(max(wait_s, 0.0), _LONGEST_WAIT_S)):
                await stop.wait()
        except TimeoutError:
            pass

    async def _wind_down(self, grace_s: float) -> None:
        for task in (self._walks[check] for check in self._idle()):
            task.cancel()
        measured = list(self._walks.values())
        if measured:
            _, late = await asyncio.wait(measured, timeout=grace_s)
            for task in late:
                task.cancel()

    def _idle(self) -> Iterable[str]:
        return [check for check in self._walks if self._slots[check].id not in self.runner.measuring]


async def catch_up(rounds: Rounds, location: str) -> tuple[int, int]:
    """Settle what an earlier process left: open rows become inconclusive, slots it never reached become skipped.

    Returns how many of each. Raises StoreError.
    """
    left = await rounds.store.unfinished(location)
    latest = await rounds.store.latest() if left else {}
    for start in range(0, len(left), _AT_ONCE):
        runs = interrupted_runs(
            left[start : start + _AT_ONCE], rounds.config, latest, rounds.identity, rounds.clock.now()
        )
        await rounds.store.save_many(runs)
    missed = rounds.schedule.take_due(rounds.clock.now())
    for start in range(0, len(missed), _AT_ONCE):
        await rounds.store.save_many([_missed(rounds, slot) for slot in missed[start : start + _AT_ONCE]])
    return len(left), len(missed)


def _missed(rounds: Rounds, slot: Slot) -> Run:
    target = rounds.config.targets[slot.check]
    return skipped_run(target, slot, rounds.identity, Reason.AGENT_STOPPED, rounds.clock.now())
