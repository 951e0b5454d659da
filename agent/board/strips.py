"""A day as a strip of cells: the worst state of each quarter of an hour, drawn as few shapes."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from agent.board.looks import RANK, WORST_FIRST, Look, look_of
from store.protocol import Cell

BINS = 96
_NOTHING = len(WORST_FIRST)

# Height and colour say the same, so that the strip can be read without colours.
_TOP_AND_HEIGHT = {
    Look.GOOD: (6, 4),
    Look.SLOW: (3, 7),
    Look.BROKEN: (0, 10),
    Look.BLOCKED: (0, 5),
    Look.UNKNOWN: (8, 2),
    Look.MAINTENANCE: (4, 2),
}

CellLook = Callable[[Cell], Look]


@dataclass(frozen=True, slots=True)
class Shape:
    """All cells of one state, as the path of an SVG of 96 x 10 units."""

    look: Look
    path: str


@dataclass(frozen=True, slots=True)
class Span:
    """Neighbouring cells of one state, from `start` to `end`."""

    look: Look
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Strip:
    """What one row of the last 24 hours shows; `spans` are the ones that were not good, oldest first."""

    shapes: tuple[Shape, ...]
    spans: tuple[Span, ...]
    measured: int


def plain_look(cell: Cell) -> Look:
    """Return a cell's state when no announced stop is known."""
    return look_of(cell.verdict)


def bins(
    cells: Iterable[Cell], since: datetime, until: datetime, look: CellLook = plain_look
) -> tuple[Look | None, ...]:
    """Return the worst state of each of the 96 parts of the span; None where nothing was measured."""
    began = since.timestamp()
    per_second = BINS / (until.timestamp() - began)
    ranks = [_NOTHING] * BINS
    for cell in cells:
        place = int((cell.scheduled_at.timestamp() - began) * per_second)
        if 0 <= place < BINS:
            ranks[place] = min(ranks[place], RANK[look(cell)])
    return tuple(WORST_FIRST[rank] if rank < _NOTHING else None for rank in ranks)


def strip(states: Sequence[Look | None], since: datetime, until: datetime) -> Strip:
    """Draw the states of a span."""
    width = (until - since) / len(states)
    paths: dict[Look, list[str]] = {}
    spans: list[Span] = []
    place = 0
    for look, group in groupby(states):
        length = len(list(group))
        if look is not None:
            paths.setdefault(look, []).append(_box(look, place, length))
            if look is not Look.GOOD:
                spans.append(Span(look, since + place * width, since + (place + length) * width))
        place += length
    shapes = tuple(Shape(look, "".join(paths[look])) for look in WORST_FIRST if look in paths)
    return Strip(shapes, tuple(spans), sum(state is not None for state in states))


def _box(look: Look, place: int, length: int) -> str:
    top, height = _TOP_AND_HEIGHT[look]
    return f"M{place} {top}h{length}v{height}h-{length}z"


@dataclass(frozen=True, slots=True)
class Since:
    """Since when a check has looked the way it looks; `earlier` when it began before what was looked at."""

    at: datetime
    earlier: bool


def since_when(cells: Sequence[Cell], look: Look, cell_look: CellLook = plain_look) -> Since | None:
    """Return since when the newest cells have had this state; None when the newest has another.

    Results that say nothing (inconclusive, skipped) neither begin nor end it, unless it is they who are asked about.
    """
    first: Cell | None = None
    for cell in reversed(cells):
        seen = cell_look(cell)
        if seen is Look.UNKNOWN and look is not Look.UNKNOWN:
            continue
        if seen is not look:
            return Since(first.scheduled_at, earlier=False) if first is not None else None
        first = cell
    return Since(first.scheduled_at, earlier=True) if first is not None else None


def day_before(now: datetime) -> datetime:
    """Return the moment a day before, on a quarter-hour grid so that strips do not creep from page to page."""
    grid = timedelta(minutes=15)
    into = timedelta(seconds=now.timestamp() % grid.total_seconds())
    return now - into + grid - timedelta(days=1)
