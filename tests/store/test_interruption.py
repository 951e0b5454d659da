import asyncio
import sys
from asyncio.subprocess import PIPE
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import event

from checks.incident import Changes
from checks.run import Outcome
from store.open import open_store
from store.protocol import StoreError
from store.sql import SqlStore
from tests.samples import NOON, run
from tests.store.values import MINUTE, NO_CHANGES, confirmed, going_down, incident_of, slot

PROJECT = Path(__file__).parents[2]


async def kill_while_writing(url: str, first: int, saved: int) -> set[int]:
    """Start a writer, kill it after `saved` outcomes; return the numbers it said were saved."""
    command = [sys.executable, "-m", "tests.store.endless_writer", url, str(first)]
    writer = await asyncio.create_subprocess_exec(*command, cwd=PROJECT, stdout=PIPE)
    assert writer.stdout is not None
    numbers = [int(await writer.stdout.readline()) for _ in range(saved)]
    writer.kill()
    rest = await writer.stdout.read()
    await writer.wait()
    return {*numbers, *(int(line) for line in rest.split(b"\n")[:-1])}


def end_other_sessions(url: str) -> None:
    """Wait until PostgreSQL has noticed the death of the writer; a SQLite file has no sessions."""
    if url.startswith("postgresql"):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


async def test_after_kill_9_an_outcome_is_there_with_all_its_changes_or_not_at_all(store_url: str) -> None:
    promised: set[int] = set()
    for i, saved in enumerate((3, 20, 57)):
        promised |= await kill_while_writing(store_url, first=i * 10_000, saved=saved)
    end_other_sessions(store_url)
    store = await open_store(store_url)
    runs = [a_run async for a_run in store.runs(NOON, NOON + timedelta(days=365))]
    for a_run in runs:
        changes = going_down(a_run)
        incident = incident_of(a_run)
        assert await store.outcome(a_run.id) == confirmed(a_run.scheduled_at)
        assert await store.incident(incident.id) == incident
        assert await store.transitions(incident.id) == changes.transitions
        assert [delivery.mail for delivery in await store.deliveries(incident.id)] == list(changes.mails)
    assert len(await store.incidents(limit=100_000)) == len(runs)
    assert await store.outbox_pending() == len(runs)
    assert promised <= {int((a_run.scheduled_at - NOON) / MINUTE) for a_run in runs}
    await store.close()


async def save_cancelled_after(store: SqlStore, statements: int, outcome: Outcome, changes: Changes) -> bool:
    """Save, cancelling after so many statements; return whether the saving ended before that."""
    saving = asyncio.create_task(store.save(outcome, changes))
    left = statements

    def cancel(*_: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            saving.cancel()

    engine = store._database._engine.sync_engine
    event.listen(engine, "after_cursor_execute", cancel)
    try:
        return await saving
    except asyncio.CancelledError:
        return False
    finally:
        event.remove(engine, "after_cursor_execute", cancel)


async def test_a_saving_cancelled_at_any_statement_leaves_nothing_and_hinders_nobody(store: SqlStore) -> None:
    outcome = confirmed()
    await store.open_slots([slot()], NOON)
    await store.latest()
    statements = 1
    while not await save_cancelled_after(store, statements, outcome, going_down(outcome.run)):
        assert await store.unfinished("an-binh") == (slot(),)
        assert await store.outcome(outcome.run.id) is None
        assert await store.alert_states() == ()
        assert await store.incidents() == ()
        assert await store.outbox_pending() == 0
        assert await store.save(Outcome(run=run(NOON + statements * MINUTE)), NO_CHANGES) is True
        statements += 1
    assert statements > 6, "the saving was cancelled too seldom to prove anything"
    assert await store.outcome(outcome.run.id) == outcome


async def test_many_cancelled_savings_leave_every_connection_usable(store: SqlStore) -> None:
    for i in range(40):
        savings = [
            asyncio.create_task(store.save(confirmed(NOON + (4 * i + j) * MINUTE), NO_CHANGES)) for j in range(4)
        ]
        for _ in range(i):
            await asyncio.sleep(0)
        for saving in savings:
            saving.cancel()
        await asyncio.gather(*savings, return_exceptions=True)
    due = NOON + timedelta(days=9)
    answers = await asyncio.gather(*(store.save(confirmed(due + i * MINUTE), NO_CHANGES) for i in range(20)))
    assert answers == [True] * 20


async def test_a_full_disk_is_said_and_what_was_there_stays(tmp_path: Path) -> None:
    store = await open_store(str(tmp_path / "full.db"))
    await store.save(confirmed(), going_down(confirmed().run))
    async with store._database.write() as connection:
        pages = (await connection.exec_driver_sql("PRAGMA page_count")).scalar_one()
        await connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    with pytest.raises(StoreError, match=r"full\.db failed: database or disk is full"):
        await store.save_many([run(NOON + i * MINUTE) for i in range(500)])
    assert len(await store.cells(NOON, NOON + timedelta(days=9))) == 1
    async with store._database.write() as connection:
        await connection.exec_driver_sql("PRAGMA max_page_count=1000000")
    assert await store.save_many([run(NOON + i * MINUTE) for i in range(500)]) == 499
    await store.close()
