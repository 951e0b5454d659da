"""Availability of one or several checks over the last day, week and month, by the ranking's own formula."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from checks.config import AnyCheck, Config, Target
from checks.run import Blame, Health, Run, Verdict
from ranking.availability import Counts, Fate, fate, total
from ranking.maintenance import Window, windows
from ranking.period import Period
from store.protocol import Cell

SPANS = (timedelta(days=1), timedelta(days=7), timedelta(days=30))

Kind = tuple[Verdict, Blame, bool, bool]

_EPOCH = datetime.fromtimestamp(0, UTC)
_BLANK: Final = Run(
    id="", check="", type="http", service=None, system="", agency="", location="", agent="", config_hash="",
    scheduled_at=_EPOCH, started_at=_EPOCH, finished_at=_EPOCH, verdict=Verdict.OK,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figure:
    """Slots of one span by what became of them; `enough` tells whether the coverage floor is reached."""

    hours: int
    counts: Counts
    enough: bool


def figures(
    config: Config, targets: Sequence[Target[AnyCheck]], cells: Mapping[str, Sequence[Cell]], now: datetime
) -> tuple[Figure, ...]:
    """Return the figures of the checks taken together; `cells` reach back over the longest span."""
    return tuple(_figure(config, targets, cells, now - span, now) for span in SPANS)


def _figure(
    config: Config,
    targets: Sequence[Target[AnyCheck]],
    cells: Mapping[str, Sequence[Cell]],
    since: datetime,
    until: datetime,
) -> Figure:
    period = Period("", since, until, until, ZoneInfo(config.settings.timezone))
    stops = [w for w in windows(config.maintenance, period, config.ranking.notice_days) if w.accepted]
    counts = total(_counts(target, cells.get(target.check.id, ()), stops, period) for target in targets)
    enough = counts.coverage is not None and counts.coverage >= config.ranking.minimum.coverage
    return Figure(round(period.seconds / 3600), counts, enough)


def _counts(target: Target[AnyCheck], cells: Iterable[Cell], stops: Sequence[Window], period: Period) -> Counts:
    service = target.service.id if target.service is not None else None
    own = [stop for stop in stops if target.system.id in stop.systems or service in stop.services]
    inside = [cell for cell in cells if period.covers(cell.scheduled_at)]
    kinds: Counter[Kind] = Counter(
        (c.verdict, c.blame, c.degraded, any(s.starts <= c.scheduled_at < s.ends for s in own)) for c in inside
    )
    fates: Counter[Fate] = Counter()
    slow = 0
    for kind, count in kinds.items():
        became = _fate(kind)
        fates[became] += count
        slow += count if became is Fate.GOOD and kind[0] is Verdict.SLOW else 0
    due = max(int(period.seconds // target.check.every), len(inside))
    return Counts(due=due, slow=slow, **{name.value: count for name, count in fates.items()})


def _fate(kind: Kind) -> Fate:
    verdict, blame, degraded, in_maintenance = kind
    # The rule is written for runs; a cell knows the three things of a run that it looks at.
    run = _BLANK.evolve(verdict=verdict, blame=blame, health=Health(degraded=degraded))
    return fate(run, in_maintenance=in_maintenance)
