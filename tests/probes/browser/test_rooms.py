"""Rooms of browsers: what lives in one is ended before it is removed, by its agent or by whoever comes after that."""

import asyncio
import fcntl
import os
import signal
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from probes.browser.home import Home, sweep, write_down
from probes.browser.processes import look_up, root
from tests.few_files import no_further_file


@pytest_asyncio.fixture(loop_scope="package")
async def sleeper() -> AsyncIterator[Process]:
    """A process that ends only when it is made to."""
    process = await asyncio.create_subprocess_exec("sleep", "600", start_new_session=True)
    yield process
    if process.returncode is None:
        process.kill()
        await process.wait()


def _inhabited(home: Home, sleeper: Process) -> Path:
    """Make a room in which somebody lives."""
    room = home.room()
    process = look_up(sleeper.pid)
    assert process is not None
    write_down(room, [root(process)])
    return room


def _runs(sleeper: Process) -> bool:
    return look_up(sleeper.pid) is not None


def _in(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


async def _end(sleeper: Process) -> int:
    async with asyncio.timeout(10):
        return await sleeper.wait()


async def test_what_still_lives_in_a_room_is_ended_when_its_agent_leaves(sleeper: Process, tmp_path: Path) -> None:
    home = Home.open(tmp_path)
    _inhabited(home, sleeper)
    home.close()
    assert await _end(sleeper) == -signal.SIGKILL
    assert _in(tmp_path) == []


async def test_a_room_that_could_not_be_cleared_is_kept_and_cleared_when_it_can_be(
    sleeper: Process, tmp_path: Path
) -> None:
    home = Home.open(tmp_path)
    room = _inhabited(home, sleeper)
    other = home.room()
    with no_further_file():
        home.clear(room)
    assert _runs(sleeper)
    home.clear_left()
    assert await _end(sleeper) == -signal.SIGKILL
    assert _in(home.folder) == [other]
    home.close()


async def test_what_an_agent_out_of_files_cannot_end_is_left_to_who_comes_after_it(
    sleeper: Process, tmp_path: Path
) -> None:
    home = Home.open(tmp_path)
    _inhabited(home, sleeper)
    with no_further_file():
        home.close()
    assert _runs(sleeper)
    assert sweep(tmp_path) == 1
    assert await _end(sleeper) == -signal.SIGKILL
    assert _in(tmp_path) == []


def test_that_nobody_can_be_looked_up_does_not_mean_that_nobody_is_there() -> None:
    myself = look_up(os.getpid())
    assert myself is not None
    with no_further_file():
        assert root(myself).alive
        with pytest.raises(OSError, match="Too many open files"):
            look_up(os.getpid())


def test_a_folder_counts_as_inhabited_whatever_is_removed_from_it(tmp_path: Path) -> None:
    home = Home.open(tmp_path)
    for old in home.folder.iterdir():  # as those do who tidy up what has not been touched for days
        old.unlink()
    assert sweep(tmp_path) == 0
    assert home.folder.is_dir()
    home.close()


def test_an_orphan_is_found_by_its_folder_alone(tmp_path: Path) -> None:
    home = Home.open(tmp_path)
    os.close(home.lock)  # as the kernel does when its agent is killed
    for old in home.folder.iterdir():
        old.unlink()
    assert sweep(tmp_path) == 1
    assert _in(tmp_path) == []


def test_who_is_swept_before_it_holds_its_lock_takes_another_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = fcntl.flock
    swept: list[int] = []

    def late(file: int, how: int) -> None:
        if not swept:
            swept.append(0)
            swept.append(sweep(tmp_path))
        real(file, how)

    monkeypatch.setattr("probes.browser.home.fcntl.flock", late)
    home = Home.open(tmp_path)
    assert swept == [0, 1]
    assert _in(tmp_path) == [home.folder]
    assert sweep(tmp_path) == 0
    home.close()
