"""A month's ranking and report from stored runs: reads the store, hands it to `ranking` and `reports`, writes files."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from agent.errors import AgentError, OptionError
from checks.config import Config
from ranking.period import Period
from ranking.rank import Fold
from ranking.result import Ranking, UnitScore
from ranking.units import UnitKind
from reports.month import render_month
from reports.open_data import ranking_json
from store.open import open_store
from store.protocol import Store

FORMATS = ("html", "json")


async def print_ranking(
    config: Config, store: str, period: str, by: str | None, console: Console, *, as_json: bool
) -> None:
    """Print a month's ranking, as a table for people or as the open data's JSON.

    Raises:
        OptionError: The period or the unit is not written as it must be.
        StoreError: The store cannot be read.
    """
    if by is not None and by not in get_args(UnitKind):
        raise OptionError(f"--by must be {', '.join(get_args(UnitKind))}, not {by}")
    ranking, _ = await _rankings(config, store, period, by, console)
    if as_json:
        print(ranking_json(ranking, config).decode())
    else:
        _print_table(ranking)


async def write_papers(
    config: Config, store: str, period: str, out: Path, formats: Sequence[str], *, console: Console
) -> list[Path]:
    """Write a month's papers of the wanted formats to `out`; return their paths.

    Raises:
        OptionError: The period or a format is not written as it must be.
        AgentError: The folder cannot be written.
        StoreError: The store cannot be read.
    """
    unknown = [name for name in formats if name not in FORMATS]
    if unknown:
        raise OptionError(f"--format must be {' or '.join(FORMATS)}, not {unknown[0]}")
    ranking, before = await _rankings(config, store, period, None, console)
    wanted = {
        name: content
        for name, content in render_month(ranking, config, before).items()
        if name.rpartition(".")[2] in formats
    }
    return _written(out, wanted)


def _written(out: Path, papers: Mapping[str, bytes]) -> list[Path]:
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, content in papers.items():
            (out / name).write_bytes(content)
    except OSError as error:
        raise AgentError(f"{out}: cannot be written: {error.strerror}") from None
    return [out / name for name in papers]


async def _rankings(
    config: Config, url: str, period: str, by: str | None, console: Console
) -> tuple[Ranking, Ranking | None]:
    """Return the month's ranking and the one of the month before, None without runs in it."""
    now = datetime.now(UTC)
    try:
        month = Period.parse(period, config.settings.timezone, now)
    except ValueError as error:
        raise OptionError(f"--period: {error}") from None
    store = await open_store(url)
    try:
        columns = (SpinnerColumn(), TextColumn("{task.description} {task.completed} runs"), TimeElapsedColumn())
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
            ranking = await _fold(config, store, month, by, progress)
            before = await _fold(config, store, _month_before(month), by, progress)
    finally:
        await store.close()
    return ranking, before if before.runs else None


async def _fold(config: Config, store: Store, month: Period, by: str | None, progress: Progress) -> Ranking:
    task = progress.add_task(month.label, total=None)
    fold = Fold(config, month)
    async for run in store.runs(month.since, month.until):
        fold.add(run)
        progress.advance(task)
    for audit in (await store.newest_audits(since=month.since, until=month.until, complete=True)).values():
        fold.look(audit)
    units: dict[str, UnitKind] = {kind: kind for kind in get_args(UnitKind)}
    return fold.ranking(units[by] if by is not None else None)


def _month_before(month: Period) -> Period:
    first = month.since
    year, number = (first.year - 1, 12) if first.month == 1 else (first.year, first.month - 1)
    return Period.parse(f"{year}-{number:02d}", month.zone.key)


def _print_table(ranking: Ranking) -> None:
    print(f"{ranking.period.label}: {ranking.runs} runs")
    for table in ranking.tables:
        print(f"{table.group} ({table.depth})")
        for unit in table.units:
            print(f"  {_line(unit)}")


def _line(unit: UnitScore) -> str:
    score, place = unit.judgement.score, unit.place
    if score is None or place is None:
        return f" -  {unit.name:<50} not ranked: coverage {unit.coverage:.0%}, {unit.days} day{'s'[: unit.days != 1]}"
    interval = unit.judgement.interval
    spread = f" [{interval.low:.1f}-{interval.high:.1f}]" if interval is not None else ""
    return f"{place.rank:>2}. {unit.name:<50} {score:5.1f}{spread}  {unit.judgement.class_name}"
