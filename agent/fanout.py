"""Where slots and outcomes go: the store first, with everything they change, then the metrics, then the mail sender."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

import structlog

from agent.backlog import Backlog
from agent.clock import SystemClock
from agent.records import Begun, Passed, Record, unkept, weight
from agent.settled import Settling
from alerting.changes import changes_for
from alerting.letters import Letters
from alerting.standing import Standing
from checks.config import Config
from checks.incident import Changes
from checks.run import Outcome, Reason, Run, Slot
from exporters.snapshot import Snapshot
from store.protocol import Store, StoreError, UnstorableError

log = structlog.get_logger(__name__)

_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 10.0
_PATIENCE_S = 2.0
_GATHER_S = 0.2
_AT_ONCE = 100
_SLOTS_AT_ONCE = 500

T = TypeVar("T")
Pairs = list[tuple[Outcome, Changes]]


@dataclass(slots=True)
class Fanout:
    """Gives slots their rows and outcomes their place, in the order in which they came, each exactly once.

    What comes within a fifth of a second is saved in one transaction, which costs a tenth of saving each by itself.
    While the store is away everything goes to the disk (`Backlog`) and slots are walked all the same.
    """

    store: Store
    snapshot: Snapshot
    letters: Letters
    standing: Standing
    config: Callable[[], Config]
    clock: SystemClock
    on_mail: Callable[[], None]
    backlog: Backlog
    settling: Settling
    store_errors: int = 0
    store_up: bool = True
    _doubtful: bool = False
    _draining: int = 0
    _asked: dict[asyncio.Future[frozenset[str]], float] = field(default_factory=dict)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _hurry: asyncio.Event = field(default_factory=asyncio.Event)
    _empty: asyncio.Event = field(default_factory=asyncio.Event)

    async def open(self, slots: Sequence[Slot]) -> frozenset[str]:
        """Give each slot an open row, in the store or for the time being on disk; return which are to be walked.

        A slot that has a row already is not. Waits for the store no longer than two seconds.
        """
        walked: asyncio.Future[frozenset[str]] = asyncio.get_running_loop().create_future()
        self._asked[walked] = self.clock.monotonic()
        self._add(Begun(tuple(slots), walked))
        self._hurry.set()
        try:
            return await walked
        finally:
            del self._asked[walked]

    def put(self, outcome: Outcome) -> None:
        """Take one outcome; returns at once."""
        self._add(outcome)

    def skip(self, slots: Sequence[Slot], reason: Reason, words: str) -> None:
        """Take slots that were passed over and that nobody walks; returns at once."""
        for start in range(0, len(slots), _SLOTS_AT_ONCE):
            self._add(Passed(tuple(slots[start : start + _SLOTS_AT_ONCE]), reason, words))

    def _add(self, record: Record) -> None:
        self.backlog.add(record)
        self._empty.clear()
        self._news.set()

    async def run(self) -> None:
        """Deliver until cancelled."""
        pause_s = _FIRST_PAUSE_S
        while True:
            await self._gathered()
            if await self._worked():
                pause_s = _FIRST_PAUSE_S
            else:
                await self._rest(pause_s)
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    async def drain(self) -> None:
        """Return once everything taken so far has been delivered."""
        self._draining += 1
        self._hurry.set()
        try:
            if self.backlog:
                self._empty.clear()
                await self._empty.wait()
        finally:
            self._draining -= 1

    async def replay(self) -> None:
        """Deliver what an earlier process left on disk. Raises StoreError."""
        if self.backlog:
            log.info("replaying", outcomes=self.backlog.outcomes)
        while self.backlog:
            await self._work()

    async def put_away(self) -> None:
        """Have on disk what the store has not taken; nothing else may be under way any more."""
        await self.backlog.spill()

    async def _gathered(self) -> None:
        """Wait for something to do, and a moment for more to do with it, unless somebody waits for it."""
        while not self.backlog:
            self._news.clear()
            self._empty.set()
            await self._news.wait()
        if not self._draining and not self.backlog.spilled:
            with suppress(TimeoutError):
                async with asyncio.timeout(_GATHER_S):
                    await self._hurry.wait()
        self._hurry.clear()

    async def _worked(self) -> bool:
        """Whether the store took the next portion; if not, everything is on disk."""
        try:
            await self._work()
        except StoreError as error:
            self._doubtful = True
            self.store_errors += 1
            self._away(str(error))
            await self.backlog.spill()
            return False
        self._back()
        return True

    async def _rest(self, pause_s: float) -> None:
        """Leave the store alone for a while; what comes meanwhile goes to the disk."""
        end = self.clock.monotonic() + pause_s
        while (left_s := end - self.clock.monotonic()) > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(min(left_s, _GATHER_S)):
                    await self._hurry.wait()
            self._hurry.clear()
            await self.backlog.spill()

    async def _work(self) -> None:
        """Bring one portion of the backlog into the store."""
        if self._doubtful:  # a commit whose answer was lost may have changed more than is known here
            self.standing = await self._ask(recalled(self.store))
            self._doubtful = False
        if self.backlog.spilled or self._overdue():
            await self.backlog.spill()  # what is new goes behind what is kept
        await self._settle_gone()
        place, found = await self.backlog.first(_AT_ONCE)
        records = _portion(found)
        passed = [record for record in records if isinstance(record, Passed)]
        await self._open([record for record in records if isinstance(record, Begun)], passed)
        await self._close([run for record in passed for run in self.settling.passed(record)])
        await self._deliver([record for record in records if isinstance(record, Outcome)])
        await self.backlog.done(place - len(found) + len(records))

    def _overdue(self) -> bool:
        """Whether slots wait for their walk because there is so much before them."""
        return any(self.clock.monotonic() - asked_s > _PATIENCE_S / 2 for asked_s in self._asked.values())

    async def _open(self, records: Sequence[Begun], passed: Sequence[Passed]) -> None:
        both: list[Begun | Passed] = [*passed, *records]
        slots = [slot for record in both for slot in record.slots]
        if not slots:
            return
        opened = await self._ask(self.store.open_slots(slots, self.clock.now()))
        for record in records:
            record.answer(opened)

    async def _settle_gone(self) -> None:
        if not self.backlog.gone:
            return
        for check, span in sorted(self.backlog.gone.items()):
            await self._close(self.settling.lost(check, span))
        self.backlog.forget_gone()

    async def _close(self, runs: Sequence[Run]) -> None:
        """Close slots that change nothing else."""
        for start in range(0, len(runs), _SLOTS_AT_ONCE):
            part = runs[start : start + _SLOTS_AT_ONCE]
            await self._ask(self.store.save_many(part))
            for run in part:
                self._observe(self.config(), Outcome(run=run))

    async def _deliver(self, batch: Sequence[Outcome]) -> None:
        """Save all at once, or one by one when one of them does not let the others; one in brief when it must be.

        The row of what cannot be stored at all stays open and becomes inconclusive at the next start.
        """
        if await self._tried(batch):
            return
        for outcome in batch:
            if not await self._tried([outcome]) and not await self._tried([unkept(outcome)]):
                log.error("outcome_lost", run=outcome.run.id)

    async def _tried(self, batch: Sequence[Outcome]) -> bool:
        """Whether these are in the store now; not when one of them cannot be stored or brings out a bug."""
        try:
            if await self._saved(batch):
                return True
        except UnstorableError:
            log.exception("outcomes_unstorable", runs=[outcome.run.id for outcome in batch])
            return False
        except StoreError:
            raise
        except Exception:  # a bug that one outcome brings out must not stop the others
            log.exception("outcomes_not_saved", runs=[outcome.run.id for outcome in batch])
            return False
        return len(batch) == 1  # it was there before

    async def _saved(self, batch: Sequence[Outcome]) -> bool:
        """Whether all of them are stored by this; False when one was before."""
        config, standing = self.config(), self.standing
        pairs: Pairs = []
        try:
            for outcome in batch:
                changes = changes_for(outcome.run, config, standing, self.letters)
                standing = standing.after(outcome.run, changes)
                pairs.append((outcome, changes))
        except OSError as error:  # no file can be opened just now: no fault of the outcome, which is tried again
            raise StoreError(f"nothing can be told of outcomes: {error}") from error
        if pairs and not await self._ask(self.store.save_all(pairs)):
            return False
        self.standing = standing
        for outcome, changes in pairs:
            self._tell(config, outcome, changes)
        return True

    def _tell(self, config: Config, outcome: Outcome, changes: Changes) -> None:
        self._observe(config, outcome)
        for transition in changes.transitions:
            log.warning("state_changed", check=transition.check, rule=transition.rule, state=transition.after.value)
        if changes.mails:
            self.on_mail()

    def _observe(self, config: Config, outcome: Outcome) -> None:
        target = config.targets.get(outcome.run.check)
        if target is not None:
            self.snapshot.observe(target, outcome)

    async def _ask(self, call: Awaitable[T]) -> T:
        """Ask the store; while it takes long to answer, whatever waits goes to the disk."""
        task = asyncio.ensure_future(call)
        try:
            while not (await asyncio.wait({task}, timeout=_PATIENCE_S if self.store_up else _GATHER_S))[0]:
                self._away("it does not answer")
                await self.backlog.spill()
            return task.result()
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait({task})

    def _away(self, why: str) -> None:
        if self.store_up:
            log.error("store_away", error=why)
        self.store_up = False

    def _back(self) -> None:
        if not self.store_up:
            log.warning("store_back", outcomes_on_disk=self.backlog.outcomes)
        self.store_up = True


def _portion(records: Sequence[Record]) -> Sequence[Record]:
    """Return as many of the oldest as fit into one go."""
    slots = 0
    for place, record in enumerate(records):
        slots += weight(record)
        if place and slots > 2 * _SLOTS_AT_ONCE:
            return records[:place]
    return records


async def recalled(store: Store) -> Standing:
    """Return what alerting knew when the store was last written to. Raises StoreError."""
    incidents = await store.incidents(open_only=True, limit=100_000)
    return Standing.of(await store.alert_states(), incidents, (await store.latest()).values())
