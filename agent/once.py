"""`dvcwatch once`: the same path as the agent's, for one slot of each check, without a store."""

import asyncio
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from agent.clock import SystemClock
from agent.measuring import Instruments, instruments
from agent.runner import Identity
from checks.config import AnyCheck, Config, Target
from checks.run import Run, Slot, Verdict
from checks.secrets import Secrets

GOOD, BAD, OURS = 0, 1, 3


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked for; no `check_ids` means every enabled check."""

    check_ids: tuple[str, ...]
    as_json: bool
    headed: bool
    evidence: Path | None
    sandbox: bool


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
    clock = SystemClock()
    runs = []
    async with instruments(config, secrets, clock, wish.evidence, sandbox=wish.sandbox, headed=wish.headed) as tools:
        watch = asyncio.create_task(tools.health.run(), name="health")
        try:
            with _progress(console) as progress:
                bar = progress.add_task("", total=len(names))
                for name in names:
                    progress.update(bar, description=config.targets[name].title)
                    run = await _walk(config, config.targets[name], tools, clock)
                    print(run.model_dump_json() if wish.as_json else said(run), flush=True)
                    runs.append(run)
                    progress.advance(bar)
        finally:
            watch.cancel()
    return runs


async def _walk(config: Config, target: Target[AnyCheck], tools: Instruments, clock: SystemClock) -> Run:
    slot = Slot(check=target.check.id, location=config.settings.location, due_at=clock.now().replace(microsecond=0))
    outcome = await tools.runner.run(target, slot, Identity(socket.gethostname(), config.digest))
    return outcome.run


def said(run: Run) -> str:
    """Say a run in a few lines for a person at a terminal."""
    head = f"{run.verdict.value:<12} {run.check:<28} {run.duration_s:6.2f} s"
    if run.attempts > 1:
        head += f"  attempt {run.attempt}/{run.attempts}"
    if run.verdict is not Verdict.OK:
        head += f"  {run.blame}/{run.reason.value if run.reason is not None else '-'}: {run.message}"
    steps = [
        f"    {index}. {step.name:<40} {step.verdict.value:<8} {step.duration_s:6.2f} s  "
        f"{step.ux.clicks} clicks, {step.ux.fields} fields"
        for index, step in enumerate(run.steps, 1)
    ]
    return "\n".join([head, *steps])


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
