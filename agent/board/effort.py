"""What a service began to ask of citizens, more or less than before: changes of the counts within 30 days."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo

from agent.board.board import Board
from checks.run import Run, Verdict
from store.protocol import Cell

COMPARED = (
    "clicks", "drags", "fields", "keystrokes", "choices", "uploads", "screens", "redirects", "dialogs", "new_tabs",
    "otp", "re_entry", "steps", "clicks_to_find",
)  # fmt: skip
OF_FORMS = ("controls", "required", "prefilled", "file_inputs", "unnamed")
_GOOD = frozenset({Verdict.OK, Verdict.SLOW})
_FEWEST = 2


@dataclass(frozen=True, slots=True)
class EffortChange:
    """A count that is `now` what it has been since the run at `since`, and was `before`.

    `walk_changed`: our own configuration changed between the two as well, so the change may be ours.
    """

    name: str
    before: int
    now: int
    since: datetime
    walk_changed: bool


def asked(run: Run) -> Mapping[str, int]:
    """Return what a finished walk asked of the citizen: its counts, and what stood on the forms it left."""
    counts = {name: getattr(run.ux, name) for name in COMPARED}
    forms = [step.census for step in run.steps if step.census is not None]
    on_forms = {name: sum(getattr(form, name) for form in forms) for name in OF_FORMS}
    return {name: count for name, count in (counts | on_forms).items() if count is not None}


def effort_changes(runs: Iterable[Run]) -> tuple[EffortChange, ...]:
    """Compare finished walks, oldest first; the latest change of each count.

    A value counts when two walks in a row had it: a banner that was in the way once changes nothing.
    """
    finished = [run for run in runs if run.verdict in _GOOD]
    several = [asked(run) for run in finished]
    found = (_latest_change(name, finished, several) for name in (*COMPARED, *OF_FORMS))
    return tuple(change for change in found if change is not None)


def _latest_change(name: str, runs: Sequence[Run], several: Sequence[Mapping[str, int]]) -> EffortChange | None:
    known = [(one[name], run) for run, one in zip(runs, several, strict=True) if name in one]
    spells = [(value, [run for _, run in spell]) for value, spell in groupby(known, key=lambda pair: pair[0])]
    lasting = [(value, spell) for value, spell in spells if len(spell) >= _FEWEST]
    for (before, old), (now, new) in reversed(list(pairwise(lasting))):
        if before != now:
            return EffortChange(name, before, now, new[0].scheduled_at, old[-1].config_hash != new[0].config_hash)
    return None


def one_a_day(cells: Iterable[Cell], zone: ZoneInfo) -> tuple[str, ...]:
    """Return the first good run of each day, oldest first; `cells` are in order of time."""
    good = (cell for cell in cells if cell.verdict in _GOOD and not cell.degraded)
    return tuple(next(day).run for _, day in groupby(good, key=lambda cell: cell.scheduled_at.astimezone(zone).date()))


async def load_changes(board: Board, cells: Iterable[Cell], recent: Sequence[Run]) -> tuple[EffortChange, ...]:
    """Read one run of each day that `cells` cover; `recent` are the newest runs, newest first."""
    zone = ZoneInfo(board.config().settings.timezone)
    outcomes = [await board.store.outcome(run) for run in one_a_day(cells, zone)]
    newest = [run for run in recent if run.verdict in _GOOD][:_FEWEST]
    runs = {run.id: run for run in (*(one.run for one in outcomes if one is not None), *newest)}
    return effort_changes(sorted(runs.values(), key=lambda run: run.scheduled_at))
