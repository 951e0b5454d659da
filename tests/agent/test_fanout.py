"""What becomes of outcomes on their way into the store: saved together, told in order, none lost for another."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from agent.clock import SystemClock
from agent.fanout import Fanout
from alerting.letters import Letters
from alerting.standing import Standing
from checks.config import Config
from checks.incident import State
from checks.run import Outcome, Run, Verdict
from exporters.snapshot import Snapshot
from store.open import open_store
from store.sql import SqlStore
from tests.alerting.province import SLOT, broken_walk, config, rule, slot_run
from tests.samples import NOON

OK = Verdict.OK


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    opened = await open_store(str(tmp_path / "dvcwatch.db"))
    yield opened
    await opened.close()


def fanout(store: SqlStore, a_config: Config) -> Fanout:
    snapshot = Snapshot()
    snapshot.keep(a_config.targets, "an-binh")
    return Fanout(store, snapshot, Letters(), Standing(), lambda: a_config, SystemClock(), lambda: None)


@asynccontextmanager
async def delivering(one: Fanout) -> AsyncIterator[None]:
    task = asyncio.create_task(one.run())
    yield
    await one.drain()
    task.cancel()


def commits(store: SqlStore) -> list[object]:
    seen: list[object] = []
    event.listen(store._database._engine.sync_engine, "commit", seen.append)
    return seen


async def put(one: Fanout, *runs: Run) -> None:
    async with delivering(one):
        for run in runs:
            one.put(Outcome(run=run))


async def test_what_comes_together_is_saved_in_one_transaction(store: SqlStore) -> None:
    one, seen = fanout(store, config(rule())), commits(store)
    await put(one, *(slot_run(i, OK) for i in range(60)))
    assert len(await store.cells(NOON, NOON + timedelta(days=9))) == 60
    assert len(seen) <= 2, "sixty outcomes waited together"


async def test_an_incident_that_opens_and_closes_in_one_batch_is_told_in_order(store: SqlStore) -> None:
    one = fanout(store, config(rule()))
    await put(one, slot_run(0, OK), broken_walk(1), broken_walk(2), slot_run(3, OK), broken_walk(4))
    (incident,) = await store.incidents()
    assert (incident.began_at, incident.ended_at) == (NOON + SLOT, NOON + 3 * SLOT)
    assert [transition.after for transition in await store.transitions(incident.id)] == [State.DOWN, State.UP]
    assert [delivery.mail.kind for delivery in await store.deliveries(incident.id)] == ["down", "up"]
    (state,) = await store.alert_states()
    assert state == one.standing.state(state.rule, state.check)
    assert (state.state, state.streak) == (State.UP, 1)


async def test_one_that_cannot_be_stored_costs_the_others_nothing(store: SqlStore) -> None:
    one = fanout(store, config(rule()))
    vile = slot_run(1, OK).evolve(duration_s=float("nan"))
    await put(one, slot_run(0, OK), vile, broken_walk(2), broken_walk(3))
    cells = await store.cells(NOON, NOON + timedelta(days=1))
    assert [cell.scheduled_at for cell in cells] == [NOON, NOON + 2 * SLOT, NOON + 3 * SLOT]
    assert len(await store.incidents()) == 1


async def test_a_slot_that_has_its_result_already_changes_nothing_and_holds_up_nobody(store: SqlStore) -> None:
    one = fanout(store, config(rule()))
    await put(one, slot_run(0, OK), broken_walk(1))
    await put(one, broken_walk(1), slot_run(2, OK), broken_walk(3))
    assert await store.incidents() == (), "the first of them counts once"
    assert len(await store.cells(NOON, NOON + timedelta(days=1))) == 4
