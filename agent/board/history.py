"""A check or a service over time: how is it for a citizen?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from agent.board.access import Access, Audits, access, read_audits
from agent.board.bars import OwnerSplit, Stack, owner_split, stack
from agent.board.board import Board
from agent.board.effort import EffortChange, load_changes
from agent.board.figures import Figure, figures
from agent.board.looks import Look, look_of, worst
from agent.board.now import CheckNow, Known, cell_look, check_now, read_now
from agent.board.strips import Strip, bins, day_before, strip
from checks.config import AnyCheck, Config, Target
from checks.model import Agency, Service, System
from checks.run import Blame, Run, StepRun, Verdict
from store.protocol import Cell

LOOKED_AT = 48
_FEWEST = 12
PAGE = 20
DAY = timedelta(days=1)
MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class WalkStep:
    """One step of the walk, as the latest runs had it; None where none of them reached it."""

    number: int
    name: str
    median_s: float | None
    clicks: float | None
    fields: float | None
    screens: float | None
    bad: int


@dataclass(frozen=True, slots=True)
class BlameCount:
    """How many bad results of the last 30 days were charged to somebody."""

    blame: Blame
    verdict: Verdict
    count: int


@dataclass(frozen=True, slots=True)
class CheckHistory:
    """One check: the walk, its times over the last runs, its last day, and how the effort changed within 30 days.

    `looked_at` counts the last runs. `access` is None where no screens are audited.
    """

    now: CheckNow
    walk: tuple[WalkStep, ...]
    times: Stack | None
    owners: OwnerSplit | None
    strip: Strip
    since: datetime
    until: datetime
    looked_at: int
    changes: tuple[EffortChange, ...]
    access: Access | None


@dataclass(frozen=True, slots=True)
class RunRow:
    """One line of the list of runs."""

    run: Run
    look: Look
    title: str
    failing: tuple[int, StepRun] | None


@dataclass(frozen=True, slots=True)
class Subject:
    """What a history is about; `service` is None for a check of a whole system."""

    title: str
    service: Service | None
    system: System
    agency: Agency


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """What `/services/ID` and `/checks/ID` show.

    `before` is where this list of runs ends when it is not the newest, `next_before` where the next page begins.
    `systems` names systems by id, `floor` is the coverage (0-1) below which no availability is said.
    """

    subject: Subject
    look: Look
    histories: tuple[CheckHistory, ...]
    figures: tuple[Figure, ...]
    blames: tuple[BlameCount, ...]
    runs: tuple[RunRow, ...]
    before: datetime | None
    next_before: datetime | None
    systems: Mapping[str, str]
    floor: float


async def load_service(board: Board, service: Service, before: datetime | None) -> HistoryPage:
    """Read a service: all checks that measure it."""
    config = board.config()
    targets = [t for t in config.targets.values() if t.service is not None and t.service.id == service.id]
    system, agency = config.systems[service.system], config.agencies[service.agency]
    return await _load(board, targets, Subject(service.name, service, system, agency), before)


async def load_check(board: Board, target: Target[AnyCheck], before: datetime | None) -> HistoryPage:
    """Read one check."""
    return await _load(board, [target], Subject(target.title, target.service, target.system, target.agency), before)


async def _load(
    board: Board, targets: Sequence[Target[AnyCheck]], subject: Subject, before: datetime | None
) -> HistoryPage:
    names = [target.check.id for target in targets]
    known = await read_now(board, names, board.now() - MONTH)
    # A service of many checks shows fewer runs of each: the page must stay light.
    share = max(_FEWEST, LOOKED_AT // max(1, len(names)))
    recent = {name: await board.store.recent(name, share) for name in names}
    listed = [await board.store.recent(name, PAGE + 1, before=before) for name in names]
    audits = await read_audits(board, names)
    histories = tuple([await _history(board, known, target, recent[target.check.id], audits) for target in targets])
    runs, more = newest(listed, PAGE)
    config = known.config
    return HistoryPage(
        subject=subject,
        look=worst(history.now.look for history in histories),
        histories=histories,
        figures=figures(config, targets, known.cells, known.now),
        blames=blame_counts(cell for cells in known.cells.values() for cell in cells),
        runs=tuple(_run_row(run, config) for run in runs),
        before=before,
        next_before=runs[-1].scheduled_at if more else None,
        systems={system.id: system.name for system in config.systems.values()},
        floor=config.ranking.minimum.coverage,
    )


async def _history(
    board: Board, known: Known, target: Target[AnyCheck], recent: Sequence[Run], audits: Audits
) -> CheckHistory:
    walks = target.check.type == "browser"
    changes = await load_changes(board, known.cells.get(target.check.id, ()), recent) if walks else ()
    return build_history(known, target, recent, changes, access(target, audits, board.started_at))


def build_history(
    known: Known,
    target: Target[AnyCheck],
    recent: Sequence[Run],
    changes: tuple[EffortChange, ...],
    accessible: Access | None,
) -> CheckHistory:
    """Lay one check out; `recent` are its newest runs, newest first."""
    since = day_before(known.now)
    cells = known.cells.get(target.check.id, ())
    told = [run for run in recent if run.verdict not in (Verdict.SKIPPED, Verdict.INCONCLUSIVE)]
    return CheckHistory(
        now=check_now(known, target),
        walk=walk([step.name for step in target.steps], told),
        times=stack([run for run in told if run.timed]),
        owners=owner_split([run for run in told if run.timed]),
        strip=strip(bins(cells, since, since + DAY, cell_look(known.config, target)), since, since + DAY),
        since=since,
        until=since + DAY,
        looked_at=len(told),
        changes=changes,
        access=accessible,
    )


def walk(names: Sequence[str], runs: Sequence[Run]) -> tuple[WalkStep, ...]:
    """Summarise each step over runs that say something; medians over the runs in which the step was good.

    The times of confirming attempts are left out.
    """
    return tuple(_walk_step(number, name, runs) for number, name in enumerate(names, 1))


def _walk_step(number: int, name: str, runs: Sequence[Run]) -> WalkStep:
    walked = [(run, step) for run in runs for step in run.steps if step.name == name]
    reached = [(run, step) for run, step in walked if step.verdict in (Verdict.OK, Verdict.SLOW)]
    good = [step for _, step in reached]
    times = [step.duration_s for run, step in reached if run.timed]
    return WalkStep(
        number=number,
        name=name,
        median_s=median(times) if times else None,
        clicks=median(step.ux.clicks for step in good) if good else None,
        fields=median(step.ux.fields for step in good) if good else None,
        screens=median(step.ux.screens for step in good) if good else None,
        # A step that was never reached did not break.
        bad=sum(step.verdict is Verdict.FAILED for _, step in walked),
    )


def newest(lists: Iterable[Sequence[Run]], limit: int) -> tuple[tuple[Run, ...], bool]:
    """Merge lists of runs (each newest first); return at least `limit` where there are, and whether there are more.

    Runs of one moment are never torn apart, so that a page can begin "before" the last one shown.
    """
    merged = sorted((run for runs in lists for run in runs), key=lambda run: (run.scheduled_at, run.id), reverse=True)
    end = limit
    while 0 < end < len(merged) and merged[end].scheduled_at == merged[end - 1].scheduled_at:
        end += 1
    return tuple(merged[:end]), len(merged) > end


def blame_counts(cells: Iterable[Cell]) -> tuple[BlameCount, ...]:
    """Count what was not good by who is charged, most first."""
    counts: dict[tuple[Blame, Verdict], int] = {}
    for cell in cells:
        if cell.verdict is not Verdict.OK:
            key = (cell.blame, cell.verdict)
            counts[key] = counts.get(key, 0) + 1
    found = [BlameCount(blame, verdict, count) for (blame, verdict), count in counts.items()]
    return tuple(sorted(found, key=lambda b: (-b.count, b.blame, b.verdict)))


def _run_row(run: Run, config: Config) -> RunRow:
    target = config.targets.get(run.check)
    failing = next(((i, s) for i, s in enumerate(run.steps, 1) if look_of(s.verdict) is not Look.GOOD), None)
    return RunRow(run, look_of(run.verdict), target.title if target is not None else run.check, failing)
