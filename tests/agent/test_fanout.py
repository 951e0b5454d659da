"""What becomes of outcomes on their way into the store: saved together, told in order, none lost for another."""

import asyncio
import resource
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import event

from agent.fanout import Fanout
from checks.incident import State
from checks.run import Outcome, Run, Verdict
from store.sql import SqlStore
from tests.agent.delivery import a_fanout, delivering
from tests.alerting.province import SLOT, broken_walk, config, rule, slot_run
from tests.samples import NOON

OK = Verdict.OK


def commits(store: SqlStore) -> list[object]:
    seen: list[object] = []
    event.listen(store._database._engine.sync_engine, "commit", seen.append)
    return seen


async def put(one: Fanout, *runs: Run) -> None:
    async with delivering(one):
        for run in runs:
            one.put(Outcome(run=run))


async def test_what_comes_together_is_saved_in_one_transaction(store: SqlStore, tmp_path: Path) -> None:
    one, seen = await a_fanout(store, config(rule()), tmp_path), commits(store)
    await put(one, *(slot_run(i, OK) for i in range(60)))
    assert len(await store.cells(NOON, NOON + timedelta(days=9))) == 60
    assert len(seen) <= 2, "sixty outcomes waited together"


async def test_an_incident_that_opens_and_closes_in_one_batch_is_told_in_order(store: SqlStore, tmp_path: Path) -> None:
    one = await a_fanout(store, config(rule()), tmp_path)
    await put(one, slot_run(0, OK), broken_walk(1), broken_walk(2), slot_run(3, OK), broken_walk(4))
    (incident,) = await store.incidents()
    assert (incident.began_at, incident.ended_at) == (NOON + SLOT, NOON + 3 * SLOT)
    assert [transition.after for transition in await store.transitions(incident.id)] == [State.DOWN, State.UP]
    assert [delivery.mail.kind for delivery in await store.deliveries(incident.id)] == ["down", "up"]
    (state,) = await store.alert_states()
    assert state == one.standing.state(state.rule, state.check)
    assert (state.state, state.streak) == (State.UP, 1)


async def test_one_that_cannot_be_stored_is_inconclusive_and_costs_the_others_nothing(
    store: SqlStore, tmp_path: Path
) -> None:
    one = await a_fanout(store, config(rule()), tmp_path)
    vile = slot_run(1, OK).evolve(duration_s=float("nan"))
    await put(one, slot_run(0, OK), vile, broken_walk(2), broken_walk(3))
    cells = await store.cells(NOON, NOON + timedelta(days=1))
    assert [cell.verdict for cell in cells] == ["ok", "inconclusive", "failed", "failed"]
    kept = await store.outcome(vile.id)
    assert kept is not None
    assert (kept.run.blame, kept.run.reason) == ("agent", "internal")
    assert len(await store.incidents()) == 1


async def test_an_outcome_is_kept_while_no_file_can_be_opened(store: SqlStore, tmp_path: Path) -> None:
    one = await a_fanout(store, config(rule()), tmp_path)
    ZoneInfo.clear_cache()  # as before the first outcome of an agent's life
    kept = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, kept[1]))
    try:
        async with delivering(one):
            one.put(Outcome(run=slot_run(0, OK)))
            while not one.store_errors:
                await asyncio.sleep(0)
            resource.setrlimit(resource.RLIMIT_NOFILE, kept)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, kept)
    assert [cell.verdict for cell in await store.cells(NOON, NOON + timedelta(days=1))] == ["ok"]


async def test_a_slot_that_has_its_result_already_changes_nothing_and_holds_up_nobody(
    store: SqlStore, tmp_path: Path
) -> None:
    one = await a_fanout(store, config(rule()), tmp_path)
    await put(one, slot_run(0, OK), broken_walk(1))
    await put(one, broken_walk(1), slot_run(2, OK), broken_walk(3))
    assert await store.incidents() == (), "the first of them counts once"
    assert len(await store.cells(NOON, NOON + timedelta(days=1))) == 4
