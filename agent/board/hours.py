"""The last 24 hours of the agent itself: how many runs were degraded and why, how slow machine and loop were."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from agent.board.bars import WIDTH, column
from agent.board.board import Board
from agent.board.condition import Unit
from agent.health import LAG_LIMIT_S, SLOWDOWN_LIMIT
from checks.run import Cause
from store.protocol import HourOfRuns

HOURS = 24
_HOUR = timedelta(hours=1)
_FILLED = 0.76
_SHARES = (0.05, 0.1, 0.25, 0.5, 1.0)
_TIMES_THE_LIMIT = (1.2, 2.0, 4.0)


@dataclass(frozen=True, slots=True)
class Spread:
    """A value over the runs that kept it: half and 95 % of them had at most so much, none more than `worst`."""

    median: float
    p95: float
    worst: float


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour, or all of them: counts as in `HourOfRuns`, `causes` most first, spreads None where no run kept any."""

    began: datetime
    runs: int
    skipped: int
    inconclusive: int
    degraded: int
    causes: tuple[tuple[Cause, int], ...]
    slowdown: Spread | None
    lag_s: Spread | None

    @property
    def degraded_share(self) -> float:
        """Of the runs that were made, 0-1."""
        return self.degraded / self.runs if self.runs else 0.0

    @property
    def lost_share(self) -> float:
        """Of all slots, 0-1: what said nothing, or was not made."""
        slots = self.runs + self.skipped
        return (self.inconclusive + self.skipped) / slots if slots else 0.0


@dataclass(frozen=True, slots=True)
class Columns:
    """A column an hour, as one path in a picture of 1000 x 100 units."""

    colour: str
    path: str


@dataclass(frozen=True, slots=True)
class Picture:
    """The hours as columns, the first ones behind, whose upper edge means `top`; columns beyond it are `cut`.

    `limit` is None where there is none; `highest` the highest value and when it was last so, None if all are 0.
    """

    unit: Unit
    columns: tuple[Columns, ...]
    top: float
    highest: tuple[float, datetime] | None
    limit: float | None = None

    @property
    def cut(self) -> bool:
        """Whether an hour lies beyond the upper edge."""
        return self.highest is not None and self.highest[0] > self.top

    @property
    def limit_y(self) -> float | None:
        """Where the limit lies in the picture."""
        return None if self.limit is None else round(100 - 100 * self.limit / self.top, 1)


@dataclass(frozen=True, slots=True)
class AgentDay:
    """What `/agent` shows of the last 24 hours; `hours` oldest first, the last one not over yet."""

    hours: tuple[Hour, ...]
    whole: Hour
    degraded: Picture
    lost: Picture
    slowdown: Picture
    lag: Picture

    @property
    def until(self) -> datetime:
        """The end of the last hour."""
        return self.hours[-1].began + _HOUR


async def load_day(board: Board) -> AgentDay:
    """Ask the store how this agent was. Raises `StoreError`."""
    settings = board.config().settings
    since = first_hour(board.now(), ZoneInfo(settings.timezone))
    return build_day(await board.store.hours(settings.location, since, HOURS))


def first_hour(now: datetime, zone: ZoneInfo) -> datetime:
    """Return the beginning, by the clocks of the province, of the first of the hours that end with the present one."""
    return now.astimezone(zone).replace(minute=0, second=0, microsecond=0).astimezone(now.tzinfo) - (HOURS - 1) * _HOUR


def build_day(counted: Sequence[HourOfRuns]) -> AgentDay:
    """Lay the hours (at least one, oldest first) out."""
    hours = tuple(_hour(one) for one in counted)
    return AgentDay(
        hours=hours,
        whole=_hour(_together(counted)),
        degraded=_shares(hours, [hour.degraded_share for hour in hours], "slow"),
        lost=_shares(hours, [hour.lost_share for hour in hours], "unknown"),
        slowdown=_spreads(hours, [hour.slowdown for hour in hours], "times", SLOWDOWN_LIMIT),
        lag=_spreads(hours, [hour.lag_s for hour in hours], "seconds", LAG_LIMIT_S),
    )


def _hour(counted: HourOfRuns) -> Hour:
    return Hour(
        began=counted.began,
        runs=counted.runs,
        skipped=counted.skipped,
        inconclusive=counted.inconclusive,
        degraded=counted.degraded,
        causes=tuple(sorted(counted.causes.items(), key=lambda one: (-one[1], one[0]))),
        slowdown=spread(counted.slowdowns),
        lag_s=spread({lag_ms / 1000: runs for lag_ms, runs in counted.lags_ms.items()}),
    )


def _together(hours: Sequence[HourOfRuns]) -> HourOfRuns:
    return HourOfRuns(
        began=hours[0].began,
        runs=sum(hour.runs for hour in hours),
        skipped=sum(hour.skipped for hour in hours),
        inconclusive=sum(hour.inconclusive for hour in hours),
        degraded=sum(hour.degraded for hour in hours),
        causes=sum((Counter(hour.causes) for hour in hours), Counter()),
        slowdowns=sum((Counter(hour.slowdowns) for hour in hours), Counter()),
        lags_ms=sum((Counter(hour.lags_ms) for hour in hours), Counter()),
    )


def spread(runs_by_value: Mapping[float, int]) -> Spread | None:
    """Return the spread of values of which so many runs kept each; None of none."""
    if not runs_by_value:
        return None
    return Spread(_at_most(runs_by_value, 0.5), _at_most(runs_by_value, 0.95), max(runs_by_value))


def _at_most(runs_by_value: Mapping[float, int], share: float) -> float:
    """Return the lowest value that at least `share` of the runs do not exceed."""
    wanted, seen = share * sum(runs_by_value.values()), 0
    for value in sorted(runs_by_value):
        seen += runs_by_value[value]
        if seen >= wanted:
            return value
    return max(runs_by_value)  # 0.95 of many runs, rounded up


def _shares(hours: Sequence[Hour], shares: Sequence[float], colour: str) -> Picture:
    top = next(top for top in _SHARES if top >= max(shares))
    return Picture("share", (_columns(colour, shares, top),), top, _highest(hours, shares))


def _spreads(hours: Sequence[Hour], spreads: Sequence[Spread | None], unit: Unit, limit: float) -> Picture:
    p95s = [one.p95 if one is not None else 0.0 for one in spreads]
    medians = [one.median if one is not None else 0.0 for one in spreads]
    tops = [limit * times for times in _TIMES_THE_LIMIT]
    top = next((top for top in tops if top >= max(p95s)), tops[-1])
    columns = (_columns("most", p95s, top), _columns("middle", medians, top))
    return Picture(unit, columns, top, _highest(hours, p95s), limit)


def _columns(colour: str, values: Iterable[float], top: float) -> Columns:
    slot = WIDTH / HOURS
    width = slot * _FILLED
    path = [
        column(place * slot + (slot - width) / 2, 100, width, 100 * min(value / top, 1.0))
        for place, value in enumerate(values)
        if value
    ]
    return Columns(colour, "".join(path))


def _highest(hours: Sequence[Hour], values: Sequence[float]) -> tuple[float, datetime] | None:
    value, began = max(zip(values, (hour.began for hour in hours), strict=True))
    return (value, began) if value else None
