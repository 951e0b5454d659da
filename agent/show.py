"""`dvcwatch show`: one run for a person at a terminal, with what was kept of it; or for programs as JSON."""

import shlex
from collections.abc import Iterator
from pathlib import Path

from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from agent.board.evidence import Kept, kept
from agent.errors import OptionError
from agent.live import LOOK
from checks import words_vi
from checks.config import Config
from checks.run import Outcome, Run, StepRun, clean_message
from store.open import open_store
from store.protocol import Store

_LINES = 12
_READ = 20_000
_PIPED_WIDTH = 200


async def show_run(config: Config, url: str, evidence: Path, name: str, *, as_json: bool) -> None:
    """Print the run `name`, or the newest run of the check `name`; `evidence` is where its files are.

    Raises:
        OptionError: There is no such run, and no check of that name that has one.
        StoreError: The store cannot be read.
    """
    store = await open_store(url)
    try:
        outcome = await _found(config, store, name)
    finally:
        await store.close()
    if as_json:
        print(outcome.run.model_dump_json())
        return
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=_PIPED_WIDTH)
    for part in told(config, outcome, evidence):
        console.print(part, soft_wrap=isinstance(part, Text))


async def _found(config: Config, store: Store, name: str) -> Outcome:
    outcome = await store.outcome(name)
    if outcome is None:
        newest = await store.recent(name, 1)
        outcome = await store.outcome(newest[0].id) if newest else None
    if outcome is None:
        known = f"the check {name} has no run yet" if name in config.targets else f"there is no run or check {name}"
        raise OptionError(known)
    return outcome


def told(config: Config, outcome: Outcome, evidence: Path) -> Iterator[RenderableType]:
    """Yield the parts of one slot's result, top to bottom."""
    run, runs = outcome.run, (*outcome.earlier, outcome.run)
    yield _head(config, run)
    yield Text()
    yield _attempts(runs)
    if any(one.steps for one in runs):
        yield Text()
        yield _steps(runs)
    for one in runs:
        yield from _proof(one, kept(evidence, one.evidence, _READ))


def _head(config: Config, run: Run) -> Text:
    word, style = LOOK[run.verdict]
    target = config.targets.get(run.check)
    lines = [
        Text.assemble((word, style), f"  {target.title if target is not None else run.check}"),
        Text(f"{run.id}, due {run.scheduled_at.isoformat()}"),
        Text(words_vi.verdict_sentence(run.verdict)),
    ]
    if run.reason is not None:
        blame = words_vi.blame_word(run.blame, config.outsiders)
        lines[-1].append(f" {words_vi.reason_sentence(run.reason)} Bên chịu trách nhiệm: {blame}.")
    if run.message:
        lines.append(Text(run.message))
    return Text("\n").join(lines)


def _table(*headings: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _attempts(runs: tuple[Run, ...]) -> Table:
    """Lay the attempts side by side."""
    table = _table("", *(f"attempt {run.attempt}" for run in runs))

    def row(name: str, *values: str | Text) -> None:
        if any(str(value) for value in values):
            table.add_row(name, *values)

    row("verdict", *(Text(LOOK[run.verdict][0], style=LOOK[run.verdict][1]) for run in runs))
    row("blame", *(f"{run.blame}/{run.reason.value}" if run.reason is not None else run.blame for run in runs))
    row("message", *(Text(run.message) for run in runs))
    row("took", *(f"{run.duration_s:.2f} s{'' if run.timed else ' (not compared)'}" for run in runs))
    row("started", *(run.started_at.isoformat(timespec="seconds") for run in runs))
    row("HTTP status", *(str(run.http_status or "") for run in runs))
    row("page errors", *(str(run.vitals.console_errors or "") for run in runs))
    row("failed requests", *(str(run.vitals.failed_requests or "") for run in runs))
    row("agent", *(_health(run) for run in runs))
    return table


def _health(run: Run) -> str:
    health = run.health
    parts = ["slowed down" if health.degraded else "healthy"]
    if health.loop_lag_s is not None:
        parts.append(f"lag {health.loop_lag_s * 1000:.0f} ms")
    if health.cpu_pressure is not None:
        parts.append(f"CPU pressure {health.cpu_pressure:.0%}")
    if health.browser is not None:
        parts.append(f"browser {health.browser}")
    return ", ".join(parts)


def _steps(runs: tuple[Run, ...]) -> Table:
    table = _table("step", "", *(f"attempt {run.attempt}" for run in runs), "clicks", "fields")
    longest = max((run.steps for run in runs), key=len)
    for place, step in enumerate(longest):
        there = [run.steps[place] if place < len(run.steps) else None for run in runs]
        last = there[-1] or step
        table.add_row(f"{place + 1}.", Text(step.name), *map(_step, there), str(last.ux.clicks), str(last.ux.fields))
    return table


def _step(step: StepRun | None) -> Text:
    if step is None:
        return Text("-")
    word, style = LOOK[step.verdict]
    return Text.assemble((f"{word:<14}", style), f" {step.duration_s:6.2f} s")


def _proof(run: Run, files: tuple[Kept, ...]) -> Iterator[Text]:
    for drift in dict.fromkeys(drift for step in run.steps for drift in step.drift):
        yield Text(f"\nattempt {run.attempt}, drift: {drift}")
    for file in files:
        name = f"\nattempt {run.attempt}, {file.evidence.kind}: "
        if file.path is None:
            yield Text(f"{name}deleted by retention ({file.evidence.path})")
        elif file.evidence.kind == "trace":
            yield Text(f"{name}playwright show-trace {shlex.quote(str(file.path))}")
        else:
            yield Text(f"{name}{file.path}")
        if file.evidence.kind in ("console", "requests"):
            yield from _beginning(file)


def _beginning(file: Kept) -> Iterator[Text]:
    lines = file.text.splitlines()
    yield from (Text(f"    {clean_message(line)}") for line in lines[:_LINES])
    if len(lines) > _LINES or file.cut:
        yield Text("    …")
