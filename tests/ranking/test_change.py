from dataclasses import replace
from typing import Any

import pytest

from ranking.change import changes
from ranking.rank import rank
from ranking.result import Interval, Ranking
from tests.ranking import province
from tests.ranking.province import FAILED, NOVEMBER


def ranking(bad_every: int | None) -> Ranking:
    config = province.one_system()
    journey, page = config.targets.values()

    def slots(_due: object, n: int) -> dict[str, Any]:
        return dict(FAILED) if bad_every is not None and n % bad_every == 0 else {}

    return rank([*province.month(journey, slots), *province.month(page)], config, NOVEMBER)


def test_a_fall_is_called_one_when_it_is_large_and_beyond_chance() -> None:
    good, bad = ranking(None), ranking(10)
    assert changes(bad, good, 5)["mot-cua"].trend == "falling"
    assert changes(good, bad, 5)["mot-cua"].trend == "rising"
    assert changes(bad, good, 50)["mot-cua"].trend == "steady"


def test_a_large_change_within_the_intervals_is_none() -> None:
    good, bad = ranking(None), ranking(10)
    (table,) = bad.tables
    (unit,) = table.units
    unsure = replace(unit, judgement=replace(unit.judgement, interval=Interval(10, 100)))
    blurred = replace(bad, tables=(replace(table, units=(unsure,)),))
    assert changes(blurred, good, 5)["mot-cua"].trend == "steady"
    assert changes(blurred, good, 5)["mot-cua"].points < -5


def test_rankings_of_different_units_are_not_compared() -> None:
    month = ranking(None)
    with pytest.raises(ValueError, match="only rankings of the same units"):
        changes(month, replace(month, unit="agency"), 5)
