"""What a machine carries is found by trying, and told in numbers that a schedule can be held against."""

import asyncio

import pytest

from agent.capacity import Measured, carried, climbs, lines, measured
from agent.demand import Fit, Need, Statement
from agent.errors import AgentError
from agent.levels import Ask, Climb, Level, climbed, unhindered
from tests.agent.simulated import simulate


def machine_for(cores: int, span_s: float) -> Ask:
    """Work that takes `span_s` of one core; more at once than there are cores share them."""
    under_way = 0

    async def ask() -> float:
        nonlocal under_way
        under_way += 1
        await asyncio.sleep(0)  # whoever is let in now is under way too
        took_s = span_s * max(1.0, under_way / cores)
        await asyncio.sleep(took_s)
        under_way -= 1
        return took_s

    return ask


def levels(*took_s: float) -> tuple[Level, ...]:
    return tuple(Level(n, took, took) for n, took in enumerate(took_s, 1))


def test_it_is_tried_with_more_until_one_slows_the_others() -> None:
    told: list[str] = []
    found = simulate(climbed(Climb("walks", range(1, 9), 10, 1000), machine_for(3, 1.0), told.append))
    assert [level.at_once for level in found] == [1, 2, 3, 4]
    assert unhindered(found).at_once == 3
    assert unhindered(found).per_minute == pytest.approx(180)
    assert told[0] == "walks, 1 at once: 1.000 s each, 1.00 times as long as alone"


def test_it_ends_when_its_time_is_up() -> None:
    async def work() -> tuple[int, float]:
        found = await climbed(Climb("walks", range(1, 99), 10, 35), machine_for(99, 1.0), lambda _: None)
        return len(found), asyncio.get_running_loop().time()

    tried, took_s = simulate(work())
    assert tried == 3
    assert took_s <= 35


def test_one_that_cannot_be_measured_ends_it_with_its_own_words() -> None:
    async def broken() -> float:
        raise AgentError("no page came")

    with pytest.raises(AgentError, match="no page came"):
        simulate(climbed(Climb("walks", [3], 10, 35), broken, lambda _: None))


def test_all_that_is_tried_fits_into_a_minute() -> None:
    assert sum(climb.until_s for climb in climbs(64)) < 55


def test_a_tenth_longer_is_still_as_good_as_alone() -> None:
    assert unhindered(levels(1.0, 1.1, 1.11)).at_once == 2
    assert unhindered(levels(1.0, 1.2, 1.0)).at_once == 1


def test_how_many_walks_fit() -> None:
    assert carried(48, 2.0, 300) == 120
    assert carried(48, 30.0, 60) == 1
    assert carried(48, 50.0, 60) == 0


def test_a_schedule_is_held_against_what_was_measured_and_never_against_more_than_the_cores() -> None:
    slow = Measured(8, 8, levels(1.0, 1.05, 1.3), levels(0.1))
    quick = Measured(8, 8, levels(1.0, 1.0, 1.0, 1.0, 1.0, 1.0), levels(0.1))
    schedule = Statement((Need("a", 120, 60, known=True),), 4, 8)
    assert slow.held_against(schedule).fit is Fit.NOT
    assert quick.held_against(schedule).fit is Fit.WELL
    assert quick.held_against(schedule).width == 4


def test_a_machine_that_others_work_on_is_called_busy() -> None:
    assert Measured(2, 1.2, levels(1), levels(1)).busy
    assert not Measured(2, 1.9, levels(1), levels(1)).busy


async def test_the_real_engine_walks_our_own_pages_and_asks_them() -> None:
    told: list[str] = []
    few = Climb("walks", [1, 2], 0.1, 1.0), Climb("http checks", [1, 2], 0.1, 1.0)
    found = await measured(told.append, lambda _: few, sandbox=False)
    assert found.walks[0].at_once == found.probes[0].at_once == 1
    assert 0.3 < found.walks[0].took_s <= found.walks[0].place_s  # three pages that take 0.1 s each
    assert found.probes[0].took_s > 0.1
    assert told


def test_it_is_told_in_numbers_of_checks() -> None:
    said = "\n".join(lines(Measured(2, 2, levels(0.5, 0.52, 0.7), levels(0.1)), None, None))
    assert "2 walks at once do not slow each other, the agent makes 1 at a time: 48 browser-seconds per minute" in said
    assert "walks of 2 s: 24 every 1 min, 120 every 5 min, 360 every 15 min, 1440 every 1 h" in said
    assert "http checks beside them: 480 per minute" in said
