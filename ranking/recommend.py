"""What to do first: the fixes that return the most points."""

from collections.abc import Iterable, Mapping

from checks.ranking import Indicator, IndicatorId
from ranking.result import Fix, PillarScore

_WORTH_SAYING = 0.05  # points; less would be printed as 0,0


def fixes(pillars: Iterable[PillarScore], table: Mapping[IndicatorId, Indicator]) -> tuple[Fix, ...]:
    """Return every indicator that lost points, most first, with the points its full mark returns."""
    lines = [line for pillar in pillars for line in pillar.indicators]
    found = [
        Fix(line.id, line.value, table[line.id].full, line.lost)
        for line in lines
        if line.value is not None and line.lost >= _WORTH_SAYING
    ]
    return tuple(sorted(found, key=lambda fix: -round(fix.points, 6)))
