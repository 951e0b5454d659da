import asyncio
import tracemalloc
from collections.abc import Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import Any, TypeVar

import pytest

from checks.incident import Changes, State
from checks.run import AGENT, Certificate, Outcome, Reason, StepRun, Verdict
from store.open import open_store
from store.protocol import Cell, Store, StoreError, UnstorableError
from store.sql import SqlStore
from tests.samples import NOON, run
from tests.store.values import MINUTE, NO_CHANGES, confirmed, failed, going_down, slot

V = TypeVar("V")


def shuffled(values: Sequence[V]) -> list[V]:
    return Random(7).sample(values, k=len(values))  # noqa: S311 - an order that is the same every time, not a secret


async def test_a_slot_is_opened_once(store: Store) -> None:
    first, second = slot(), slot(NOON + MINUTE)
    assert await store.open_slots([first], NOON) == {first.id}
    assert await store.open_slots([second, first, second], NOON) == {second.id}
    assert await store.open_slots([], NOON) == frozenset()
    assert await store.unfinished("an-binh") == (first, second)
    assert await store.unfinished("quang-ngai") == ()


async def test_an_open_slot_is_no_result_yet(store: Store) -> None:
    await store.open_slots([slot()], NOON)
    assert await store.outcome(slot().id) is None
    assert await store.latest() == {}
    assert await store.recent("khai-sinh", 10) == ()
    assert await store.cells(NOON, NOON + MINUTE) == ()
    assert await store.last_due("an-binh") == {"khai-sinh": NOON}


async def test_a_saved_outcome_comes_back_whole_with_its_earlier_attempts(store: Store) -> None:
    outcome = confirmed(steps=(StepRun(name="Đăng nhập", verdict=Verdict.FAILED, duration_s=0.1 + 0.2),))
    await store.open_slots([slot()], NOON)
    assert await store.save(outcome, NO_CHANGES) is True
    assert await store.outcome(outcome.run.id) == outcome
    assert await store.unfinished("an-binh") == ()


async def test_a_slot_nobody_opened_is_opened_by_its_outcome(store: Store) -> None:
    assert await store.save(Outcome(run=run()), NO_CHANGES) is True
    assert await store.open_slots([slot()], NOON) == frozenset()
    assert await store.outcome(run().id) == Outcome(run=run())


async def test_a_closed_slot_stays_as_it_is(store: Store) -> None:
    await store.save(confirmed(), NO_CHANGES)
    assert await store.save(Outcome(run=run()), NO_CHANGES) is False
    assert await store.save_many([run()]) == 0
    assert await store.outcome(run().id) == confirmed()


async def test_attempts_with_the_same_number_do_not_cost_the_slot_its_row(store: Store) -> None:
    outcome = Outcome(run=run(), earlier=(failed(), failed()))
    assert await store.save(outcome, NO_CHANGES) is True
    assert await store.outcome(run().id) == outcome


async def test_outcomes_are_saved_together_with_what_they_change(store: Store) -> None:
    outcomes = [confirmed(NOON + i * MINUTE) for i in range(3)]
    await store.open_slots([slot()], NOON)
    pairs = [(outcomes[0], NO_CHANGES), *((outcome, going_down(outcome.run)) for outcome in outcomes[1:])]
    assert await store.save_all(pairs) is True
    assert [await store.outcome(outcome.run.id) for outcome in outcomes] == outcomes
    assert {incident.id for incident in await store.incidents()} == {f"i-{outcome.run.id}" for outcome in outcomes[1:]}
    assert await store.outbox_pending() == 2
    assert await store.save_all([]) is True


async def test_later_changes_win_when_saved_together(store: Store) -> None:
    first, second = confirmed(), confirmed(NOON + MINUTE)
    down = going_down(first.run)
    up = tuple(state.evolve(state=State.UP, streak=0) for state in down.states)
    assert await store.save_all([(first, down), (second, Changes(states=up))]) is True
    assert await store.alert_states() == up


async def test_outcomes_saved_together_are_refused_together_when_one_slot_was_closed(store: Store) -> None:
    new, old = confirmed(), Outcome(run=run(NOON + MINUTE))
    await store.save(old, NO_CHANGES)
    for pair in ([new, old], [new, new]):
        assert await store.save_all([(outcome, going_down(outcome.run)) for outcome in pair]) is False
    assert await store.outcome(new.run.id) is None
    assert await store.incidents() == ()
    assert await store.outbox_pending() == 0


@pytest.mark.parametrize("vile", [{"duration_s": float("nan")}, {"attempts": 2**70}])
async def test_one_that_cannot_be_stored_refuses_them_all_and_says_so(store: Store, vile: dict[str, Any]) -> None:
    good, bad = Outcome(run=run()), Outcome(run=run(NOON + MINUTE).evolve(**vile))
    with pytest.raises(UnstorableError):
        await store.save_all([(good, NO_CHANGES), (bad, NO_CHANGES)])
    with pytest.raises(UnstorableError):
        await store.save(bad, NO_CHANGES)
    assert await store.save(good, NO_CHANGES) is True


async def test_whatever_the_order_of_calls_each_slot_has_one_row_and_one_closing(store: Store) -> None:
    slots = [slot(NOON + i * MINUTE) for i in range(12)]
    calls = [store.open_slots([a_slot], NOON) for a_slot in slots * 2]
    closings = [store.save(Outcome(run=run(a_slot.due_at)), NO_CHANGES) for a_slot in slots * 2]
    closings += [_counted(store, a_slot.due_at) for a_slot in slots]
    answers = await asyncio.gather(*shuffled([*calls, *closings]))
    assert sum(answer for answer in answers if isinstance(answer, bool)) == len(slots)
    assert [cell.run for cell in await store.cells(NOON, NOON + timedelta(hours=1))] == [s.id for s in slots]
    assert await store.unfinished("an-binh") == ()


async def _counted(store: Store, due: datetime) -> bool:
    return await store.save_many([run(due)]) == 1


async def test_two_processes_that_open_the_same_slots_share_them_out(store_url: str) -> None:
    stores = await asyncio.gather(open_store(store_url), open_store(store_url))
    slots = [slot(NOON + i * MINUTE, check=f"c-{i % 3}") for i in range(60)]
    portions = [(stores[i % 2], slots[start : start + 10]) for start in range(0, 60, 5) for i in range(2)]
    opened = await asyncio.gather(*(a_store.open_slots(portion[::-1], NOON) for a_store, portion in portions))
    assert sorted(run_id for ids in opened for run_id in ids) == sorted(a_slot.id for a_slot in slots)
    for a_store in stores:
        await a_store.close()


async def test_reading_goes_on_while_others_write(store: Store) -> None:
    await store.save_many([run(NOON + i * MINUTE) for i in range(500)])
    seen = 0
    async for a_run in store.runs(NOON, NOON + timedelta(days=1)):
        if seen % 100 == 0:
            later = run(a_run.scheduled_at + timedelta(seconds=30))
            assert await store.save(Outcome(run=later), NO_CHANGES), "it is not part of what is being read"
        seen += 1
    assert seen == 500


async def test_many_skipped_slots_are_closed_at_once(store: Store) -> None:
    skipped = [
        run(NOON + i * MINUTE, Verdict.SKIPPED, check=f"c-{i % 40}", blame=AGENT, reason=Reason.AGENT_STOPPED)
        for i in range(5_000)
    ]
    await store.open_slots([slot(NOON, check="c-0")], NOON)
    await store.save(Outcome(run=run(NOON + MINUTE, check="c-1")), NO_CHANGES)
    assert await store.save_many([*skipped, skipped[0]]) == 4_999
    assert await store.save_many([]) == 0
    assert len(await store.cells(NOON, NOON + timedelta(days=30))) == 5_000
    assert (await store.latest())["c-39"].verdict is Verdict.SKIPPED


async def test_moments_are_exact_and_ordered_whatever_their_zone(store: Store) -> None:
    vietnam = timezone(timedelta(hours=7))
    dues = [
        datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(2026, 11, 10, 12, 0, 0, 1, tzinfo=vietnam),
        datetime(2026, 11, 10, 5, 0, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    ]
    slots = [slot(due) for due in dues]
    await store.open_slots(slots[::-1], NOON)
    assert [a_slot.due_at for a_slot in await store.unfinished("an-binh")] == dues
    assert (await store.last_due("an-binh"))["khai-sinh"] == dues[-1]


async def test_a_period_begins_with_its_first_microsecond_and_ends_before_its_last(store: Store) -> None:
    tick = timedelta(microseconds=1)
    until = NOON + timedelta(hours=1)
    inside = [NOON, NOON + MINUTE, until - tick]
    await store.save_many([run(due) for due in [NOON - tick, *inside, until + timedelta(seconds=1)]])
    assert [cell.scheduled_at for cell in await store.cells(NOON, until)] == inside
    assert [a_run.scheduled_at async for a_run in store.runs(NOON, until)] == inside


async def test_a_moment_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="offset-naive"):
        await store.prune(datetime(2026, 11, 10))  # noqa: DTZ001 - the fault under test


async def test_last_due_knows_one_location_only(store: Store) -> None:
    await store.open_slots([slot(), slot(NOON + MINUTE, location="quang-ngai")], NOON)
    await store.open_slots([slot(NOON - MINUTE, check="ho-tich")], NOON)
    assert await store.last_due("an-binh") == {"khai-sinh": NOON, "ho-tich": NOON - MINUTE}


async def test_latest_is_the_newest_closed_run_of_each_check(store: Store) -> None:
    await store.save_many([run(NOON + i * MINUTE, check=name) for i in range(3) for name in ("B", "a", "a-b")])
    await store.open_slots([slot(NOON + 9 * MINUTE, check="a")], NOON)
    await store.save(confirmed(NOON + 5 * MINUTE, check="B"), NO_CHANGES)
    latest = await store.latest()
    assert list(latest) == ["B", "a", "a-b"]
    assert latest["B"] == confirmed(NOON + 5 * MINUTE, check="B").run
    assert latest["a"] == run(NOON + 2 * MINUTE, check="a")


async def test_the_latest_walk_is_found_behind_skipped_slots(store: Store) -> None:
    skipped = [run(NOON + i * MINUTE, Verdict.SKIPPED, blame="agent") for i in (1, 2)]
    await store.save_many([run(NOON), *skipped, run(NOON, Verdict.SKIPPED, blame="agent", check="moi")])
    assert await store.latest(walked=True) == {"khai-sinh": run(NOON)}
    assert set(await store.latest()) == {"khai-sinh", "moi"}


async def test_recent_runs_come_newest_first_and_page_backwards(store: Store) -> None:
    runs = [run(NOON + i * MINUTE) for i in range(5)]
    await store.save_many([*runs, run(NOON, check="ho-tich")])
    assert await store.recent("khai-sinh", 2) == (runs[4], runs[3])
    assert await store.recent("khai-sinh", 9, before=runs[3].scheduled_at) == (runs[2], runs[1], runs[0])
    assert await store.recent("khac", 9) == ()


async def test_runs_and_cells_come_by_check_then_time_in_byte_order(store: Store) -> None:
    names = ["B", "a", "a-b", "ab"]
    runs = [run(NOON + i * MINUTE, check=name) for name in names for i in range(3)]
    await store.save_many(shuffled(runs))
    until = NOON + timedelta(hours=1)
    assert [a_run async for a_run in store.runs(NOON, until)] == runs
    assert [cell.run for cell in await store.cells(NOON, until)] == [a_run.id for a_run in runs]
    assert [a_run async for a_run in store.runs(NOON, until, ["ab", "B"])] == runs[:3] + runs[-3:]
    assert await store.cells(NOON, until, []) == ()


async def test_a_cell_says_what_the_run_said(store: Store) -> None:
    outcome = confirmed(health={"degraded": True})
    await store.save(outcome, NO_CHANGES)
    assert await store.cells(NOON, NOON + MINUTE) == (
        Cell(
            run=outcome.run.id,
            check="khai-sinh",
            scheduled_at=NOON,
            verdict=Verdict.FAILED,
            blame="system",
            duration_s=2.0,
            attempts=2,
            degraded=True,
        ),
    )


async def test_a_month_is_streamed_not_loaded(store: Store) -> None:
    long = StepRun(name="x" * 10_000, verdict=Verdict.OK)
    for start in range(0, 2_000, 200):
        await store.save_many(
            [run(NOON + i * MINUTE, check=f"c-{i % 4}", steps=(long,)) for i in range(start, start + 200)]
        )
    seen = 0
    tracemalloc.start()
    async for _ in store.runs(NOON, NOON + timedelta(days=30)):
        seen += 1
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert seen == 2_000
    assert peak < 12_000_000, "the documents alone are 20 MB"


async def test_a_stream_that_is_left_early_leaves_the_store_usable(store: Store) -> None:
    await store.save_many([run(NOON + i * MINUTE) for i in range(1_000)])
    for _ in range(30):
        async with aclosing(store.runs(NOON, NOON + timedelta(days=1))) as stream:
            async for _ in stream:
                break
    assert await store.prune(NOON + timedelta(days=1)) == 1_000


async def test_prune_deletes_closed_runs_before_the_moment_with_their_attempts(store: SqlStore) -> None:
    await store.save(confirmed(NOON), NO_CHANGES)
    await store.save_many([run(NOON + i * MINUTE) for i in range(1, 4_500)])
    await store.open_slots([slot(NOON - MINUTE)], NOON)
    assert await store.prune(NOON + 4_400 * MINUTE) == 4_400
    assert await store.outcome(run(NOON).id) is None
    assert len(await store.cells(NOON - MINUTE, NOON + timedelta(days=30))) == 100
    assert await store.unfinished("an-binh") == (slot(NOON - MINUTE),)
    assert await store.prune(NOON + 4_400 * MINUTE) == 0


async def test_hostile_text_never_costs_a_run(store: Store) -> None:
    vile = "\0 \ud800 \u202e ' \" ; -- \\u0000 %s :x {} \U0001f600 Đăng ký"
    certificate = Certificate(subject=vile, issuer="x", not_before=NOON, not_after=NOON, days_left=1, trusted=False)
    a_run = run(certificate=certificate).evolve(message=vile)
    assert await store.save(Outcome(run=a_run), NO_CHANGES) is True
    stored = await store.outcome(a_run.id)
    assert stored is not None
    assert stored.run.certificate is not None
    assert stored.run.certificate.subject.replace("\ufffd", "\0").replace("?", "\ud800") == vile
    assert (await store.latest())["khai-sinh"] == stored.run


async def test_ids_that_cannot_exist_are_unknown(store: Store) -> None:
    for odd in ("", "\0", "\ud800", "x" * 100_000, "khai-sinh.an-binh.\0"):
        assert await store.outcome(odd) is None
        assert await store.incident(odd) is None
        assert await store.recent(odd, 5) == ()


async def test_a_run_that_could_not_be_read_back_is_refused_and_its_slot_stays_open(store: Store) -> None:
    await store.open_slots([slot()], NOON)
    with pytest.raises(StoreError, match="duration_s"):
        await store.save(Outcome(run=run().evolve(duration_s=float("nan"))), NO_CHANGES)
    assert await store.unfinished("an-binh") == (slot(),)
