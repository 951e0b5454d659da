"""Disk and database stay bounded: what is too old goes, then the oldest beyond the size."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.clock import SystemClock
from agent.retention import Kept, evidence_kept, expired, prune_once
from checks.model import Retention
from store.open import open_store
from store.protocol import StoreError
from tests.samples import run as sample_run

DAY = 86400.0
LIMITS = Retention(runs=10 * DAY, evidence=2 * DAY, evidence_bytes=1000)
NOW = 100 * DAY


def kept(name: str, *, age_days: float, size: int) -> Kept:
    return Kept(Path(name), NOW - age_days * DAY, size)


def names(folders: list[Path]) -> list[str]:
    return sorted(folder.name for folder in folders)


def test_nothing_goes_while_it_is_young_and_small() -> None:
    assert expired([kept("a", age_days=1.9, size=500), kept("b", age_days=0, size=500)], LIMITS, NOW) == []


def test_what_is_too_old_goes() -> None:
    assert names(expired([kept("a", age_days=2.1, size=1), kept("b", age_days=1, size=1)], LIMITS, NOW)) == ["a"]


def test_the_oldest_go_beyond_the_size() -> None:
    three = [
        kept("old", age_days=1.5, size=400),
        kept("new", age_days=0.1, size=400),
        kept("mid", age_days=1, size=400),
    ]
    assert names(expired(three, LIMITS, NOW)) == ["old"]


def test_of_each_check_the_oldest_go_beyond_the_count() -> None:
    limits = LIMITS.evolve(evidence_count=2)
    many = [kept(f"khai-sinh.an-binh.{n}", age_days=1 - n / 10, size=1) for n in range(5)]
    few = [kept(f"khai-tu.an-binh.{n}", age_days=1.5, size=1) for n in range(2)]
    assert names(expired([*many, *few], limits, NOW)) == [f"khai-sinh.an-binh.{n}" for n in range(3)]


def test_what_goes_anyway_takes_no_room_from_what_may_stay() -> None:
    limits = LIMITS.evolve(evidence_count=1)
    three = [
        kept("a.x.2", age_days=0.1, size=400),
        kept("a.x.1", age_days=0.2, size=400),
        kept("b.x.1", age_days=0.3, size=400),
    ]
    assert names(expired(three, limits, NOW)) == ["a.x.1"]


def test_one_that_is_too_large_alone_goes_too() -> None:
    assert names(expired([kept("huge", age_days=0, size=1001)], LIMITS, NOW)) == ["huge"]


def test_evidence_is_counted_with_everything_below_it(tmp_path: Path) -> None:
    written(tmp_path, "khai-sinh.an-binh.1", age_days=0)
    (found,) = evidence_kept(tmp_path)
    assert (found.folder.name, found.size) == ("khai-sinh.an-binh.1", 300)
    assert evidence_kept(tmp_path / "not-there") == []


async def test_pruning_deletes_old_runs_and_old_evidence_and_nothing_else(tmp_path: Path) -> None:
    evidence = tmp_path / "evidence"
    old, new = (written(evidence, name, age_days=age) for name, age in (("old", 3.0), ("new", 1.0)))
    url = f"sqlite:///{tmp_path}/dvcwatch.db"
    now = datetime.now(UTC).replace(microsecond=0)
    store = await open_store(url)
    await store.save_many([sample_run(now - timedelta(days=days)) for days in (11, 9)])
    await store.close()
    limits = LIMITS.evolve(evidence_bytes=1_000_000)
    assert await prune_once(url, evidence, limits, SystemClock()) == (1, 1)
    assert await prune_once(url, evidence, limits, SystemClock()) == (0, 0)
    assert (old.exists(), new.exists()) == (False, True)


async def test_a_store_that_cannot_be_opened_is_said(tmp_path: Path) -> None:
    (tmp_path / "dvcwatch.db").write_text("no database", encoding="utf-8")
    with pytest.raises(StoreError):
        await prune_once(f"sqlite:///{tmp_path}/dvcwatch.db", tmp_path, LIMITS, SystemClock())


def written(root: Path, name: str, *, age_days: float) -> Path:
    """Write a slot's evidence of 300 bytes, last touched so long ago."""
    folder = root / name
    (folder / "2").mkdir(parents=True)
    (folder / "2" / "man-hinh.png").write_bytes(b"\0" * 300)
    then = datetime.now(UTC).timestamp() - age_days * DAY
    os.utime(folder, (then, then))
    return folder
