"""The real agent while its clock is set and while it is stopped: one row for each slot, and nobody is accused."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from checks.run import Verdict
from tests.agent.test_killed import (
    EVERY_S,
    Site,
    ended,
    rows_of,
    served,
    start_agent,
    surely_ended,
    verdicts_of,
    written,
)

HOUR_S = 3600
N = 2


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with served() as one:
        yield one


class Fake:
    """libfaketime around a process: its wall clock is as far from the real one as a file says."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self.set("+0")
        library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
        if library is None:
            pytest.fail(
                "these tests need libfaketime; on Debian and Ubuntu: apt-get install libfaketime", pytrace=False
            )
        self.environment = {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def set(self, offset: str) -> None:
        """Move the clock, in one piece: a process that reads half a file would see a third time."""
        new = self._file.with_suffix(".new")
        new.write_text(f"{offset}\n", encoding="ascii")
        new.replace(self._file)


async def test_a_clock_set_an_hour_on_and_an_hour_back_costs_no_slot_its_row(tmp_path: Path, site: Site) -> None:
    fake = Fake(tmp_path)
    process = await start_agent(written(tmp_path, site, N), tmp_path, environment=fake.environment)
    async with surely_ended(process):
        await site.asked(2 * N)
        fake.set(f"+{HOUR_S}")
        await site.asked(2 * N)
        fake.set("+0")
        await site.asked(2 * N)
        await ended(process)
    found = await rows_of(tmp_path / "dvcwatch.db")
    assert len(found) == N
    verdicts = verdicts_of(found)
    assert verdicts[Verdict.OK] >= 3 * N, "what began while no clock was set is believed"
    assert verdicts[Verdict.SKIPPED] >= N * (HOUR_S // EVERY_S - 1), "the hour that never was"


async def test_an_agent_that_was_stopped_in_the_middle_of_a_walk_accuses_nobody(tmp_path: Path, site: Site) -> None:
    process = await start_agent(written(tmp_path, site, N), tmp_path)
    async with surely_ended(process):
        await site.asked(N)
        site.held.clear()
        site.open.clear()
        async with asyncio.timeout(60):
            await site.held.wait()
        os.kill(process.pid, signal.SIGSTOP)
        site.open.set()
        await asyncio.sleep(6 * EVERY_S)  # the span itself is what is tested
        os.kill(process.pid, signal.SIGCONT)
        await site.asked(3 * N)
        await ended(process)
    found = await rows_of(tmp_path / "dvcwatch.db")
    assert len(found) == N
    verdicts = verdicts_of(found)
    assert verdicts[Verdict.SKIPPED] >= 4 * N
