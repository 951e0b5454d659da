from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import inf, nan
from typing import Any

import pytest

from checks.run import AGENT, Cause, Health, Outcome, Reason, Run, Verdict
from store.open import open_store
from store.protocol import HourOfRuns, Store
from store.sql import SqlStore
from tests.samples import NOON, run
from tests.store.older import take_back
from tests.store.test_opening import differences
from tests.store.values import MINUTE, NO_CHANGES, failed, slot

HOUR = timedelta(hours=1)
SLOWED = Health(degraded=True, causes=(Cause.LAG, Cause.SLOWDOWN), slowdown=2.3049, loop_lag_s=0.4126)
WELL = Health(slowdown=1.02, loop_lag_s=0.0034)


def skipped(due: datetime, **fields: Any) -> Run:
    return run(due, Verdict.SKIPPED, blame=AGENT, reason=Reason.OVERLAP, **fields)


async def test_hours_tell_how_the_agent_was_during_its_runs(store: Store) -> None:
    void: dict[str, Any] = {"blame": AGENT, "reason": Reason.AGENT_OVERLOAD}
    starved = Health(degraded=True, causes=(Cause.SLOWDOWN,), slowdown=2.3)
    await store.save_many(
        [
            run(NOON, health=WELL),
            run(NOON + MINUTE, health=WELL),
            run(NOON + 2 * MINUTE, health=SLOWED),
            run(NOON + 3 * MINUTE, Verdict.INCONCLUSIVE, health=starved, **void),
            skipped(NOON + 4 * MINUTE),
            run(NOON + 2 * HOUR, check="trang-chu"),
        ]
    )
    first = HourOfRuns(
        began=NOON,
        runs=4,
        skipped=1,
        inconclusive=1,
        degraded=2,
        causes={Cause.LAG: 1, Cause.SLOWDOWN: 2},
        slowdowns={1.02: 2, 2.3: 2},
        lags_ms={3: 2, 413: 1},
    )
    quiet = HourOfRuns(NOON + HOUR, runs=0, skipped=0, inconclusive=0, degraded=0, causes={}, slowdowns={}, lags_ms={})
    untold = replace(quiet, began=NOON + 2 * HOUR, runs=1)
    assert await store.hours("an-binh", NOON, 3) == (first, quiet, untold)
    assert list((await store.hours("an-binh", NOON, 1))[0].slowdowns) == [1.02, 2.3]


async def test_an_hour_begins_when_asked_and_ends_before_the_next(store: Store) -> None:
    tick, since = timedelta(microseconds=1), datetime(2026, 11, 10, 5, 30, tzinfo=UTC)
    for due in (since - tick, since, since + HOUR - tick, since + HOUR):
        await store.save(Outcome(run=run(due, check=f"c{due.minute}{due.microsecond}")), NO_CHANGES)
    assert [hour.runs for hour in await store.hours("an-binh", since, 1)] == [2]
    assert await store.hours("an-binh", since, 0) == ()


async def test_hours_are_of_one_location_and_of_closed_slots(store: Store) -> None:
    await store.save_many([run(location="quang-ngai")])
    await store.open_slots([slot()], NOON)
    assert [hour.runs for hour in await store.hours("an-binh", NOON, 1)] == [0]


async def test_only_the_attempt_that_counts_is_counted(store: Store) -> None:
    twice = Outcome(run=failed(attempt=2, attempts=2, health=WELL), earlier=(failed(health=SLOWED),))
    await store.save(twice, NO_CHANGES)
    (hour,) = await store.hours("an-binh", NOON, 1)
    assert (hour.runs, hour.degraded, hour.slowdowns) == (1, 0, {1.02: 1})


@pytest.mark.parametrize(("lag_s", "lags_ms"), [(1e300, {86_400_000: 1}), (inf, {}), (nan, {})])
async def test_a_condition_beyond_all_measure_costs_no_row(store: Store, lag_s: float, lags_ms: dict[int, int]) -> None:
    odd = run().evolve(health=Health().evolve(loop_lag_s=lag_s, slowdown=-inf))
    assert await store.save_many([odd]) == 1
    (hour,) = await store.hours("an-binh", NOON, 1)
    assert (hour.lags_ms, hour.slowdowns) == (lags_ms, {})


async def test_runs_of_an_older_schema_are_counted_without_what_it_did_not_keep(store_url: str) -> None:
    store: SqlStore = await open_store(store_url)
    await store.save_many([run(health=SLOWED)])
    await take_back(store, "0002")
    newer = await open_store(store_url)
    async with newer._database.read() as connection:
        assert await connection.run_sync(differences) == []
    (hour,) = await newer.hours("an-binh", NOON, 1)
    assert (hour.runs, hour.degraded, hour.causes, hour.slowdowns, hour.lags_ms) == (1, 1, {}, {}, {})
    assert await newer.outcome(run().id) == Outcome(run=run(health=SLOWED))
    await newer.close()
