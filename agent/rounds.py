"""The agent's main loop: every due slot gets its row, then its walk. One row per slot, whatever happens."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

import structlog

from agent.clock import SystemClock
from agent.fanout import Fanout
from agent.runner import Identity, Runner, skipped_run
from agent.schedule import Schedule
from checks.config import Config
from checks.run import Outcome, Reason, Slot, Verdict
from store.protocol import Store, StoreError

log = structlog.get_logger(__name__)

_AT_ONCE = 5000
_LONGEST_WAIT_S = 1.0


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
    store_errors: int = 0
    _unopened: list[Slot] = field(default_factory=list)
    _walks: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _slots: dict[str, Slot] = field(default_factory=dict)

    @property
    def walking(self) -> tuple[str, ...]:
        """The checks that have a slot queued or under way."""
        return tuple(self._walks)

    async def run(self, stop: asyncio.Event, grace_s: float) -> None:
        """Work until `stop` is set; then give walks that are being measured `grace_s` to finish.

        Every slot that was opened has its outcome handed to the fanout when this returns.
        """
        async with asyncio.TaskGroup() as group:
            while not stop.is_set():
                self._unopened += self.schedule.take_due(self.clock.now())
                await self._start_due(group)
                await self._pause(stop)
            await self._wind_down(grace_s)

    async def _start_due(self, group: asyncio.TaskGroup) -> None:
        """Open a row for each due slot, then walk the newest of each check; a store that is away is tried again."""
        if not self._unopened:
            return
        try:
            opened = await self.store.open_slots(self._unopened, self.clock.now())
        except StoreError as error:
            self.store_errors += 1
            log.error("slots_not_opened", slots=len(self._unopened), error=str(error))  # noqa: TRY400  # says it all
            return
        newest = {slot.check: slot.id for slot in self._unopened}
        due, self._unopened = self._unopened, []
        for slot in due:
            if slot.id not in opened:
                continue
            if newest[slot.check] != slot.id:
                self._skip(slot, Reason.AGENT_STOPPED)
            elif slot.check in self._walks:
                self._skip(slot, Reason.OVERLAP)
            else:
                self._walks[slot.check] = group.create_task(self._walk(slot), name=f"walk {slot.id}")
                self._slots[slot.check] = slot

    def _skip(self, slot: Slot, reason: Reason, verdict: Verdict = Verdict.SKIPPED) -> None:
        target = self.config.targets[slot.check]
        run = skipped_run(target, slot, self.identity, reason, self.clock.now(), verdict=verdict)
        self.fanout.put(Outcome(run=run))

    async def _walk(self, slot: Slot) -> None:
        target = self.config.targets[slot.check]
        try:
            outcome = await self.runner.run(target, slot, self.identity)
            self.fanout.put(outcome)
        except asyncio.CancelledError:
            begun = slot.id in self.runner.begun
            self._skip(slot, Reason.AGENT_STOPPED, Verdict.INCONCLUSIVE if begun else Verdict.SKIPPED)
            raise
        finally:
            self.runner.begun.discard(slot.id)
            del self._walks[slot.check]

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
    targets = rounds.config.targets
    open_slots = await rounds.store.unfinished(location)
    known = [slot for slot in open_slots if slot.check in targets]
    if len(known) < len(open_slots):  # a removed check has no system any more that a result could name
        log.info("open_rows_of_removed_checks", rows=len(open_slots) - len(known))
    missed = rounds.schedule.take_due(rounds.clock.now())
    await _settle(rounds, known, Verdict.INCONCLUSIVE)
    for start in range(0, len(missed), _AT_ONCE):
        await _settle(rounds, missed[start : start + _AT_ONCE], Verdict.SKIPPED)
    return len(known), len(missed)


async def _settle(rounds: Rounds, slots: list[Slot], verdict: Verdict) -> None:
    now, targets = rounds.clock.now(), rounds.config.targets
    runs = [
        skipped_run(targets[slot.check], slot, rounds.identity, Reason.AGENT_STOPPED, now, verdict=verdict)
        for slot in slots
    ]
    await rounds.store.save_many(runs)
