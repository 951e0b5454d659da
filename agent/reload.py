"""Reload of checks.yaml: on SIGHUP, and by itself once a file of it has changed and is at rest again."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from agent.current import Current
from checks.errors import ConfigError, Problem
from checks.load import Loaded, load_whole
from checks.secrets import Redact
from checks.source import read

log = structlog.get_logger(__name__)

_LOOK_EVERY_S = 1.0
_MOST_LOGGED = 100

Adopt = Callable[[Loaded], Awaitable[tuple[Problem, ...]]]
"""Puts a configuration in force and returns nothing, or why not."""

State = tuple[tuple[str, int, int, int], ...]


@dataclass(slots=True)
class Reload:
    """Keeps `current` in step with its files; a configuration that cannot be used changes nothing but what is said.

    A file counts as changed when it differs from one look to another, a second later, and not again by the next: half
    a file is never read, and neither is one that changes while it is read. `asked` is set by SIGHUP.
    """

    current: Current
    adopt: Adopt
    redact: Redact
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    every_s: float = _LOOK_EVERY_S
    _files: frozenset[Path] = frozenset()
    _known: State = ()

    async def run(self) -> None:
        """Look until cancelled."""
        self._files = await asyncio.to_thread(_files, self.current.config.path)
        self._known = await asyncio.to_thread(_state, self._files)
        if await asyncio.to_thread(_digest, self.current.config.path) != self.current.config.digest:
            self.asked.set()  # changed between the start and now
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self.every_s):
                    await self.asked.wait()
            now = await asyncio.to_thread(_state, self._files)
            if self.asked.is_set() or now != self._known:
                await self._settled(now)
                self.asked.clear()
                await self._reload()

    async def _settled(self, seen: State) -> None:
        """Return when the files have not changed for one look."""
        while True:
            await asyncio.sleep(self.every_s)
            now = await asyncio.to_thread(_state, self._files)
            if now == seen:
                return
            seen = now

    async def _reload(self) -> None:
        path = self.current.config.path
        before = await asyncio.to_thread(_state, self._files)
        files, loaded = await asyncio.to_thread(_load, path)
        if before != await asyncio.to_thread(_state, self._files):
            return  # it changed under our hands: the next look sees that
        self._files |= files
        self._known = await asyncio.to_thread(_state, self._files)
        if isinstance(loaded, ConfigError):
            self._tell(loaded.problems)
        elif loaded.config.digest == self.current.config.digest:
            self._tell([])
        else:
            self._tell(await self.adopt(loaded))

    def _tell(self, problems: Sequence[Problem]) -> None:
        """Say why the files are not in force, or that they are."""
        refused_before = bool(self.current.problems)
        self.current.problems = tuple(self.redact(str(problem)) for problem in problems)
        if self.current.problems:
            log.error("config_refused", problems=len(self.current.problems), in_force=self.current.config.digest)
            for problem in self.current.problems[:_MOST_LOGGED]:
                log.error("config_problem", problem=problem)
        else:
            event = "config_as_before" if refused_before else "config_in_force"
            log.info(event, config_hash=self.current.config.digest)


def _load(path: Path) -> tuple[frozenset[Path], Loaded | ConfigError]:
    try:
        loaded = load_whole(path)
    except ConfigError as error:
        return _files(path), error
    return frozenset(loaded.source.files), loaded


def _files(path: Path) -> frozenset[Path]:
    return frozenset(read(path).files)


def _digest(path: Path) -> str:
    return read(path).digest


def _state(files: Iterable[Path]) -> State:
    """Tell files that changed: what each is on disk; one that is not there, or cannot be asked, is nothing."""
    found = []
    for file in sorted(files):
        try:
            told = file.stat()
        except (OSError, ValueError):
            continue
        found.append((str(file), told.st_ino, told.st_mtime_ns, told.st_size))
    return tuple(found)
