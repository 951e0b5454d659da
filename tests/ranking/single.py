"""One system for a month: how the tests make it and read its lines."""

from typing import Any

from checks.ranking import IndicatorId
from ranking.rank import rank
from ranking.result import IndicatorScore, UnitScore
from tests.ranking import province
from tests.ranking.province import NOVEMBER, Slots

SLOTS = 30 * 24


def ranked(slots: Slots = lambda _due, _n: {}, pages: Slots = lambda _due, _n: {}, **method: Any) -> UnitScore:
    config = province.one_system(**method)
    journey, page = config.targets.values()
    runs = [*province.month(journey, slots), *province.month(page, pages)]
    (unit,) = rank(runs, config, NOVEMBER).units
    return unit


def line(unit: UnitScore, indicator: IndicatorId) -> IndicatorScore:
    found = unit.indicator(indicator)
    assert found is not None
    return found


def share(of: IndicatorScore) -> float:
    return of.got / of.of


def every(n: int, fields: dict[str, Any]) -> Slots:
    """Every n-th slot gets `fields`."""
    return lambda _due, slot: dict(fields) if slot % n == 0 else {}
