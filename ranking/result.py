"""The frozen result: everything needed to explain each point, and to check it again."""

from dataclasses import dataclass
from typing import Literal

from checks.ranking import ClassName, Gate, Indicator, IndicatorId, Pillar
from checks.run import Depth
from ranking.availability import Counts
from ranking.maintenance import Window
from ranking.outages import Outage
from ranking.period import Period
from ranking.units import UnitKind

Standing = Literal["weak", "watch", "ordinary"]


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval, both ends included."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class IndicatorScore:
    """One line of the explanation: `value` from `samples` observations gave `got` of `of` points.

    `of` is after redistribution; over all scored indicators it sums to 100. Without data `value` is None and
    `got` and `of` are 0.
    """

    id: IndicatorId
    value: float | None
    samples: int
    got: float
    of: float

    @property
    def lost(self) -> float:
        """Points that a full mark would return."""
        return self.of - self.got


@dataclass(frozen=True, slots=True)
class PillarScore:
    """The points of one pillar; `of` is 0 when the pillar has no data."""

    id: Pillar
    got: float
    of: float
    indicators: tuple[IndicatorScore, ...]


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Why a unit is not ranked; coverage as a share 0-1, days as a count."""

    of: Literal["coverage", "days", "indicators"]
    have: float
    needed: float


@dataclass(frozen=True, slots=True)
class Fix:
    """What to do first: bringing `indicator` to its full mark returns `points` of 100."""

    indicator: IndicatorId
    value: float
    target: float
    points: float


@dataclass(frozen=True, slots=True)
class Effort:
    """What a finished walk asks of a citizen: mean counts over the unit's walks (`walks` checks)."""

    walks: int
    steps: float
    clicks: float
    fields: float
    re_entry: float
    handling_s: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the month's points mean.

    Attributes:
        score: 0-100; given for unranked units too, but only as a provisional figure that papers do not print.
        interval: 95 % interval of the score; None for unranked units.
        class_name: Class after the gates; None for unranked units.
        gates: Conditions that cap the class, as measured.
        certain_gates: Those of them that hold in 97.5 % of the resampled months too.
        standing: Weak only beyond chance; watch when only the measured figure is low.
    """

    score: float | None
    interval: Interval | None
    class_name: ClassName | None
    gates: tuple[Gate, ...]
    certain_gates: tuple[Gate, ...]
    standing: Standing


@dataclass(frozen=True, slots=True)
class Place:
    """The rank of the unit's group of equals, its 95 % interval, and how many share it."""

    rank: int
    best: int
    worst: int
    equals: int


@dataclass(frozen=True, slots=True)
class UnitScore:
    """One unit's month.

    Attributes:
        place: None when not ranked.
        score_with_maintenance: The score had announced stops counted; None where there were none.
        coverage: Mean coverage of the unit's checks, 0-1.
        days: Days with a counted result.
    """

    id: str
    name: str
    agency: str
    group: str
    depth: Depth
    judgement: Judgement
    place: Place | None
    score_with_maintenance: float | None
    pillars: tuple[PillarScore, ...]
    counts: Counts
    coverage: float
    days: int
    outages: tuple[Outage, ...]
    effort: Effort | None
    shortfalls: tuple[Shortfall, ...]
    fixes: tuple[Fix, ...]

    @property
    def ranked(self) -> bool:
        """Whether there was enough data to rank the unit."""
        return not self.shortfalls

    def indicator(self, indicator_id: IndicatorId) -> IndicatorScore | None:
        """Return one indicator's line; None if the method does not have it."""
        lines = (line for pillar in self.pillars for line in pillar.indicators)
        return next((line for line in lines if line.id == indicator_id), None)


@dataclass(frozen=True, slots=True)
class Table:
    """Units that may be compared: best first, equals by alphabet, then the unranked by alphabet."""

    group: str
    depth: Depth
    units: tuple[UnitScore, ...]

    @property
    def ranked(self) -> tuple[UnitScore, ...]:
        """Units with a rank, best first."""
        return tuple(unit for unit in self.units if unit.ranked)

    @property
    def unranked(self) -> tuple[UnitScore, ...]:
        """Units without enough data, by alphabet."""
        return tuple(unit for unit in self.units if not unit.ranked)


@dataclass(frozen=True, slots=True)
class Ranking:
    """One period's ranking.

    Attributes:
        indicators: The table in force, overrides applied.
        runs: Results that were read, inside the period and of known checks.
        unknown_runs: Results left out because checks.yaml no longer has their check.
        runs_digest: Sum modulo 2^256 of the SHA-256 of every read run's JSON, as 64 hex digits.
        counts: All results of the ranked kinds of checks, by fate.
    """

    method_version: int
    unit: UnitKind
    period: Period
    config_digest: str
    runs_digest: str
    runs: int
    unknown_runs: int
    checks: int
    counts: Counts
    indicators: dict[IndicatorId, Indicator]
    maintenance: tuple[Window, ...]
    tables: tuple[Table, ...]

    @property
    def units(self) -> tuple[UnitScore, ...]:
        """Every unit, table by table."""
        return tuple(unit for table in self.tables for unit in table.units)
