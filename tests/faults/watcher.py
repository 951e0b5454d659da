"""The real agent in a process of its own, and what it wrote into its store."""

import asyncio
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from checks.run import Outcome, Run
from tests.sudo import browser_flags

_START_S = 60.0
_STOP_S = 60.0
_LOOK_EVERY_S = 0.3
_ROWS = """
SELECT r.id, a.document FROM runs r JOIN attempts a ON a.run = r.id
WHERE r."check" = ? ORDER BY r.scheduled_at, a.place
"""


_SLOTS = 'SELECT scheduled_at, closed_at FROM runs WHERE "check" = ? ORDER BY scheduled_at'


@dataclass
class Watcher:
    """The agent on a checks.yaml, its data folder and its log beside that file."""

    checks: Path
    before: Sequence[str]
    environment: Mapping[str, str]
    _process: asyncio.subprocess.Process | None = None
    _known: dict[str, Outcome] = field(default_factory=dict)
    board: str = ""

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.checks.parent / "data"

    @property
    def process(self) -> asyncio.subprocess.Process:
        """The process that runs now, or ran last."""
        assert self._process is not None
        return self._process

    async def start(self) -> None:
        """Start it, and wait until it serves."""
        with (self.checks.parent / "agent.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self.before, sys.executable, "-m", "agent", "run", "--checks", str(self.checks),
                "--data", str(self.data), "--listen", "127.0.0.1:0", "--allow-overload", *browser_flags(),
                env={**os.environ, **self.environment}, stdout=asyncio.subprocess.PIPE, stderr=log,
            )  # fmt: skip
        async with asyncio.timeout(_START_S):
            self.board = await self._announced()

    async def _announced(self) -> str:
        assert self.process.stdout is not None
        said = ""
        while line := (await self.process.stdout.readline()).decode():
            said += line
            if line.startswith("board: "):
                return line.removeprefix("board: ").strip()
        raise AssertionError(f"the agent ended before it served: {said}{self.log()}")

    def log(self) -> str:
        """Read what it has logged."""
        return (self.checks.parent / "agent.log").read_text(encoding="utf-8")

    async def stop(self) -> None:
        """End it as a supervisor does: SIGTERM, and SIGKILL when that takes too long."""
        if self._process is None or self._process.returncode is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(_STOP_S):
                await self._process.wait()
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        """End it without a word."""
        self.process.kill()
        await self.process.wait()

    def outcomes(self, check: str) -> list[Outcome]:
        """Read the slots of a check that have their result, oldest first."""
        return read_outcomes(self.data / "dvcwatch.db", check, self._known)

    def slots(self, check: str) -> list[datetime]:
        """Read when the slots of a check were due that have a row; the latest of them may still be open."""
        with _reading(self.data / "dvcwatch.db") as store:
            rows = store.execute(_SLOTS, (check,)).fetchall()
        closed = [bool(row[1]) for row in rows]
        assert all(closed[:-1]), "a slot before the latest has no result"
        return [datetime.fromtimestamp(row[0] / 1_000_000, UTC) for row in rows]

    async def outcome(self, check: str, after: datetime, seen: Collection[str]) -> Outcome:
        """Wait for a slot of `check` whose first attempt began after a moment: the first that was not seen.

        After a clock was set, slots that were passed over may have their result before an earlier one that was walked.
        """
        while True:
            for outcome in self.outcomes(check):
                began = (outcome.earlier[0] if outcome.earlier else outcome.run).started_at
                if began > after and outcome.run.id not in seen:
                    return outcome
            assert self.process.returncode is None, (
                f"the agent ended with {self.process.returncode}: {self.log()[-3000:]}"
            )
            await asyncio.sleep(_LOOK_EVERY_S)


def _reading(database: Path) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True))


def read_outcomes(database: Path, check: str, known: dict[str, Outcome] | None = None) -> list[Outcome]:
    """Read what an agent's store holds of a check, oldest slot first; what is in `known` need not be parsed again.

    A clock set ahead makes a thousand slots at once: who parses them all in every look keeps the practice province,
    which lives in the same process, from answering.
    """
    known = {} if known is None else known
    with _reading(database) as store:
        rows = store.execute(_ROWS, (check,)).fetchall()
    slots: dict[str, list[str]] = {}
    for slot, document in rows:
        slots.setdefault(slot, []).append(document)
    for slot, documents in slots.items():
        if slot not in known:
            runs = [Run.model_validate_json(document) for document in documents]
            known[slot] = Outcome(run=runs[0], earlier=tuple(runs[1:]))
    return [known[slot] for slot in slots]


@asynccontextmanager
async def watching(
    checks: Path, before: Sequence[str] = (), environment: Mapping[str, str] = MappingProxyType({})
) -> AsyncIterator[Watcher]:
    """Start the agent on a checks.yaml; stop it at the end, and surely."""
    watcher = Watcher(checks, before, environment)
    try:
        await watcher.start()
        yield watcher
    finally:
        await watcher.stop()
