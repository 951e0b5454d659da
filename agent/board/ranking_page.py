"""The ranking so far: who serves citizens well?"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from agent.board.board import Board
from checks.config import Config
from checks.ranking import MinimumData
from ranking.period import Period
from ranking.rank import Fold
from ranking.result import Ranking, UnitScore
from ranking.units import UnitKind

KINDS: tuple[UnitKind, ...] = ("system", "service", "agency")
_BREATHE_AFTER = 50


@dataclass(frozen=True, slots=True)
class Standings:
    """The running month ranked in each way."""

    rankings: Mapping[UnitKind, Ranking]
    made_at: datetime


@dataclass(frozen=True, slots=True)
class RankingPage:
    """What `/ranking` shows: the running month up to `made_at`, by `by`; `minimum` is what a rank needs."""

    ranking: Ranking
    by: UnitKind
    kinds: tuple[UnitKind, ...]
    made_at: datetime
    minimum: MinimumData

    @property
    def any_ranked(self) -> bool:
        """Whether somebody had enough data."""
        return any(table.ranked for table in self.ranking.tables)


async def rank_so_far(board: Board) -> Standings:
    """Rank the running month; lets other work go on meanwhile."""
    config, now = board.config(), board.now()
    period = running_month(config, now)
    fold = Fold(config, period)
    folded = 0
    async for run in board.store.runs(period.since, now):
        fold.add(run)
        folded += 1
        if folded % _BREATHE_AFTER == 0:
            await asyncio.sleep(0)  # walks are being timed by this loop
    for audit in (await board.store.newest_audits(since=period.since, until=now, complete=True)).values():
        fold.look(audit)
    rankings = await asyncio.to_thread(lambda: {kind: fold.ranking(kind) for kind in KINDS})
    return Standings(rankings, now)


def running_month(config: Config, now: datetime) -> Period:
    """Return the part of the local calendar month that has passed at `now`."""
    zone = config.settings.timezone
    return Period.parse(f"{now.astimezone(ZoneInfo(zone)):%Y-%m}", zone, now)


def build_ranking(config: Config, standings: Standings, by: UnitKind | None) -> RankingPage:
    """Choose what `/ranking` shows; without `by`, the configuration's unit."""
    kind = by or config.ranking.unit
    return RankingPage(standings.rankings[kind], kind, KINDS, standings.made_at, config.ranking.minimum)


def standing_of(standings: Standings, agency: str) -> UnitScore | None:
    """Return an agency's row; None when nothing of it is ranked."""
    return next((unit for unit in standings.rankings["agency"].units if unit.id == agency), None)
