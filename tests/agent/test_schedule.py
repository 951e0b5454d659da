"""The grid of slots: stable, spread, complete, never repeated."""

from datetime import datetime, timedelta

import pytest

from agent.schedule import BACKFILL, Schedule, due_between, next_due, offset_s
from checks.config import AnyCheck
from checks.model import TcpCheck
from tests import samples
from tests.samples import NOON


def tcp(name: str = "a", every: str = "60s", **fields: object) -> AnyCheck:
    return samples.check(TcpCheck, id=name, every=every, deadline="5s", host="127.0.0.1", port=1, **fields)


def schedule(*checks: AnyCheck, last: dict[str, datetime] | None = None, now: datetime = NOON) -> Schedule:
    return Schedule(checks, "an-binh", last or {}, now)


def test_an_offset_stays_inside_its_interval_and_never_changes() -> None:
    assert offset_s(tcp("khai-sinh")) == offset_s(tcp("khai-sinh"))
    assert all(0 <= offset_s(tcp(f"c{i}")) < 60 for i in range(500))


def test_offsets_are_spread_over_the_interval() -> None:
    offsets = [offset_s(tcp(f"c{i}")) for i in range(600)]
    assert max(offsets.count(second) for second in range(60)) < 30


def test_the_next_slot_is_later_than_the_moment_asked_for() -> None:
    due = next_due(tcp(), NOON)
    assert NOON < due <= NOON + timedelta(seconds=60)
    assert next_due(tcp(), due) == due + timedelta(seconds=60)


def test_slots_between_two_moments_are_counted_once_at_the_border() -> None:
    first = next_due(tcp(), NOON)
    border = first + timedelta(minutes=5)
    early = list(due_between(tcp(), NOON, border))
    late = list(due_between(tcp(), border, border + timedelta(minutes=5)))
    assert len(early) == 6
    assert not set(early) & set(late)


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
    last = next_due(tcp(), NOON - timedelta(hours=1))
    missed = schedule(tcp(), last={"a": last}).take_due(NOON)
    assert [slot.due_at for slot in missed] == list(due_between(tcp(), last, NOON))
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
