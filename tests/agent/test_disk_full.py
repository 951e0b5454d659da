"""Store, proof and spool on one disk, and the disk is full: the agent lives, says so, and no slot loses its row."""

import asyncio
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from checks.run import Verdict
from tests.agent.pages import read, said
from tests.agent.test_killed import Site, ended, rows_of, served, start_agent, surely_ended, verdicts_of, written
from tests.small_disk import SmallDisk, small_disk

N = 3


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with served() as one:
        yield one


@pytest.fixture
async def disk(tmp_path: Path) -> AsyncIterator[SmallDisk]:
    async with small_disk(tmp_path / "data", "3m") as one:
        yield one


async def rows(disk: SmallDisk, folder: Path) -> Counter[Verdict]:
    """Count the verdicts of all rows on the disk, of which none may be missing."""
    for file in disk.outside.glob("dvcwatch.db*"):
        await asyncio.to_thread(shutil.copy, file, folder)
    found = await rows_of(folder / "dvcwatch.db")
    assert len(found) == N
    return verdicts_of(found)


async def test_a_full_disk_costs_no_result_and_is_said(tmp_path: Path, site: Site, disk: SmallDisk) -> None:
    board: list[str] = []
    process = await start_agent(written(tmp_path, site, N), disk.folder, *disk.entering, on_board=board.append)
    async with surely_ended(process):
        await site.asked(2 * N)
        await asyncio.to_thread(disk.fill)
        await said(f"{board[0]}healthz", "the store is away")
        await site.asked(3 * N)
        assert "dvcwatch_store_up 0.0" in await read(f"{board[0]}metrics")
        assert "Kho dữ liệu không trả lời" in await read(f"{board[0]}agent")
        disk.free()
        await said(f"{board[0]}metrics", "dvcwatch_store_up 1.0")
        await site.asked(N)
        await ended(process)
    assert (await rows(disk, tmp_path))[Verdict.OK] >= 4 * N


async def test_an_agent_whose_log_cannot_be_written_measures_all_the_same(tmp_path: Path, site: Site) -> None:
    silent = ("sh", "-c", 'exec "$@" 2>/dev/full', "sh")
    process = await start_agent(written(tmp_path, site, N), tmp_path / "data", *silent)
    async with surely_ended(process):
        await site.asked(3 * N)
        await ended(process)
    assert verdicts_of(await rows_of(tmp_path / "data" / "dvcwatch.db"))[Verdict.OK] >= 2 * N


async def test_killed_while_the_disk_is_full_the_next_agent_settles_what_nobody_could_keep(
    tmp_path: Path, site: Site, disk: SmallDisk
) -> None:
    board: list[str] = []
    checks = written(tmp_path, site, N)
    process = await start_agent(checks, disk.folder, *disk.entering, on_board=board.append)
    async with surely_ended(process):
        await site.asked(2 * N)
        await asyncio.to_thread(disk.fill)
        await said(f"{board[0]}healthz", "the store is away")
        await site.asked(2 * N)
    disk.free()
    process = await start_agent(checks, disk.folder, *disk.entering)
    async with surely_ended(process):
        await site.asked(N)
        await ended(process)
    assert (await rows(disk, tmp_path))[Verdict.OK] >= N
