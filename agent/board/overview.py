"""The first page: is anything broken for citizens now, and whose is it?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from agent.board.agent_page import AgentPage, build_agent
from agent.board.board import Board
from agent.board.looks import RANK, Look, worst
from agent.board.now import CheckNow, Known, Tally, cell_look, check_now, read_now, services_now, tally, troubles
from agent.board.strips import BINS, Span, Strip, bins, day_before, strip
from checks.model import Agency, System

DAY = timedelta(days=1)
States = Sequence[Look | None]

DETAILED = 60
"""Up to so many checks each has its own strip; beyond, the systems have theirs and the checks are named."""


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One check in the list of its system."""

    now: CheckNow
    strip: Strip | None


@dataclass(frozen=True, slots=True)
class Group:
    """The checks of one system that look alike."""

    look: Look
    rows: tuple[CheckRow, ...]


@dataclass(frozen=True, slots=True)
class SystemRow:
    """One system with its last 24 hours and its checks, worst first."""

    system: System
    agency: Agency
    look: Look
    strip: Strip
    groups: tuple[Group, ...]

    @property
    def rows(self) -> tuple[CheckRow, ...]:
        """All its checks."""
        return tuple(row for group in self.groups for row in group.rows)


@dataclass(frozen=True, slots=True)
class NamedSpan:
    """A time in which a check was not good, for the table behind the strips."""

    check: CheckNow
    span: Span


@dataclass(frozen=True, slots=True)
class OverviewPage:
    """What `/` shows. `services` and `checks` count states; `troubles` are worst first."""

    province: str
    services: tuple[Tally, ...]
    checks: tuple[Tally, ...]
    troubles: tuple[CheckNow, ...]
    systems: tuple[SystemRow, ...]
    spans: tuple[NamedSpan, ...]
    agent: AgentPage
    since: datetime
    until: datetime
    detailed: bool

    @property
    def worst(self) -> Look:
        """The state that colours the headline."""
        return worst(t.look for t in self.services or self.checks)


async def load_overview(board: Board) -> OverviewPage:
    """Read what the first page needs."""
    known = await read_now(board, list(board.config().targets), day_before(board.now()))
    return build_overview(known, build_agent(board))


def build_overview(known: Known, agent: AgentPage) -> OverviewPage:
    """Say how everything looks."""
    config, since = known.config, day_before(known.now)
    checks = [check_now(known, target) for target in config.targets.values()]
    states = {check.id: _states(known, check) for check in checks}
    detailed = len(checks) <= DETAILED
    rows = [CheckRow(check, strip(states[check.id], since, since + DAY) if detailed else None) for check in checks]
    systems = [_system(known, system, rows, states) for system in config.systems.values()]
    return OverviewPage(
        province=config.settings.province,
        services=tally(services_now(checks).values()),
        checks=tally(check.look for check in checks),
        troubles=troubles(checks),
        systems=tuple(sorted((s for s in systems if s.groups), key=lambda s: RANK[s.look])),
        spans=tuple(NamedSpan(row.now, span) for row in rows if row.strip is not None for span in row.strip.spans),
        agent=agent,
        since=since,
        until=since + DAY,
        detailed=detailed,
    )


def _states(known: Known, check: CheckNow) -> States:
    since = day_before(known.now)
    cells = known.cells.get(check.id, ())
    return bins(cells, since, since + DAY, cell_look(known.config, check.target))


def _system(known: Known, system: System, rows: Sequence[CheckRow], states: Mapping[str, States]) -> SystemRow:
    own = [row for row in rows if row.now.target.system.id == system.id]
    ordered = sorted(own, key=lambda row: RANK[row.now.look])
    groups = tuple(Group(look, tuple(same)) for look, same in groupby(ordered, key=lambda row: row.now.look))
    together = [_worst_known([states[row.now.id][place] for row in own]) for place in range(BINS)]
    since = day_before(known.now)
    return SystemRow(
        system=system,
        agency=known.config.agencies[system.agency],
        look=worst(row.now.look for row in own),
        strip=strip(together, since, since + DAY),
        groups=groups,
    )


def _worst_known(looks: Sequence[Look | None]) -> Look | None:
    known = set(looks) - {None}
    return worst(look for look in known if look is not None) if known else None
