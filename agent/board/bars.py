"""Bars for step times: stacked over the last runs, split by owner, and the waterfall of one run."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from checks.run import Run, StepRun

WIDTH = 1000
COLOURS = 10


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle; `colour` is a number of the palette or a name of a state."""

    x: float
    y: float
    width: float
    height: float
    colour: str


@dataclass(frozen=True, slots=True)
class Layer:
    """One part of every run: all its bars as one path, so that pages stay light. `colour` is a palette number."""

    colour: int
    path: str


@dataclass(frozen=True, slots=True)
class Stack:
    """The parts of the last runs, oldest first, as layers of a picture of 1000 x 100 units.

    `names` are the parts in the order in which they are stacked; `values[i][j]` is part j of run i in seconds
    (None: not reached). `top_s` is what the picture's upper edge means.
    """

    names: tuple[str, ...]
    runs: tuple[Run, ...]
    values: tuple[tuple[float | None, ...], ...]
    layers: tuple[Layer, ...]
    top_s: float


def parts_of(run: Run) -> dict[str, float]:
    """Return what a run's time is made of, in seconds: its steps, or the phases of a request."""
    if run.steps:
        return {step.name: step.duration_s for step in run.steps}
    return {str(phase): seconds for phase, seconds in run.phases.items()} or {"": run.duration_s}


def stack(runs: Sequence[Run]) -> Stack | None:
    """Stack the parts of runs (any order); None when there is nothing to draw."""
    ordered = tuple(sorted(runs, key=lambda run: run.scheduled_at))
    parts = [parts_of(run) for run in ordered]
    names = _in_order(parts)
    top = _round_up(max((sum(part.values()) for part in parts), default=0.0))
    if not top:
        return None
    values = tuple(tuple(part.get(name) for name in names) for part in parts)
    layers = tuple(Layer(number % COLOURS, _layer(values, number, top)) for number in range(len(names)))
    return Stack(names, ordered, values, layers, top)


def _in_order(parts: Iterable[Mapping[str, float]]) -> tuple[str, ...]:
    longest = sorted(parts, key=len, reverse=True)
    return tuple(dict.fromkeys(name for part in longest for name in part))


def _layer(values: Sequence[Sequence[float | None]], number: int, top: float) -> str:
    slot = WIDTH / len(values)
    width = min(slot * 0.8, 24)
    path = []
    for place, row in enumerate(values):
        seconds = row[number]
        if seconds:
            foot = 100 - 100 * sum(below or 0 for below in row[:number]) / top
            path.append(column(place * slot + (slot - width) / 2, foot, width, 100 * seconds / top))
    return "".join(path)


def column(left: float, foot: float, width: float, height: float) -> str:
    """Return the path of one column; `foot` is where it stands, from the upper edge down."""
    return f"M{left:.4g} {foot:.4g}h{width:.3g}v-{height:.4g}h-{width:.3g}z"


def _round_up(seconds: float) -> float:
    for step in (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600):
        if seconds <= step:
            return step if seconds > 0 else 0.0
    return seconds


@dataclass(frozen=True, slots=True)
class OwnerPart:
    """Median seconds that one owner's hosts held a step up."""

    owner: str
    seconds: float
    bar: Bar


@dataclass(frozen=True, slots=True)
class OwnerRow:
    """One step's time by owner."""

    step: str
    parts: tuple[OwnerPart, ...]


@dataclass(frozen=True, slots=True)
class OwnerSplit:
    """Step times split by who was waited for; `owners` in the order of the palette."""

    owners: tuple[str, ...]
    rows: tuple[OwnerRow, ...]


def owner_split(runs: Sequence[Run]) -> OwnerSplit | None:
    """Split the median step times by owner; None where no run knows an owner's time."""
    seconds: dict[str, dict[str, list[float]]] = {}
    for run in runs:
        for step in run.steps:
            for share in step.owners:
                seconds.setdefault(step.name, {}).setdefault(share.owner, []).append(share.critical_s)
    medians = {step: {owner: _middle(times) for owner, times in of.items()} for step, of in seconds.items()}
    longest = max((sum(of.values()) for of in medians.values()), default=0.0)
    if not longest:
        return None
    owners = tuple(sorted({owner for of in medians.values() for owner in of}))
    return OwnerSplit(owners, tuple(_owner_row(step, of, owners, longest) for step, of in medians.items()))


def _owner_row(step: str, of: Mapping[str, float], owners: Sequence[str], longest: float) -> OwnerRow:
    parts, x = [], 0.0
    for number, owner in enumerate(owners):
        if of.get(owner):
            width = WIDTH * of[owner] / longest
            parts.append(OwnerPart(owner, of[owner], Bar(round(x, 1), 0, round(width, 1), 10, str(number % COLOURS))))
            x += width
    return OwnerRow(step, tuple(parts))


def _middle(values: Sequence[float]) -> float:
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


@dataclass(frozen=True, slots=True)
class Fall:
    """One row of a waterfall: where the part lies in the whole, and where its budget ends."""

    step: StepRun
    bar: Bar
    budget_x: float | None


def waterfall(steps: Sequence[StepRun]) -> tuple[Fall, ...]:
    """Lay the steps of one walk out in time, in rows of 1000 x 10 units."""
    end = max((step.started_s + max(step.duration_s, step.budget_s or 0) for step in steps), default=0.0)
    if not end:
        return tuple(Fall(step, Bar(0, 0, 0, 10, step.verdict), None) for step in steps)
    return tuple(_fall(step, WIDTH / end) for step in steps)


def _fall(step: StepRun, scale: float) -> Fall:
    x = step.started_s * scale
    width = max(step.duration_s * scale, 3.0)
    budget = round((step.started_s + step.budget_s) * scale, 1) if step.budget_s is not None else None
    return Fall(step, Bar(round(x, 1), 0, round(width, 1), 10, step.verdict), budget)
