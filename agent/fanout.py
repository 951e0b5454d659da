"""Where an outcome goes: the store first, with everything it changes, then the metrics, then the mail sender."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from agent.clock import SystemClock
from alerting.changes import changes_for
from alerting.letters import Letters
from alerting.standing import Standing
from checks.config import AnyCheck, Config, Target
from checks.incident import Changes
from checks.run import Outcome
from exporters.snapshot import Snapshot
from store.protocol import Store, StoreError, UnstorableError

log = structlog.get_logger(__name__)

_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 30.0

Delivered = tuple[Target[AnyCheck], Outcome]


@dataclass(slots=True)
class Fanout:
    """Takes outcomes in order and hands each on once it is stored. A store that is away is waited for."""

    store: Store
    snapshot: Snapshot
    letters: Letters
    standing: Standing
    config: Callable[[], Config]
    clock: SystemClock
    on_mail: Callable[[], None]
    store_errors: int = 0
    _queue: asyncio.Queue[Delivered] = field(default_factory=asyncio.Queue)

    def put(self, target: Target[AnyCheck], outcome: Outcome) -> None:
        """Take one outcome; returns at once."""
        self._queue.put_nowait((target, outcome))

    async def run(self) -> None:
        """Deliver until cancelled."""
        while True:
            target, outcome = await self._queue.get()
            try:
                await self._deliver(target, outcome)
            except Exception:  # one bad outcome must not stop the others; its open row becomes inconclusive
                log.exception("outcome_lost", run=outcome.run.id)
            finally:
                self._queue.task_done()

    async def drain(self) -> None:
        """Return once everything taken so far has been delivered."""
        await self._queue.join()

    async def _deliver(self, target: Target[AnyCheck], outcome: Outcome) -> None:
        changes = changes_for(outcome.run, self.config(), self.standing, self.letters)
        if not await self._save(outcome, changes):
            log.warning("outcome_not_saved", run=outcome.run.id)
            return
        self.standing = self.standing.after(outcome.run, changes)
        self.snapshot.observe(target, outcome)
        for transition in changes.transitions:
            log.warning("state_changed", check=transition.check, rule=transition.rule, state=transition.after.value)
        if changes.mails:
            self.on_mail()

    async def _save(self, outcome: Outcome, changes: Changes) -> bool:
        pause = _FIRST_PAUSE_S
        while True:
            try:
                return await self.store.save(outcome, changes)
            except UnstorableError:
                # Its row stays open and becomes inconclusive at the next start; the others must not wait for it.
                log.exception("outcome_unstorable", run=outcome.run.id)
                return False
            except StoreError as error:
                self.store_errors += 1
                log.error("store_refused", error=str(error), retry_in_s=pause)  # noqa: TRY400  # says all there is
            await self.clock.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_S)
