"""The statements about runs, each on a connection that is inside a transaction already."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, ColumnElement, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from checks.run import Health, Outcome, Run, Slot, Verdict
from store import conditions
from store.documents import read, written
from store.protocol import Cell
from store.tables import ATTEMPTS, RUNS
from store.upsert import insert_into

# Rows fetched, or documents made, before others get their turn on the event loop.
_BATCH = 200

_CLOSED = RUNS.c.closed_at.is_not(None)
_COUNTS = (ATTEMPTS.c.run == RUNS.c.id) & (ATTEMPTS.c.place == 0)


async def open_slots(connection: AsyncConnection, slots: Sequence[Slot], opened_at: datetime) -> frozenset[str]:
    """Insert an open row for each slot that has none; return the ids inserted."""
    if not slots:
        return frozenset()
    # Everybody takes row locks in the order of the ids, so that two writers of the same slots cannot deadlock.
    rows = [_slot(slot) | {"opened_at": opened_at} for slot in sorted(slots, key=lambda slot: slot.id)]
    statement = insert_into(connection, RUNS).on_conflict_do_nothing().returning(RUNS.c.id)
    return frozenset((await connection.execute(statement, rows)).scalars())


async def close(connection: AsyncConnection, outcomes: Sequence[Outcome]) -> frozenset[str]:
    """Close the slots of `outcomes` that are not closed yet, the first outcome of a slot counting; return their ids."""
    closed: set[str] = set()
    first = {outcome.run.id: outcome for outcome in reversed(outcomes)}
    ordered = [first[run_id] for run_id in sorted(first)]
    for start in range(0, len(ordered), _BATCH):
        closed |= await _close_batch(connection, ordered[start : start + _BATCH])
    return frozenset(closed)


async def _close_batch(connection: AsyncConnection, outcomes: Sequence[Outcome]) -> set[str]:
    if connection.dialect.name == "postgresql":
        # The row first, whoever makes it: PostgreSQL watches one unique key while it upserts, and two programs that
        # close the same new slot at once would meet on the other one. SQLite has one writer at a time.
        rows = [_slot_of(outcome.run) for outcome in outcomes]
        await connection.execute(insert_into(connection, RUNS).on_conflict_do_nothing(), rows)
    statement = insert_into(connection, RUNS)
    results = ("closed_at", "verdict", "blame", "reason", "duration_s", "attempts", *conditions.columns(Health()))
    upsert = statement.on_conflict_do_update(
        index_elements=[RUNS.c.id],
        set_={name: statement.excluded[name] for name in results},
        where=RUNS.c.closed_at.is_(None),
    ).returning(RUNS.c.id)
    closed = set((await connection.execute(upsert, [_closed(outcome.run) for outcome in outcomes])).scalars())
    attempts = [row for outcome in outcomes if outcome.run.id in closed for row in _attempts(outcome)]
    if attempts:
        await connection.execute(ATTEMPTS.insert(), attempts)
    return closed


def _slot(slot: Slot) -> dict[str, Any]:
    return {"id": slot.id, "check": slot.check, "location": slot.location, "scheduled_at": slot.due_at}


def _slot_of(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "check": run.check,
        "location": run.location,
        "scheduled_at": run.scheduled_at,
        "opened_at": run.started_at,
    }


def _closed(run: Run) -> dict[str, Any]:
    result = {
        "closed_at": run.finished_at,
        "verdict": run.verdict,
        "blame": run.blame,
        "reason": run.reason,
        "duration_s": run.duration_s,
        "attempts": run.attempts,
    }
    return _slot_of(run) | result | conditions.columns(run.health)


def _attempts(outcome: Outcome) -> list[dict[str, Any]]:
    runs = (outcome.run, *outcome.earlier)
    return [{"run": outcome.run.id, "place": place, "document": written(run)} for place, run in enumerate(runs)]


async def unfinished(connection: AsyncConnection, location: str) -> tuple[Slot, ...]:
    """Return the slots of open rows, oldest first."""
    statement = (
        select(RUNS.c.check, RUNS.c.location, RUNS.c.scheduled_at)
        .where(RUNS.c.closed_at.is_(None), RUNS.c.location == location)
        .order_by(RUNS.c.scheduled_at, RUNS.c.check)
    )
    rows = await connection.execute(statement)
    return tuple(Slot(check=row.check, location=row.location, due_at=row.scheduled_at) for row in rows)


def _every_check() -> CTE:
    """Return the check ids that have rows, ending with a NULL.

    It jumps along the index from one check to the next; DISTINCT would read the rows of all years.
    """
    every = select(func.min(RUNS.c.check).label("check")).cte("every_check", recursive=True)
    following = select(func.min(RUNS.c.check)).where(RUNS.c.check > every.c.check).scalar_subquery()
    return every.union_all(select(following).where(every.c.check.is_not(None)))


async def last_due(connection: AsyncConnection, location: str) -> Mapping[str, datetime]:
    """Return check id -> moment of its newest slot, open or closed."""
    every = _every_check()
    newest = (
        select(func.max(RUNS.c.scheduled_at))
        .where(RUNS.c.check == every.c.check, RUNS.c.location == location)
        .scalar_subquery()
        .label("newest")
    )
    rows = await connection.execute(select(every.c.check, newest).where(every.c.check.is_not(None)))
    return {row.check: row.newest for row in rows if row.newest is not None}


async def outcome(connection: AsyncConnection, run_id: str) -> Outcome | None:
    """Return the attempts of a closed slot."""
    statement = select(ATTEMPTS.c.document).where(ATTEMPTS.c.run == run_id).order_by(ATTEMPTS.c.place)
    runs = [read(Run, document) for document in (await connection.execute(statement)).scalars()]
    return Outcome(run=runs[0], earlier=tuple(runs[1:])) if runs else None


async def latest(connection: AsyncConnection, *, walked: bool) -> Mapping[str, Run]:
    """Return check id -> newest closed run; with `walked`, the newest that was not skipped."""
    every = _every_check()
    newest = (
        select(RUNS.c.id)
        .where(RUNS.c.check == every.c.check, _CLOSED, *([RUNS.c.verdict != Verdict.SKIPPED.value] if walked else []))
        .order_by(RUNS.c.scheduled_at.desc(), RUNS.c.location.desc())
        .limit(1)
        .scalar_subquery()
    )
    ids = select(newest).select_from(every).where(every.c.check.is_not(None))
    statement = select(ATTEMPTS.c.document).where(ATTEMPTS.c.run.in_(ids), ATTEMPTS.c.place == 0)
    runs = [read(Run, document) for document in (await connection.execute(statement)).scalars()]
    return {run.check: run for run in sorted(runs, key=lambda run: run.check)}


async def recent(connection: AsyncConnection, check: str, limit: int, before: datetime | None) -> tuple[Run, ...]:
    """Return the newest closed runs of a check, newest first."""
    statement = (
        select(ATTEMPTS.c.document)
        .join(RUNS, _COUNTS)
        .where(RUNS.c.check == check, _CLOSED)
        .order_by(RUNS.c.scheduled_at.desc(), RUNS.c.location.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(RUNS.c.scheduled_at < before)
    return tuple(read(Run, document) for document in (await connection.execute(statement)).scalars())


def _period(since: datetime, until: datetime) -> ColumnElement[bool]:
    return _CLOSED & (RUNS.c.scheduled_at >= since) & (RUNS.c.scheduled_at < until)


async def runs(
    connection: AsyncConnection, since: datetime, until: datetime, checks: Sequence[str] | None
) -> AsyncIterator[Run]:
    """Yield the closed runs of a period from cursors, never holding more than a batch of them."""
    if checks is None:
        every = _every_check()
        found = await connection.execute(select(every.c.check).where(every.c.check.is_not(None)))
        checks = found.scalars().all()
    # Check by check, so that the rows come ordered out of an index: one query for all of them would have the
    # database sort a month of documents first.
    for check in sorted(set(checks)):
        statement = (
            select(ATTEMPTS.c.document)
            .join(RUNS, _COUNTS)
            .where(RUNS.c.check == check, _period(since, until))
            .order_by(RUNS.c.scheduled_at, RUNS.c.location)
            .execution_options(yield_per=_BATCH)
        )
        async for document in (await connection.stream(statement)).scalars():
            yield read(Run, document)


async def cells(
    connection: AsyncConnection, since: datetime, until: datetime, checks: Sequence[str] | None
) -> tuple[Cell, ...]:
    """Return the closed runs of a period in brief."""
    columns = RUNS.c["id", "check", "scheduled_at", "verdict", "blame", "duration_s", "attempts", "degraded"]
    statement = select(*columns).where(_period(since, until))
    if checks is not None:
        statement = statement.where(RUNS.c.check.in_(checks))
    ordered = statement.order_by(RUNS.c.check, RUNS.c.scheduled_at, RUNS.c.location)
    rows = await connection.stream(ordered.execution_options(yield_per=_BATCH))
    return tuple(
        [
            Cell(
                run=row.id,
                check=row.check,
                scheduled_at=row.scheduled_at,
                verdict=Verdict(row.verdict),
                blame=row.blame,
                duration_s=row.duration_s,
                attempts=row.attempts,
                degraded=row.degraded,
            )
            async for row in rows
        ]
    )


async def prune(connection: AsyncConnection, before: datetime, limit: int) -> int:
    """Delete up to `limit` of the oldest closed runs scheduled before the moment, with their attempts."""
    old = select(RUNS.c.id).where(_CLOSED, RUNS.c.scheduled_at < before).order_by(RUNS.c.scheduled_at).limit(limit)
    return (await connection.execute(delete(RUNS).where(RUNS.c.id.in_(old)))).rowcount
