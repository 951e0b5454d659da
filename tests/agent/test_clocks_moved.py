"""The real agent while its clock is set and while it is stopped: one row for each slot, and nobody is accused."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from checks.run import Verdict
from store.open import open_store
from store.protocol import Cell
from tests.agent.test_killed import CHECK, CHECKS, EVERY_S, Site, served, start_agent

HOUR_S = 3600
N = 2
EVER = (datetime.fromisoformat("2020-01-01T00:00:00Z"), datetime.fromisoformat("2100-01-01T00:00:00Z"))


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


def written(folder: Path, site: Site) -> Path:
    path = folder / "checks.yaml"
    lines = "".join(CHECK.format(n=n, port=site.port) for n in range(N))
    path.write_text(CHECKS.format(port=site.port) + lines, encoding="utf-8")
    return path


async def cells(data: Path) -> dict[str, list[Cell]]:
    store = await open_store(str(data / "dvcwatch.db"))
    found: dict[str, list[Cell]] = {}
    for cell in await store.cells(*EVER):
        found.setdefault(cell.check, []).append(cell)
    assert await store.unfinished("an-binh") == ()
    await store.close()
    return found


def no_gaps(found: dict[str, list[Cell]]) -> None:
    assert len(found) == N
    for of_check in found.values():
        steps = {late.scheduled_at - early.scheduled_at for early, late in pairwise(of_check)}
        assert steps == {timedelta(seconds=EVERY_S)}


async def ended(process: asyncio.subprocess.Process) -> None:
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == 0


async def test_a_clock_set_an_hour_on_and_an_hour_back_costs_no_slot_its_row(tmp_path: Path, site: Site) -> None:
    fake = Fake(tmp_path)
    process = await start_agent(written(tmp_path, site), tmp_path, **fake.environment)
    try:
        await site.asked(2 * N)
        fake.set(f"+{HOUR_S}")
        await site.asked(2 * N)
        fake.set("+0")
        await site.asked(2 * N)
        await ended(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    found = await cells(tmp_path)
    no_gaps(found)
    verdicts = Counter(cell.verdict for of_check in found.values() for cell in of_check)
    assert verdicts[Verdict.OK] >= 4 * N, "what began while no clock was set is believed"
    assert verdicts[Verdict.SKIPPED] >= N * (HOUR_S // EVERY_S - 1), "the hour that never was"
    assert set(verdicts) <= {Verdict.OK, Verdict.INCONCLUSIVE, Verdict.SKIPPED}


async def test_an_agent_that_was_stopped_in_the_middle_of_a_walk_accuses_nobody(tmp_path: Path, site: Site) -> None:
    process = await start_agent(written(tmp_path, site), tmp_path)
    try:
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
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    found = await cells(tmp_path)
    no_gaps(found)
    verdicts = Counter(cell.verdict for of_check in found.values() for cell in of_check)
    assert verdicts[Verdict.SKIPPED] >= 4 * N
    assert set(verdicts) <= {Verdict.OK, Verdict.INCONCLUSIVE, Verdict.SKIPPED}
