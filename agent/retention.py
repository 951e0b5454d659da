"""Keeps disk and database bounded: evidence goes first, results last."""

import asyncio
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import structlog

from agent.clock import SystemClock
from checks.model import Retention
from store.open import open_store
from store.protocol import Store, StoreError

log = structlog.get_logger(__name__)

_EVERY_S = 3600.0


@dataclass(frozen=True, slots=True)
class Kept:
    """One slot's evidence folder: when it was last written (epoch seconds) and its size in bytes."""

    folder: Path
    written: float
    size: int

    @property
    def check(self) -> str:
        """The id of the check; the folder is called like the slot, `check.location.epoch-seconds`."""
        return self.folder.name.partition(".")[0]


def expired(kept: list[Kept], limits: Retention, now: float) -> list[Path]:
    """Return the folders to delete, oldest last.

    Those older than `limits.evidence`; of each check the oldest beyond `limits.evidence_count`; of all that is left the
    oldest beyond `limits.evidence_bytes`. So a check that fails all day does not push out the proof of the others.
    """
    gone: list[Path] = []
    of_check: Counter[str] = Counter()
    total = 0
    for one in sorted(kept, key=lambda one: one.written, reverse=True):
        of_check[one.check] += 1
        total += one.size
        aged = now - one.written > limits.evidence
        if aged or of_check[one.check] > limits.evidence_count or total > limits.evidence_bytes:
            total -= one.size
            gone.append(one.folder)
    return gone


def evidence_kept(root: Path) -> list[Kept]:
    """Return every evidence folder below `root`."""
    folders = [folder for folder in root.iterdir() if folder.is_dir()] if root.is_dir() else []
    return [one for folder in folders for one in _kept(folder)]


def _kept(folder: Path) -> tuple[Kept, ...]:
    try:
        size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        return (Kept(folder, folder.stat().st_mtime, size),)
    except OSError:  # a walk that just ended has taken its empty folder away
        return ()


async def prune(store: Store, evidence: Path, limits: Retention, clock: SystemClock) -> tuple[int, int]:
    """Delete what is too old or too much; return how many runs and evidence folders. Raises StoreError."""
    now = clock.now()
    folders = await asyncio.to_thread(_delete_expired, evidence, limits, now.timestamp())
    runs = await store.prune(now - timedelta(seconds=limits.runs))
    return runs, folders


def _delete_expired(evidence: Path, limits: Retention, now: float) -> int:
    folders = expired(evidence_kept(evidence), limits, now)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    return len(folders)


async def prune_once(url: str, evidence: Path, limits: Retention, clock: SystemClock) -> tuple[int, int]:
    """Open the store at `url`, prune, and close it. Raises StoreError."""
    store = await open_store(url)
    try:
        return await prune(store, evidence, limits, clock)
    finally:
        await store.close()


async def prune_forever(store: Store, evidence: Path, limits: Callable[[], Retention], clock: SystemClock) -> None:
    """Prune every hour until cancelled, by the limits of that hour; a store that is away is tried again next time."""
    while True:
        if clock.keeper.leapt:
            log.warning("not_pruned", error="the clock was set by more than a day; restart the agent when it is right")
            await clock.sleep(_EVERY_S)
            continue
        try:
            runs, folders = await prune(store, evidence, limits(), clock)
            log.info("pruned", runs=runs, evidence=folders)
        except (StoreError, OSError) as error:
            log.warning("not_pruned", error=str(error))
        await clock.sleep(_EVERY_S)
