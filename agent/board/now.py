"""What is the matter now: the state of every check, service and system, from their newest results."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent.board.board import Board
from agent.board.looks import WORST_FIRST, Look, look_now, look_of, stopped, windows, worst
from agent.board.strips import CellLook, since_when
from checks.config import AnyCheck, Config, Target
from checks.incident import Incident
from checks.run import Run, StepRun
from store.protocol import Cell

TROUBLES = (Look.BROKEN, Look.BLOCKED, Look.SLOW, Look.UNKNOWN)


@dataclass(frozen=True, slots=True)
class CheckNow:
    """One configured check: how it looks, since when, and the result that says so.

    `since_earlier` tells that it looked so before what was looked at (a day) began. `next_due` is only given
    while there is no result.
    """

    target: Target[AnyCheck]
    look: Look
    run: Run | None
    since: datetime | None
    since_earlier: bool
    incident: str | None
    next_due: datetime | None

    @property
    def id(self) -> str:
        """The check's id."""
        return self.target.check.id

    @property
    def step(self) -> tuple[int, StepRun] | None:
        """The number and the result of the first step that was not ok."""
        steps = self.run.steps if self.run is not None else ()
        return next(((i, step) for i, step in enumerate(steps, 1) if look_of(step.verdict) is not Look.GOOD), None)

    @property
    def stale(self) -> bool:
        """Whether the state is unknown only because results stopped coming."""
        return self.look is Look.UNKNOWN and self.run is not None and look_of(self.run.verdict) is not Look.UNKNOWN


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of something look like this."""

    look: Look
    count: int


def tally(looks: Iterable[Look]) -> tuple[Tally, ...]:
    """Count states: good ones first, as the sentence says them, then from the worst on."""
    seen = list(looks)
    order = (Look.GOOD, *(look for look in WORST_FIRST if look is not Look.GOOD))
    return tuple(Tally(look, seen.count(look)) for look in order if look in seen)


def cell_look(config: Config, target: Target[AnyCheck]) -> CellLook:
    """Return how a cell of this check is shown, announced stops considered."""
    stops = windows(config, target)
    if not stops:
        return lambda cell: look_of(cell.verdict)
    return lambda cell: Look.MAINTENANCE if stopped(stops, cell.scheduled_at) else look_of(cell.verdict)


def by_check(cells: Iterable[Cell]) -> Mapping[str, list[Cell]]:
    """Sort cells by check, keeping their order in time."""
    sorted_cells: dict[str, list[Cell]] = {}
    for cell in cells:
        sorted_cells.setdefault(cell.check, []).append(cell)
    return sorted_cells


@dataclass(frozen=True, slots=True)
class Known:
    """What the store and the schedule know at `now`.

    `cells` (check id -> oldest first) reach back a day or more, `latest` has the newest walked run of each check,
    `incidents` are the open ones, `due` tells the next slot of checks without a result.
    """

    config: Config
    now: datetime
    cells: Mapping[str, Sequence[Cell]]
    latest: Mapping[str, Run]
    incidents: Sequence[Incident]
    due: Mapping[str, datetime | None]


async def read_now(board: Board, names: Sequence[str], since: datetime) -> Known:
    """Ask the store and the schedule about some checks, cells from `since` on."""
    now = board.now()
    latest = await board.store.latest(walked=True)
    return Known(
        config=board.config(),
        now=now,
        cells=by_check(await board.store.cells(since, now, names)) if names else {},
        latest=latest,
        incidents=await board.store.incidents(open_only=True),
        due={name: board.next_due(name) for name in names if name not in latest},
    )


def check_now(known: Known, target: Target[AnyCheck]) -> CheckNow:
    """Say how one check looks."""
    name = target.check.id
    run = known.latest.get(name)
    look = look_now(known.config, target, run, known.now)
    since = since_when(known.cells.get(name, ()), look, cell_look(known.config, target))
    incident = next((i for i in known.incidents if i.check == name), None)
    began = incident.began_at if incident is not None and look is Look.BROKEN else None
    return CheckNow(
        target=target,
        look=look,
        run=run,
        since=began or (since.at if since is not None else None),
        since_earlier=began is None and since is not None and since.earlier and _reaches_back(known, target, since.at),
        incident=incident.id if incident is not None else None,
        next_due=known.due.get(name) if run is None else None,
    )


def _reaches_back(known: Known, target: Target[AnyCheck], oldest: datetime) -> bool:
    """Whether the oldest result stands at the beginning of the day looked at; a new check has none that old."""
    return known.now - oldest > timedelta(days=1) - 2 * timedelta(seconds=target.check.every)


def services_now(checks: Iterable[CheckNow]) -> Mapping[str, Look]:
    """Return service id -> the worst state of its checks."""
    looks: dict[str, list[Look]] = {}
    for check in checks:
        if check.target.service is not None:
            looks.setdefault(check.target.service.id, []).append(check.look)
    return {service: worst(said) for service, said in looks.items()}


def troubles(checks: Iterable[CheckNow]) -> tuple[CheckNow, ...]:
    """Return the checks that need somebody's eye, worst first, then the longest lasting."""
    found = [check for check in checks if check.look in TROUBLES]
    return tuple(sorted(found, key=lambda c: (TROUBLES.index(c.look), c.since is None, c.since, c.id)))
