"""One run: what exactly happened?"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.board.bars import WIDTH, Bar, Fall, waterfall
from agent.board.board import Board
from agent.board.condition import Reading, readings
from agent.board.evidence import Kept, kept
from agent.board.looks import Look, look_of, stopped, windows
from checks.config import AnyCheck, Config, Target
from checks.run import Cause, OwnerShare, Run, Screen, StepRun

_ALWAYS_TOLD = (Cause.SLOWDOWN,)  # of a walk it says much that nobody knows it; no other check is held against it


@dataclass(frozen=True, slots=True)
class PhaseRow:
    """One phase of a request, as a row of a waterfall."""

    name: str
    seconds: float
    bar: Bar


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at the slot."""

    run: Run
    look: Look
    failing: tuple[int, StepRun] | None
    falls: tuple[Fall, ...]
    phases: tuple[PhaseRow, ...]
    screenshots: tuple[Kept, ...]
    files: tuple[Kept, ...]


@dataclass(frozen=True, slots=True)
class RunPage:
    """What `/runs/ID` shows.

    `target` is None when the check is no longer in checks.yaml; `agency_known` tells whether the agency still is.
    `last` is the attempt that counts, `attempts` all of them in order; `condition` is the agent's during the last one,
    `counts` the UX counts that are not zero, `screens` the screens left with the number of their step.
    """

    title: str
    system: str
    agency: str
    agency_known: bool
    target: Target[AnyCheck] | None
    last: Attempt
    attempts: tuple[Attempt, ...]
    condition: tuple[Reading, ...]
    counts: tuple[tuple[str, int], ...]
    screens: tuple[tuple[int, Screen], ...]
    owners: tuple[OwnerShare, ...]
    systems: Mapping[str, str]
    maintenance: bool
    older: str | None


async def load_run(board: Board, run_id: str) -> RunPage | None:
    """Read one slot's result and the run before it; None if it is unknown."""
    outcome = await board.store.outcome(run_id)
    if outcome is None:
        return None
    older = await board.store.recent(outcome.run.check, 1, before=outcome.run.scheduled_at)
    runs = (*outcome.earlier, outcome.run)
    proofs = await asyncio.to_thread(lambda: [kept(board.evidence, one.evidence) for one in runs])
    return build_run(board.config(), runs, proofs, older[0].id if older else None)


def build_run(
    config: Config, runs: Sequence[Run], proofs: Sequence[tuple[Kept, ...]], older: str | None = None
) -> RunPage:
    """Lay one slot's attempts out, the last one as its result; `proofs` are the files of each."""
    run = runs[-1]
    target = config.targets.get(run.check)
    attempts = tuple(_attempt(one, files) for one, files in zip(runs, proofs, strict=True))
    return RunPage(
        title=target.title if target is not None else run.check,
        system=config.systems[run.system].name if run.system in config.systems else run.system,
        agency=config.agencies[run.agency].name if run.agency in config.agencies else run.agency,
        agency_known=run.agency in config.agencies,
        target=target,
        last=attempts[-1],
        attempts=attempts,
        condition=readings(run.health, always=_ALWAYS_TOLD if run.type == "browser" else ()),
        counts=_counts(run),
        screens=tuple((number, screen) for number, step in enumerate(run.steps, 1) for screen in step.screens),
        owners=tuple(sorted(run.owners, key=lambda share: (-share.critical_s, share.owner))),
        systems={system.id: system.name for system in config.systems.values()},
        maintenance=target is not None and stopped(windows(config, target), run.scheduled_at),
        older=older,
    )


def _attempt(run: Run, proofs: tuple[Kept, ...]) -> Attempt:
    return Attempt(
        run=run,
        look=look_of(run.verdict),
        failing=next(((i, s) for i, s in enumerate(run.steps, 1) if look_of(s.verdict) is not Look.GOOD), None),
        falls=waterfall(run.steps),
        phases=_phases(run),
        screenshots=tuple(one for one in proofs if one.evidence.kind == "screenshot"),
        files=tuple(one for one in proofs if one.evidence.kind != "screenshot"),
    )


def _phases(run: Run) -> tuple[PhaseRow, ...]:
    total = sum(run.phases.values())
    rows, x = [], 0.0
    for phase, seconds in run.phases.items():
        width = WIDTH * seconds / total if total else 0.0
        rows.append(PhaseRow(phase, seconds, Bar(round(x, 1), 0, round(max(width, 3.0), 1), 10, "ok")))
        x += width
    return tuple(rows)


def _counts(run: Run) -> tuple[tuple[str, int], ...]:
    names = ("clicks", "fields", "keystrokes", "choices", "uploads", "screens", "redirects", "drags", "dialogs")
    more = ("new_tabs", "otp", "re_entry", "clicks_to_find")
    return tuple((name, getattr(run.ux, name)) for name in (*names, *more) if getattr(run.ux, name))
