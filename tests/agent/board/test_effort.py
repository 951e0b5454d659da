"""What a service asks of citizens is compared with what it asked before."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from agent.board.board import Board
from agent.board.effort import EffortChange, effort_changes, one_a_day
from checks.incident import Changes
from checks.run import Census, Outcome, Run, Slot, StepRun, UxCounts, Verdict
from store.protocol import Cell
from tests.agent.board.conftest import serve
from tests.agent.board.province import NOW, Seeded
from tests.samples import run

DAY = timedelta(days=1)
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def walks(fields: Sequence[int], **more: Any) -> list[Run]:
    """One good walk a day, the last one today, with so many fields typed into."""
    first = NOW - (len(fields) - 1) * DAY
    return [run(first + n * DAY, ux=UxCounts(clicks=9, fields=count), **more) for n, count in enumerate(fields)]


def told(changes: Sequence[EffortChange]) -> list[tuple[str, int, int, int]]:
    return [(one.name, one.before, one.now, (NOW - one.since).days) for one in changes]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ([5, 5, 5, 5], []),
        ([5, 5, 8, 8], [("fields", 5, 8, 1)]),
        ([8, 8, 8, 5, 5, 5], [("fields", 8, 5, 2)]),
        ([5, 5, 6, 5, 5], []),  # a banner once
        ([5, 5, 8], []),  # not twice yet
        ([4, 4, 5, 5, 8, 8], [("fields", 5, 8, 1)]),  # the latest of two
        ([5, 5, 8, 9, 8, 8], [("fields", 5, 8, 1)]),
        ([5], []),
        ([], []),
    ],
)
def test_a_count_has_changed_when_the_new_value_lasts(
    fields: Sequence[int], expected: list[tuple[str, int, int, int]]
) -> None:
    assert told(effort_changes(walks(fields))) == expected


def test_new_controls_on_a_form_are_a_change_though_the_walk_does_the_same() -> None:
    def step(controls: int) -> StepRun:
        return StepRun(name="Khai", verdict=Verdict.OK, census=Census(screens=1, controls=controls, required=3))

    old, new = walks([5, 5], steps=(step(9),)), walks([5, 5], steps=(step(12),))
    moved = [one.evolve(scheduled_at=one.scheduled_at - 2 * DAY) for one in old]
    assert told(effort_changes([*moved, *new])) == [("controls", 9, 12, 1)]


def test_walks_that_did_not_finish_say_nothing() -> None:
    failed = [one.evolve(verdict=Verdict.FAILED, blame="system") for one in walks([0, 0])]
    assert effort_changes([*walks([5, 5, 5, 5])[:2], *failed]) == ()


def test_a_change_beside_one_of_our_own_says_so() -> None:
    old, new = walks([5, 5, 8, 8])[:2], walks([5, 5, 8, 8])[2:]
    assert [one.walk_changed for one in effort_changes([*old, *new])] == [False]
    edited = [one.evolve(config_hash="f" * 12) for one in new]
    assert [one.walk_changed for one in effort_changes([*old, *edited])] == [True]


def test_one_good_run_is_looked_at_for_each_day_of_the_province() -> None:
    def cell(hour: int, verdict: Verdict = Verdict.OK, *, degraded: bool = False) -> Cell:
        midnight = NOW.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
        return Cell(f"{hour}", "khai-sinh", midnight + hour * timedelta(hours=1), verdict, "none", 1.0, 1, degraded)

    cells = [cell(-3), cell(-1), cell(1, Verdict.FAILED), cell(2, degraded=True), cell(3, Verdict.SLOW), cell(4)]
    assert one_a_day(cells, ZONE) == ("-3", "3")


async def test_the_page_of_a_service_tells_what_changed_and_since_when(seeded: tuple[Board, Seeded]) -> None:
    board, _ = seeded
    for one in walks([3, 3, 3, 9, 9, 9, 9], check="khai-sinh"):
        earlier = one.evolve(scheduled_at=one.scheduled_at - 2 * DAY)
        slot = Slot(check="khai-sinh", location="an-binh", due_at=earlier.scheduled_at)
        await board.store.save(Outcome(run=earlier.evolve(id=slot.id)), Changes())
    async with serve(board, seeded[1]) as site:
        page = " ".join((await site.text("/services/khai-sinh")).split())
    (newest,) = await board.store.recent("khai-sinh", 1)
    changed = f"Trường phải nhập: <b>9 → {newest.ux.fields}</b> từ"
    assert "Thay đổi trong 30 ngày qua" in page
    assert changed in page
