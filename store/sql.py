"""The store on a SQL database. Each method is one transaction; the statements live in their own files."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from checks.audit import Audit
from checks.incident import AlertState, Changes, Delivery, Incident, Transition
from checks.run import Outcome, Run, Slot
from store import audits, conditions, incidents, outbox, runs
from store.database import Database
from store.protocol import Cell, HourOfRuns

_PRUNED_AT_ONCE = 2_000


async def _apply(connection: AsyncConnection, changes: Changes) -> None:
    await incidents.put_states(connection, changes.states)
    await incidents.put_incidents(connection, changes.incidents)
    await incidents.add_transitions(connection, changes.transitions)
    await outbox.add_mails(connection, changes.mails)


class SqlStore:
    """`store.protocol.Store` on SQLite or PostgreSQL; made by `open_store`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open_slots(self, slots: Sequence[Slot], opened_at: datetime) -> frozenset[str]:
        """See `Store.open_slots`."""
        async with self._database.write() as connection:
            return await runs.open_slots(connection, slots, opened_at)

    async def save(self, outcome: Outcome, changes: Changes) -> bool:
        """See `Store.save`."""
        async with self._database.write() as connection:
            if not await runs.close(connection, [outcome]):
                return False
            await _apply(connection, changes)
            return True

    async def save_all(self, outcomes: Sequence[tuple[Outcome, Changes]]) -> bool:
        """See `Store.save_all`."""
        async with self._database.write() as connection:
            closed = await runs.close(connection, [outcome for outcome, _ in outcomes])
            if len(closed) < len(outcomes):
                await connection.rollback()
                return False
            for _, changes in outcomes:
                await _apply(connection, changes)
            return True

    async def save_many(self, runs_to_close: Sequence[Run]) -> int:
        """See `Store.save_many`."""
        async with self._database.write() as connection:
            return len(await runs.close(connection, [Outcome(run=run) for run in runs_to_close]))

    async def unfinished(self, location: str) -> tuple[Slot, ...]:
        """See `Store.unfinished`."""
        async with self._database.read() as connection:
            return await runs.unfinished(connection, location)

    async def last_due(self, location: str) -> Mapping[str, datetime]:
        """See `Store.last_due`."""
        async with self._database.read() as connection:
            return await runs.last_due(connection, location)

    async def outcome(self, run_id: str) -> Outcome | None:
        """See `Store.outcome`."""
        async with self._database.read() as connection:
            return await runs.outcome(connection, run_id)

    async def latest(self, *, walked: bool = False) -> Mapping[str, Run]:
        """See `Store.latest`."""
        async with self._database.read() as connection:
            return await runs.latest(connection, walked=walked)

    async def recent(self, check: str, limit: int, before: datetime | None = None) -> tuple[Run, ...]:
        """See `Store.recent`."""
        async with self._database.read() as connection:
            return await runs.recent(connection, check, limit, before)

    async def runs(
        self, since: datetime, until: datetime, checks: Sequence[str] | None = None
    ) -> AsyncGenerator[Run, None]:
        """See `Store.runs`."""
        async with self._database.read() as connection:
            async for run in runs.runs(connection, since, until, checks):
                yield run

    async def cells(self, since: datetime, until: datetime, checks: Sequence[str] | None = None) -> tuple[Cell, ...]:
        """See `Store.cells`."""
        async with self._database.read() as connection:
            return await runs.cells(connection, since, until, checks)

    async def hours(self, location: str, since: datetime, count: int) -> tuple[HourOfRuns, ...]:
        """See `Store.hours`."""
        async with self._database.read() as connection:
            return await conditions.hours(connection, location, since, count)

    async def save_audit(self, audit: Audit) -> bool:
        """See `Store.save_audit`."""
        async with self._database.write() as connection:
            return await audits.add(connection, audit)

    async def newest_audits(
        self,
        checks: Sequence[str] | None = None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        complete: bool = False,
    ) -> Mapping[str, Audit]:
        """See `Store.newest_audits`."""
        async with self._database.read() as connection:
            return await audits.newest(connection, checks, since=since, until=until, complete=complete)

    async def alert_states(self) -> tuple[AlertState, ...]:
        """See `Store.alert_states`."""
        async with self._database.read() as connection:
            return await incidents.alert_states(connection)

    async def incidents(
        self, *, open_only: bool = False, check: str | None = None, limit: int = 200
    ) -> tuple[Incident, ...]:
        """See `Store.incidents`."""
        async with self._database.read() as connection:
            return await incidents.incidents(connection, open_only=open_only, check=check, limit=limit)

    async def incident(self, incident_id: str) -> Incident | None:
        """See `Store.incident`."""
        async with self._database.read() as connection:
            return await incidents.incident(connection, incident_id)

    async def transitions(self, incident_id: str) -> tuple[Transition, ...]:
        """See `Store.transitions`."""
        async with self._database.read() as connection:
            return await incidents.transitions(connection, incident_id)

    async def due_mails(self, now: datetime, limit: int = 50) -> tuple[Delivery, ...]:
        """See `Store.due_mails`."""
        async with self._database.read() as connection:
            return await outbox.due_mails(connection, now, limit)

    async def deliveries(self, incident_id: str) -> tuple[Delivery, ...]:
        """See `Store.deliveries`."""
        async with self._database.read() as connection:
            return await outbox.deliveries(connection, incident_id)

    async def mail_sent(self, key: str, at: datetime) -> None:
        """See `Store.mail_sent`."""
        async with self._database.write() as connection:
            await outbox.mail_sent(connection, key, at)

    async def mail_failed(self, key: str, error: str, next_try_at: datetime | None) -> None:
        """See `Store.mail_failed`."""
        async with self._database.write() as connection:
            await outbox.mail_failed(connection, key, error, next_try_at)

    async def outbox_pending(self) -> int:
        """See `Store.outbox_pending`."""
        async with self._database.read() as connection:
            return await outbox.pending(connection)

    async def prune(self, runs_before: datetime) -> int:
        """See `Store.prune`."""
        async with self._database.write() as connection:
            await audits.prune(connection, runs_before)
        pruned = 0
        while True:
            # In portions: results of running checks must not wait until years are deleted.
            async with self._database.write() as connection:
                portion = await runs.prune(connection, runs_before, _PRUNED_AT_ONCE)
            pruned += portion
            if portion < _PRUNED_AT_ONCE:
                return pruned

    async def close(self) -> None:
        """See `Store.close`."""
        await self._database.close()
