"""`dvcwatch once`: the same path as the agent's, for one slot of each check, without a store."""

import asyncio
import logging
import os
import shlex
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO, cast

from rich.console import Console
from rich.file_proxy import FileProxy
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from agent import logs
from agent.clock import SystemClock
from agent.live import LOOK
from agent.measuring import Instruments, instruments
from agent.runner import Identity
from agent.unhurried import unhurried
from checks.config import AnyCheck, Config, Target
from checks.run import Outcome, Run, Slot, Verdict
from checks.secrets import Secrets

GOOD, BAD, OURS = 0, 1, 3
_HURRY_S = 3.0
_PROVES_NOTHING = "its goal was true before its first action, so this step proves nothing; wait for what that brings"


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked for; no `check_ids` means every enabled check."""

    check_ids: tuple[str, ...]
    as_json: bool
    headed: bool
    evidence: Path | None
    sandbox: bool
    pace_s: float = 0.0
    trace: bool = False


def exit_code(runs: Sequence[Run]) -> int:
    """0 every verdict ok or slow; 1 some failed or blocked; 3 inconclusive, our own fault."""
    verdicts = {run.verdict for run in runs}
    if verdicts & {Verdict.FAILED, Verdict.BLOCKED}:
        return BAD
    return GOOD if verdicts <= {Verdict.OK, Verdict.SLOW} else OURS


async def walk_once(config: Config, wish: Wish, console: Console) -> list[Run]:
    """Walk the wished checks one after another and print each Run as it comes."""
    names = wish.check_ids or [name for name, target in config.targets.items() if target.check.enabled]
    secrets = Secrets(os.environ, config.path.parent)
    logs.configure(beside_the_bar(console), secrets.redact, level=logging.WARNING)
    clock = SystemClock()
    runs = []
    if wish.pace_s:
        console.print("slow: walked with pauses so that you can follow; its times are no measurements", style="yellow")
    async with instruments(
        config,
        secrets,
        clock,
        wish.evidence,
        sandbox=wish.sandbox,
        headed=wish.headed,
        pace_s=wish.pace_s,
        trace=wish.trace,
        asks=True,
        hurry_s=_HURRY_S,
    ) as tools:
        beside = [
            asyncio.create_task(tools.health.run(), name="health"),
            asyncio.create_task(tools.guard.run(), name="network"),
        ]
        try:
            with progress_bar(console) as progress:
                bar = progress.add_task("", total=len(names))
                for name in names:
                    progress.update(bar, description=config.targets[name].title)
                    outcome = await _walk(config, unhurried(config.targets[name], wish.pace_s), tools, clock)
                    run = outcome.run
                    told = said(run, timed=not (wish.pace_s or wish.trace))
                    show(Text(run.model_dump_json()) if wish.as_json else told, console)
                    if wish.trace and wish.evidence is not None:
                        _show_traces(outcome, wish.evidence, console)
                    runs.append(run)
                    progress.advance(bar)
        finally:
            for task in beside:
                task.cancel()
    return runs


def _show_traces(outcome: Outcome, evidence: Path, console: Console) -> None:
    """Say where the recordings are and how to open them, beside what is meant for standard output."""
    for run in (*outcome.earlier, outcome.run):
        for proof in run.evidence:
            if proof.kind == "trace":
                path = shlex.quote(str(evidence / proof.path))
                console.print(Text(f"    attempt {run.attempt}: playwright show-trace {path}"), soft_wrap=True)


async def _walk(config: Config, target: Target[AnyCheck], tools: Instruments, clock: SystemClock) -> Outcome:
    slot = Slot(check=target.check.id, location=config.settings.location, due_at=clock.now())
    return await tools.runner.run(target, slot, Identity(socket.gethostname(), config.digest))


def said(run: Run, *, timed: bool = True) -> Text:
    """Say a run in a few lines for a person at a terminal; without its times where they measure nothing."""
    word, style = LOOK[run.verdict]
    attempt = f"  attempt {run.attempt}/{run.attempts}" if run.attempts > 1 else ""
    lines = [Text.assemble((f"{word:<14}", style), f" {run.check:<28} {_took(run.duration_s, timed=timed)}{attempt}")]
    if run.verdict is not Verdict.OK:
        lines.append(Text(f"    {run.blame}/{run.reason.value if run.reason is not None else '-'}: {run.message}"))
    for index, step in enumerate(run.steps, 1):
        word, style = LOOK[step.verdict]
        effort = f"{step.ux.clicks} clicks, {step.ux.fields} fields"
        took = f"{_took(step.duration_s, timed=timed)}  {effort:<20} {step.name}"
        lines.append(Text.assemble(f"  {index:>2}. ", (f"{word:<14}", style), f" {took}"))
        if step.goal_before:
            lines.append(Text(f"      {_PROVES_NOTHING}", style="yellow"))
    for after in run.after:
        word, style = LOOK[after.verdict]
        why = f": {after.message}" if after.message else ""
        lines.append(Text.assemble("  then ", (f"{word:<13}", style), f" {after.name}{why}"))
    return Text("\n").join(lines)


def _took(seconds: float, *, timed: bool) -> str:
    return f"{seconds:6.2f} s" if timed else f"{'–':>6}  "


def show(text: Text, console: Console) -> None:
    """Print to standard output; above the progress bar where both are the same terminal."""
    if console.is_terminal and sys.stdout.isatty():
        console.print(text, soft_wrap=True, highlight=False)
    else:
        print(text.plain, flush=True)


def beside_the_bar(console: Console) -> TextIO:
    """Return standard error; in a terminal through rich, which keeps the progress bar below."""
    return cast("TextIO", FileProxy(console, sys.stderr)) if console.is_terminal else sys.stderr


def progress_bar(console: Console) -> Progress:
    """Return the bar that shows how far it is; none where there is no terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    # Not redirected: rich would send what is meant for standard output to the terminal, past the user's `>` or `|`.
    return Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal,
        redirect_stdout=False, redirect_stderr=False,
    )  # fmt: skip
