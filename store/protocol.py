"""What every store can do. One set of contract tests runs on each implementation."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from checks.audit import Audit
from checks.incident import AlertState, Changes, Delivery, Incident, Transition
from checks.run import Blame, Cause, Outcome, Run, Slot, Verdict


@dataclass(frozen=True, slots=True)
class Cell:
    """One slot's result in brief: enough for strips, counts and availability, without its steps."""

    run: str
    check: str
    scheduled_at: datetime
    verdict: Verdict
    blame: Blame
    duration_s: float
    attempts: int
    degraded: bool


@dataclass(frozen=True, slots=True)
class HourOfRuns:
    """What the runs due within one hour from `began` on kept of the agent's own condition (`health`).

    `runs` were made, `skipped` were not. Of those made, `inconclusive` are our own fault and `degraded` were marked;
    `causes` counts the marked ones by limit, all there are, in no order. `slowdowns` (times as long as at rest, to a
    hundredth) and `lags_ms` (to a millisecond) tell how many runs kept which value, lowest first.
    """

    began: datetime
    runs: int
    skipped: int
    inconclusive: int
    degraded: int
    causes: Mapping[Cause, int]
    slowdowns: Mapping[float, int]
    lags_ms: Mapping[int, int]


class StoreError(Exception):
    """The store could not do what was asked: not reachable, locked, full, or of a newer version."""


class UnstorableError(StoreError):
    """This value can never be stored; trying again is in vain."""


class Store(Protocol):
    """Runs, incidents and the outbox. Every method raises `StoreError` when the database does.

    Moments go in with any zone and come out in UTC, exact to the microsecond; one without a zone is refused. Texts are
    ordered by code point. A writing call that is cancelled has changed nothing, unless the cancellation met the commit
    itself; `save` asked again tells.
    """

    async def open_slots(self, slots: Sequence[Slot], opened_at: datetime) -> frozenset[str]:
        """Write one open row per slot; return the ids newly opened (a slot that has a row keeps it)."""

    async def save(self, outcome: Outcome, changes: Changes) -> bool:
        """Close the slot's row with its outcome and apply `changes`, all in one transaction.

        Opens the row too if nobody did. Returns False, changing nothing, when the slot was closed already. Halves of
        surrogate pairs become `?`; a run with a number that is not finite, and so could not be read back, or is
        beyond what the database can hold, is refused with `UnstorableError`, and its row stays open.
        """

    async def save_all(self, outcomes: Sequence[tuple[Outcome, Changes]]) -> bool:
        """Close the slots of all outcomes and apply all changes, in this order, in one transaction.

        All or nothing: False, changing nothing, when one of the slots was closed already or is there twice, for the
        changes after it were made in vain. What `save` refuses makes this refuse them all.
        """

    async def save_many(self, runs: Sequence[Run]) -> int:
        """Close many slots that change nothing else (skipped, interrupted); return how many were not closed yet."""

    async def unfinished(self, location: str) -> tuple[Slot, ...]:
        """Return slots whose row is still open, oldest first."""

    async def last_due(self, location: str) -> Mapping[str, datetime]:
        """Return check id -> moment of its newest slot that has a row."""

    async def outcome(self, run_id: str) -> Outcome | None:
        """Return a slot's result with its earlier attempts; None if unknown or still open."""

    async def latest(self, *, walked: bool = False) -> Mapping[str, Run]:
        """Return check id -> its newest closed run; with `walked`, the newest that was not skipped."""

    async def recent(self, check: str, limit: int, before: datetime | None = None) -> tuple[Run, ...]:
        """Return the newest closed runs of a check, newest first, scheduled before `before`."""

    def runs(self, since: datetime, until: datetime, checks: Sequence[str] | None = None) -> AsyncGenerator[Run, None]:
        """Yield closed runs with since <= scheduled_at < until, ordered by check, then time.

        Streams over one unchanging view of the store. Whoever may leave early wraps it in `contextlib.aclosing`.
        """

    async def cells(self, since: datetime, until: datetime, checks: Sequence[str] | None = None) -> tuple[Cell, ...]:
        """Return closed slots in brief, ordered by check, then time."""

    async def hours(self, location: str, since: datetime, count: int) -> tuple[HourOfRuns, ...]:
        """Return how the agent of a location was in each of `count` hours from `since` on, by its closed runs.

        Runs closed before schema 0003 are counted without causes, slowdown and lag.
        """

    async def save_audit(self, audit: Audit) -> bool:
        """Keep an audit of accessibility; False, changing nothing, when it is kept already."""

    async def newest_audits(
        self,
        checks: Sequence[str] | None = None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        complete: bool = False,
    ) -> Mapping[str, Audit]:
        """Return check id -> its newest audit with since <= started_at < until; with `complete`, of the complete ones.

        Wherever it was made: how accessible a page is does not depend on the place.
        """

    async def alert_states(self) -> tuple[AlertState, ...]:
        """Return where every rule stands with every check."""

    async def incidents(
        self, *, open_only: bool = False, check: str | None = None, limit: int = 200
    ) -> tuple[Incident, ...]:
        """Return incidents, newest first."""

    async def incident(self, incident_id: str) -> Incident | None:
        """Return one incident; None if unknown."""

    async def transitions(self, incident_id: str) -> tuple[Transition, ...]:
        """Return an incident's changes of state, oldest first."""

    async def due_mails(self, now: datetime, limit: int = 50) -> tuple[Delivery, ...]:
        """Return mails to send now, oldest first.

        An `up` mail waits until its incident's `down` mail to the same receivers was sent; when that one was given
        up or never existed, the `up` mail is given up too.
        """

    async def deliveries(self, incident_id: str) -> tuple[Delivery, ...]:
        """Return the mails of an incident, oldest first."""

    async def mail_sent(self, key: str, at: datetime) -> None:
        """Record that a server took the mail; nothing changes if it was sent before or is unknown."""

    async def mail_failed(self, key: str, error: str, next_try_at: datetime | None) -> None:
        """Record a failed try of a mail not sent yet; `next_try_at` None gives it up. `error` may be hostile text."""

    async def outbox_pending(self) -> int:
        """Return how many mails are neither sent nor given up."""

    async def prune(self, runs_before: datetime) -> int:
        """Delete closed runs scheduled, and audits begun, before the moment; return how many runs.

        Incidents and mails stay.
        """

    async def close(self) -> None:
        """Release connections; the store cannot be used afterwards."""
