"""The grid of slots: stable, spread, complete, never repeated."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from agent.phases import offsets_s, places
from agent.schedule import BACKFILL, Grid, Schedule
from checks.config import AnyCheck
from checks.model import BrowserCheck, TcpCheck
from tests import samples
from tests.samples import NOON


def tcp(name: str = "a", every: str = "60s", **fields: object) -> AnyCheck:
    return samples.check(TcpCheck, id=name, every=every, deadline="5s", host="127.0.0.1", port=1, **fields)


def schedule(*checks: AnyCheck, last: dict[str, datetime] | None = None, now: datetime = NOON) -> Schedule:
    return Schedule(checks, "an-binh", last or {}, now)


def walk(name: str, every: str = "5m", **fields: object) -> AnyCheck:
    return samples.check(BrowserCheck, id=name, every=every, journey="nop", **fields)


def names(count: int) -> list[str]:
    return [f"khai-sinh-{n}" for n in range(count)]


def gaps(found: Mapping[str, float], whole: float) -> list[float]:
    """Return the distances between neighbours on a circle of length `whole`."""
    at = sorted(found.values())
    return [later - earlier for earlier, later in pairwise([*at, at[0] + whole])]


def moved(before: Mapping[str, float], after: Mapping[str, float]) -> int:
    return sum(after[name] != place for name, place in before.items() if name in after)


def test_the_phase_of_a_light_check_is_its_own() -> None:
    alone = offsets_s([tcp("khai-sinh")])
    assert offsets_s([tcp(f"c{n}") for n in range(500)] + [tcp("khai-sinh")])["khai-sinh"] == alone["khai-sinh"]


def test_light_checks_are_spread_over_the_interval() -> None:
    offsets = list(offsets_s(tcp(f"c{n}") for n in range(600)).values())
    assert set(offsets) <= set(range(60))
    assert max(offsets.count(second) for second in range(60)) < 30


@pytest.mark.parametrize("count", [1, 2, 7, 12, 60, 500, 10_000])
def test_walks_of_one_interval_are_spread_evenly(count: int) -> None:
    found = gaps(places(names(count)), 1.0)
    assert len(found) == count
    assert min(found) * count >= 0.5
    assert max(found) * count <= 2.0


def test_twelve_walks_every_five_minutes_never_start_within_twelve_seconds_of_each_other() -> None:
    found = offsets_s(walk(name) for name in names(12))
    assert set(found.values()) <= set(range(300))
    assert min(gaps(found, 300)) >= 12


def test_walks_of_different_intervals_do_not_all_start_together() -> None:
    found = offsets_s([walk("a"), walk("b", "10m"), walk("c", "15m"), walk("d", "30m"), walk("e", "1h")])
    assert len({offset % 300 for offset in found.values()}) == 5


def test_the_order_in_the_file_does_not_matter() -> None:
    assert places(names(40)) == places(reversed(names(40)))


@pytest.mark.parametrize("count", [12, 64, 500])
def test_a_check_that_comes_or_goes_moves_few_others(count: int) -> None:
    before = places(names(count))
    newcomers = [f"moi-{n}" for n in range(50)]
    shifts = [moved(before, places([*names(count), name])) for name in newcomers]
    assert max(shifts) < count
    assert sum(shifts) / len(shifts) <= {12: 5, 64: 6, 500: 9}[count]
    assert [moved(places([*names(count), name]), before) for name in newcomers] == shifts


def test_a_check_that_is_switched_off_takes_no_place() -> None:
    plan = schedule(walk("a"), walk("b", enabled=False))
    assert plan.next_due("a") == schedule(walk("a")).next_due("a")


def grid(check: AnyCheck) -> Grid:
    return Grid(int(check.every), offsets_s([check])[check.id])


def test_the_next_slot_is_later_than_the_moment_asked_for() -> None:
    due = grid(tcp()).next_after(NOON)
    assert NOON < due <= NOON + timedelta(seconds=60)
    assert grid(tcp()).next_after(due) == due + timedelta(seconds=60)


def test_slots_between_two_moments_are_counted_once_at_the_border() -> None:
    first = grid(tcp()).next_after(NOON)
    border = first + timedelta(minutes=5)
    early = list(grid(tcp()).between(NOON, border))
    late = list(grid(tcp()).between(border, border + timedelta(minutes=5)))
    assert len(early) == 6
    assert not set(early) & set(late)


def test_a_restart_at_any_moment_goes_on_where_the_rows_end() -> None:
    checks = [walk(name) for name in names(20)] + [tcp(f"c{n}") for n in range(20)]
    whole = [slot.id for slot in schedule(*checks).take_due(NOON + timedelta(hours=2))]
    for minutes in (1, 17, 60, 119):
        middle = NOON + timedelta(minutes=minutes)
        first = schedule(*checks).take_due(middle)
        last = {slot.check: slot.due_at for slot in first}
        rest = schedule(*checks, last=last, now=middle).take_due(NOON + timedelta(hours=2))
        assert sorted(slot.id for slot in (*first, *rest)) == sorted(whole)


def test_ten_thousand_checks_are_each_handed_out_when_they_are_due() -> None:
    plan = schedule(*(tcp(f"c{n}") for n in range(10_000)))
    taken = 0
    for second in range(1, 61):
        now = NOON + timedelta(seconds=second)
        slots = plan.take_due(now)
        taken += len(slots)
        assert all(now - slot.due_at < timedelta(seconds=1) for slot in slots)
        moment = plan.next_moment()
        assert moment is not None
        assert moment > now
    assert taken == 10_000


def test_every_slot_is_handed_out_once() -> None:
    plan = schedule(tcp("a"), tcp("b", "90s"))
    seen = [slot.id for minute in range(31) for slot in plan.take_due(NOON + timedelta(minutes=minute))]
    assert len(seen) == len(set(seen)) == 30 + 20


def test_slots_come_out_oldest_first() -> None:
    due = [slot.due_at for slot in schedule(tcp("a"), tcp("b")).take_due(NOON + timedelta(minutes=10))]
    assert due == sorted(due)


def test_a_new_check_starts_now_and_owes_nothing() -> None:
    assert schedule(tcp()).take_due(NOON) == []


def test_a_restart_keeps_the_phase_and_finds_what_was_missed() -> None:
    last = grid(tcp()).next_after(NOON - timedelta(hours=1))
    missed = schedule(tcp(), last={"a": last}).take_due(NOON)
    assert [slot.due_at for slot in missed] == list(grid(tcp()).between(last, NOON))
    assert len(missed) in (58, 59)


def test_after_a_long_absence_only_the_backfill_span_is_owed() -> None:
    plan = schedule(tcp(every="1h"), last={"a": NOON - timedelta(days=400)})
    assert len(plan.take_due(NOON)) == BACKFILL // timedelta(hours=1)


def test_a_clock_that_goes_back_repeats_no_slot() -> None:
    plan = schedule(tcp())
    first = plan.take_due(NOON + timedelta(minutes=10))
    again = [*plan.take_due(NOON), *plan.take_due(NOON + timedelta(minutes=10))]
    assert len(first) == 10
    assert again == []


def test_a_last_slot_from_the_future_stops_nothing_for_ever() -> None:
    plan = schedule(tcp(), last={"a": NOON + timedelta(days=3)})
    assert len(plan.take_due(NOON + timedelta(minutes=2))) == 2


def test_a_check_that_is_switched_off_is_never_due() -> None:
    plan = schedule(tcp(enabled=False))
    assert plan.take_due(NOON + timedelta(hours=1)) == []
    assert plan.next_moment() is None
    assert plan.next_due("a") is None


@pytest.mark.parametrize("every", ["500ms", "1500ms"])
def test_an_interval_off_the_grid_of_seconds_is_refused(every: str) -> None:
    with pytest.raises(ValueError, match="whole seconds"):
        tcp(every=every)


def dues(one: Schedule, until: datetime) -> dict[str, list[datetime]]:
    """Take everything up to `until`; return the due moments by check."""
    found: dict[str, list[datetime]] = {}
    for slot in one.take_due(until):
        found.setdefault(slot.check, []).append(slot.due_at)
    return found


def test_a_reload_neither_loses_nor_repeats_a_slot_of_a_check_that_stays() -> None:
    kept, plain = schedule(tcp("a"), tcp("b")), schedule(tcp("a"), tcp("b"))
    taken: list[datetime] = []
    for second in range(0, 600, 7):
        now = NOON + timedelta(seconds=second)
        taken += dues(kept, now).get("a", [])
        kept.adopt([tcp("a"), tcp(f"b{second}")], now)
    assert taken == dues(plain, NOON + timedelta(seconds=595))["a"]


def test_a_slot_that_is_due_and_not_taken_yet_survives_a_reload() -> None:
    one = schedule(tcp("a"))
    due = one.next_due("a")
    assert due is not None
    one.adopt([tcp("a"), tcp("b")], due + timedelta(milliseconds=1))
    assert dues(one, due + timedelta(milliseconds=2))["a"] == [due]


def test_a_check_that_was_changed_goes_on_along_its_new_grid_without_a_slot_twice() -> None:
    one = schedule(tcp("a"))
    before = dues(one, NOON + timedelta(minutes=5))["a"]
    now = NOON + timedelta(minutes=5)
    one.adopt([tcp("a", every="90s")], now)
    after = dues(one, now + timedelta(minutes=15))["a"]
    assert len(set(before + after)) == len(before) + len(after)
    assert min(after) > now
    assert {later - earlier for earlier, later in pairwise(after)} == {timedelta(seconds=90)}


def test_a_check_that_is_new_begins_at_its_next_slot_and_one_that_is_gone_is_due_no_more() -> None:
    one = schedule(tcp("a"))
    one.adopt([tcp("b")], NOON)
    assert one.next_due("a") is None
    assert one.next_due("b") == schedule(tcp("b")).next_due("b")
    assert set(dues(one, NOON + timedelta(minutes=9))) == {"b"}
