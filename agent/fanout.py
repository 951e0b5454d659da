"""Where an outcome goes: the store first, with everything it changes, then the metrics, then the mail sender."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import structlog

from agent.clock import SystemClock
from alerting.changes import changes_for
from alerting.letters import Letters
from alerting.standing import Standing
from checks.config import Config
from checks.incident import Changes
from checks.run import Outcome
from exporters.snapshot import Snapshot
from store.protocol import Store, StoreError, UnstorableError

log = structlog.get_logger(__name__)

_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 30.0
_GATHER_S = 0.2
_AT_ONCE = 100

Pairs = list[tuple[Outcome, Changes]]


@dataclass(slots=True)
class Fanout:
    """Takes outcomes in order and hands each on once it is stored. A store that is away is waited for.

    What comes within a fifth of a second is saved in one transaction, which costs a tenth of saving each by itself.
    """

    store: Store
    snapshot: Snapshot
    letters: Letters
    standing: Standing
    config: Callable[[], Config]
    clock: SystemClock
    on_mail: Callable[[], None]
    store_errors: int = 0
    _queue: asyncio.Queue[Outcome] = field(default_factory=asyncio.Queue)
    _hurry: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, outcome: Outcome) -> None:
        """Take one outcome; returns at once."""
        self._queue.put_nowait(outcome)

    async def run(self) -> None:
        """Deliver until cancelled."""
        while True:
            batch = [await self._queue.get()]
            await self._gather(batch)
            await self._deliver(batch)
            for _ in batch:
                self._queue.task_done()

    async def drain(self) -> None:
        """Return once everything taken so far has been delivered."""
        self._hurry.set()
        await self._queue.join()
        self._hurry.clear()

    async def _gather(self, batch: list[Outcome]) -> None:
        """Wait a moment for more to save together with the first, unless somebody waits for it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_GATHER_S):
                await self._hurry.wait()
        while len(batch) < _AT_ONCE and not self._queue.empty():
            batch.append(self._queue.get_nowait())

    async def _deliver(self, batch: list[Outcome]) -> None:
        """Save all at once, or one by one when one of them does not let the others."""
        try:
            if await self._saved(batch):
                return
        except Exception:  # one bad outcome must not stop the others; its open row becomes inconclusive
            if len(batch) == 1:
                log.exception("outcome_lost", run=batch[0].run.id)
        if len(batch) == 1:
            log.warning("outcome_not_saved", run=batch[0].run.id)
            return
        for outcome in batch:
            await self._deliver([outcome])

    async def _saved(self, batch: list[Outcome]) -> bool:
        config, standing = self.config(), self.standing
        pairs: Pairs = []
        for outcome in batch:
            changes = changes_for(outcome.run, config, standing, self.letters)
            standing = standing.after(outcome.run, changes)
            pairs.append((outcome, changes))
        if not await self._save(pairs):
            return False
        self.standing = standing
        for outcome, changes in pairs:
            self._tell(config, outcome, changes)
        return True

    def _tell(self, config: Config, outcome: Outcome, changes: Changes) -> None:
        target = config.targets.get(outcome.run.check)
        if target is not None:
            self.snapshot.observe(target, outcome)
        for transition in changes.transitions:
            log.warning("state_changed", check=transition.check, rule=transition.rule, state=transition.after.value)
        if changes.mails:
            self.on_mail()

    async def _save(self, pairs: Pairs) -> bool:
        pause = _FIRST_PAUSE_S
        while True:
            try:
                return await self.store.save_all(pairs)
            except UnstorableError:
                raise
            except StoreError as error:
                self.store_errors += 1
                log.error("store_refused", error=str(error), retry_in_s=pause)  # noqa: TRY400  # says all there is
            await self.clock.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_S)
