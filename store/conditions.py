"""How the agent was, hour by hour, counted from the rows of its runs on a connection inside a transaction."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import isfinite
from typing import Any

from sqlalchemy import BigInteger, Select, Subquery, func, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from checks.run import Cause, Health, Verdict
from store.protocol import HourOfRuns
from store.tables import RUNS

_HOUR = timedelta(hours=1)
_HOUR_US = _HOUR // timedelta(microseconds=1)
_LONGEST_S = 86_400.0  # so that the column holds it


def columns(health: Health) -> dict[str, Any]:
    """Return what a row keeps of a run's health for counting, coarse enough that few values differ."""
    slowdown, lag_s = _finite(health.slowdown), _finite(health.loop_lag_s)
    return {
        "degraded": health.degraded,
        "causes": " ".join(health.causes),
        "slowdown": None if slowdown is None else round(slowdown, 2),
        "lag_ms": None if lag_s is None else round(min(lag_s, _LONGEST_S) * 1000),
    }


def _finite(value: float | None) -> float | None:
    """Return what the document keeps of a value: JSON has no word for the others."""
    return value if value is not None and isfinite(value) else None


@dataclass(slots=True)
class _Counting:
    verdicts: Counter[Verdict] = field(default_factory=Counter)
    degraded: int = 0
    causes: Counter[Cause] = field(default_factory=Counter)
    slowdowns: dict[float, int] = field(default_factory=dict)
    lags_ms: dict[int, int] = field(default_factory=dict)

    def result(self, began: datetime) -> HourOfRuns:
        skipped = self.verdicts[Verdict.SKIPPED]
        return HourOfRuns(
            began=began,
            runs=self.verdicts.total() - skipped,
            skipped=skipped,
            inconclusive=self.verdicts[Verdict.INCONCLUSIVE],
            degraded=self.degraded,
            causes=dict(self.causes),
            slowdowns=self.slowdowns,
            lags_ms=self.lags_ms,
        )


async def hours(connection: AsyncConnection, location: str, since: datetime, count: int) -> tuple[HourOfRuns, ...]:
    """Return `count` hours from `since` on; the database counts, so that a day of many runs comes as a few rows."""
    counted = [_Counting() for _ in range(count)]
    rows = _rows(location, since, since + count * _HOUR)
    for row in await connection.execute(_grouped(rows, "verdict", "degraded", "causes")):
        _count(counted[row.hour], row)
    for row in await connection.execute(_grouped(rows, "slowdown").where(rows.c.slowdown.is_not(None))):
        counted[row.hour].slowdowns[row.slowdown] = row.runs
    for row in await connection.execute(_grouped(rows, "lag_ms").where(rows.c.lag_ms.is_not(None))):
        counted[row.hour].lags_ms[row.lag_ms] = row.runs
    return tuple(one.result(since + place * _HOUR) for place, one in enumerate(counted))


def _rows(location: str, since: datetime, until: datetime) -> Subquery:
    hour = type_coerce(RUNS.c.scheduled_at - since, BigInteger) // _HOUR_US
    of_this_place = (RUNS.c.location == location) & RUNS.c.closed_at.is_not(None)
    in_time = (RUNS.c.scheduled_at >= since) & (RUNS.c.scheduled_at < until)
    kept = RUNS.c["verdict", "degraded", "causes", "slowdown", "lag_ms"]
    return select(hour.label("hour"), *kept).where(of_this_place, in_time).subquery()


def _grouped(rows: Subquery, *names: str) -> Select[Any]:
    by = [rows.c[name] for name in ("hour", *names)]
    return select(*by, func.count().label("runs")).group_by(*by).order_by(*by)


def _count(place: _Counting, row: Any) -> None:
    place.verdicts[Verdict(row.verdict)] += row.runs
    place.degraded += row.runs if row.degraded else 0
    for cause in (row.causes or "").split():
        place.causes[Cause(cause)] += row.runs
