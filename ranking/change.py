"""What changed against another month; only a real change is called one."""

from dataclasses import dataclass
from typing import Literal

from ranking.result import Interval, Ranking, UnitScore

Trend = Literal["falling", "rising", "steady"]


@dataclass(frozen=True, slots=True)
class Change:
    """Points gained (or lost, below zero) since the month before, and whether that is more than chance."""

    points: float
    trend: Trend


def changes(now: Ranking, before: Ranking, falling_by: float) -> dict[str, Change]:
    """Return unit id -> change, for units ranked in the same table of both months.

    Raises:
        ValueError: The two rank different kinds of units, or by different versions of the method.
    """
    if (now.unit, now.method_version) != (before.unit, before.method_version):
        raise ValueError("only rankings of the same units by the same version of the method can be compared")
    earlier = {(unit.group, unit.depth, unit.id): unit for unit in before.units if unit.ranked}
    found = {}
    for unit in now.units:
        old = earlier.get((unit.group, unit.depth, unit.id))
        if unit.ranked and old is not None:
            found[unit.id] = _change(unit, old, falling_by)
    return found


def _change(now: UnitScore, before: UnitScore, falling_by: float) -> Change:
    points = (now.judgement.score or 0.0) - (before.judgement.score or 0.0)
    real = abs(points) >= falling_by and _apart(now.judgement.interval, before.judgement.interval)
    if not real:
        return Change(points, "steady")
    return Change(points, "falling" if points < 0 else "rising")


def _apart(one: Interval | None, other: Interval | None) -> bool:
    return one is not None and other is not None and (one.high < other.low or other.high < one.low)
