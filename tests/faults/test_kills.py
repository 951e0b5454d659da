"""Agent, driver, browser and page's process killed at random moments of real walks; a hundred times by hand."""

from pathlib import Path

from tests.faults.kills import VICTIMS, kill_at_random


async def test_whatever_is_killed_each_slot_has_one_row_nobody_is_accused_and_nothing_is_left(tmp_path: Path) -> None:
    assert await kill_at_random(len(VICTIMS), 1, tmp_path, lambda _: None) == []
