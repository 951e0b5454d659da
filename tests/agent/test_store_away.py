"""The store is away: slots are walked, outcomes wait on disk, and in the end everything is stored once, in order."""

import asyncio
import sqlite3
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from agent.fanout import Fanout
from agent.records import Begun
from agent.schedule import grids
from agent.spool import Spool
from checks.config import Config
from checks.run import Outcome, Run, Slot, Verdict
from store.open import open_store
from store.protocol import Store
from store.sql import SqlStore
from tests.agent.delivery import RunsTable, a_fanout, cut_off, delivering
from tests.agent.pages import read, said
from tests.agent.test_killed import ended, rows_of, served, start_agent, surely_ended, verdicts_of, written
from tests.alerting.province import SLOT, broken_walk, config, rule, slot_run
from tests.postgres import running_postgres
from tests.samples import NOON
from tests.samples import run as sample_run
from tests.until import until

OK = Verdict.OK
DAY = timedelta(days=1)
PROJECT = Path(__file__).parents[2]
STORY_OF = ("open", "states", "incidents", "transitions", "mails")
STORY = [slot_run(0, OK), broken_walk(1), broken_walk(2), broken_walk(3), slot_run(4, OK), broken_walk(5)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "dvcwatch.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SqlStore]:
    opened = await open_store(str(path))
    yield opened
    await opened.close()


def slot_of(run: Run) -> Slot:
    return Slot(check=run.check, location=run.location, due_at=run.scheduled_at)


async def walk(one: Fanout, runs: Sequence[Run]) -> None:
    """Do what the rounds do with slots: each gets its row, then its outcome."""
    for run in runs:
        assert await one.open([slot_of(run)]) == {run.id}
        one.put(Outcome(run=run))


async def everything(store: Store) -> dict[str, object]:
    """Return all that the runs left in a store."""
    incidents = await store.incidents(limit=100_000)
    return {
        "runs": [run async for run in store.runs(NOON - DAY, NOON + 30 * DAY)],
        "open": await store.unfinished("an-binh"),
        "states": await store.alert_states(),
        "incidents": incidents,
        "transitions": [await store.transitions(incident.id) for incident in incidents],
        "mails": [
            delivery.mail.evolve(text="", html="")
            for incident in incidents
            for delivery in await store.deliveries(incident.id)
        ],
    }


async def undisturbed(folder: Path, a_config: Config, runs: Sequence[Run]) -> dict[str, object]:
    store = await open_store(str(folder / "undisturbed.db"))
    one = await a_fanout(store, a_config, folder)
    async with delivering(one):
        await walk(one, runs)
    found = await everything(store)
    await store.close()
    return found


@pytest.fixture
def table(store: SqlStore, path: Path) -> RunsTable:
    return RunsTable(path)


async def on_disk(one: Fanout, outcomes: int) -> None:
    async def kept() -> int:
        return one.backlog.outcomes

    await until(kept, lambda count: count >= outcomes)


async def test_a_locked_sqlite_store_holds_up_no_slot_and_loses_no_outcome(
    store: SqlStore, path: Path, tmp_path: Path
) -> None:
    a_config = config(rule())
    one = await a_fanout(store, a_config, tmp_path)
    with closing(sqlite3.connect(path, isolation_level=None)) as another:
        async with delivering(one):
            await walk(one, STORY[:2])
            await one.drain()
            another.execute("BEGIN EXCLUSIVE")
            await walk(one, STORY[2:])
            await on_disk(one, 4)
            assert not one.store_up
            another.execute("ROLLBACK")
            await one.drain()
    assert one.store_up
    assert not one.backlog
    assert await everything(store) == await undisturbed(tmp_path / "calm", a_config, STORY)


async def test_a_postgresql_that_stops_and_a_killed_agent_lose_nothing_and_tell_nothing_twice(tmp_path: Path) -> None:
    a_config = config(rule())
    with running_postgres() as server, server.new_database() as url:
        store = await open_store(url)
        one = await a_fanout(store, a_config, tmp_path)
        async with cut_off(one):
            await walk(one, STORY[:2])
            await one.drain()
            server.stop()
            await walk(one, STORY[2:4])
            await on_disk(one, 2)
            assert not one.store_up
        await store.close()
        server.start()
        store = await open_store(url)
        another = await a_fanout(store, a_config, tmp_path)
        await another.replay()
        async with delivering(another):
            await walk(another, STORY[4:])
        found = await everything(store)
        await store.close()
    assert found == await undisturbed(tmp_path / "calm", a_config, STORY)


async def settle(store: Store) -> None:
    """Close what an earlier process left open, as the agent does at its start."""
    left = await store.unfinished("an-binh")
    await store.save_many([slot_run(round((slot.due_at - NOON) / SLOT), Verdict.INCONCLUSIVE) for slot in left])


@pytest.mark.parametrize("seed", range(5))
async def test_whenever_the_store_goes_and_the_agent_is_killed_what_was_kept_tells_one_story(
    store: SqlStore, table: RunsTable, tmp_path: Path, seed: int
) -> None:
    random = Random(seed)  # noqa: S311 - an order that is the same every time, not a secret
    a_config = config(rule())
    runs = [broken_walk(i) if random.random() < 0.6 else slot_run(i, OK) for i in range(40)]
    due = list(runs)
    while due or table.away:
        await table.come_back()
        one = await a_fanout(store, a_config, tmp_path)
        await one.replay()
        await settle(store)
        async with cut_off(one):
            for _ in range(random.randrange(3, 12)):
                if random.random() < 0.3:
                    await (table.come_back() if table.away else table.go())
                await walk(one, due[:1])
                due = due[1:]
                await asyncio.sleep(random.choice([0, 0, 0.01, 0.3]))
    last = await a_fanout(store, a_config, tmp_path)
    await last.replay()
    await settle(store)
    found = await everything(store)
    stored = [run async for run in store.runs(NOON - DAY, NOON + DAY)]
    assert [run.id for run in stored] == [run.id for run in runs]
    kept = [run for run in stored if run.verdict is not Verdict.INCONCLUSIVE]
    assert len(kept) > 10
    told = await undisturbed(tmp_path / "calm", a_config, kept)
    assert {name: found[name] for name in STORY_OF} == {name: told[name] for name in STORY_OF}


async def test_killed_again_and_again_while_it_replays_the_agent_tells_one_story(tmp_path: Path) -> None:
    random = Random(3)  # noqa: S311 - an order that is the same every time, not a secret
    runs = [broken_walk(i) if random.random() < 0.6 else slot_run(i, OK) for i in range(400)]
    spool = Spool(tmp_path / "spool")
    for run in runs:
        spool.append([Begun((slot_of(run),)), Outcome(run=run)])
    command = (sys.executable, "-m", "tests.agent.replaying", str(tmp_path))
    for killed_after_s in (0.0, 0.05, 0.2, 0.1, 0.4, None):
        process = await asyncio.create_subprocess_exec(*command, cwd=PROJECT, stdout=asyncio.subprocess.PIPE)
        assert process.stdout is not None
        assert await process.stdout.readline() == b"begun\n"
        if killed_after_s is not None:
            await asyncio.sleep(killed_after_s)
            process.kill()
        said, _ = await process.communicate()
    assert said.endswith(b"done\n")
    store = await open_store(str(tmp_path / "dvcwatch.db"))
    found = await everything(store)
    await store.close()
    assert found == await undisturbed(tmp_path / "calm", config(rule()), runs)


async def test_slots_begun_while_the_store_was_away_are_settled_after_a_kill(
    store: SqlStore, table: RunsTable, tmp_path: Path
) -> None:
    one = await a_fanout(store, config(rule()), tmp_path)
    await table.go()
    async with cut_off(one):
        assert await one.open([slot_of(STORY[0])]) == {STORY[0].id}
    await table.come_back()
    another = await a_fanout(store, config(rule()), tmp_path)
    await another.replay()
    assert await store.unfinished("an-binh") == (slot_of(STORY[0]),)


async def test_what_had_to_go_from_a_full_spool_is_inconclusive_and_nobodys_fault(
    store: SqlStore, table: RunsTable, tmp_path: Path
) -> None:
    a_config = config(rule())
    one = await a_fanout(store, a_config, tmp_path, max_bytes=1)
    (grid,) = grids(target.check for target in a_config.targets.values()).values()
    due = list(grid.between(NOON, NOON + 4 * SLOT))
    await table.go()
    async with delivering(one):
        for moment in due:
            await walk(one, [sample_run(moment)])
            await on_disk(one, 1)
            await one.backlog.first(1)  # what is read from closes its file, so that the next one may go
        await table.come_back()
    cells = await store.cells(NOON - DAY, NOON + DAY)
    assert [cell.scheduled_at for cell in cells] == due
    verdicts = Counter(cell.verdict for cell in cells)
    assert verdicts == {Verdict.INCONCLUSIVE: one.backlog.spool.dropped, OK: 4 - one.backlog.spool.dropped}
    assert one.backlog.spool.dropped > 0
    assert {cell.blame for cell in cells} == {"agent", "none"}
    assert await store.unfinished("an-binh") == ()


async def test_while_postgresql_is_away_the_agent_measures_on_and_its_pages_say_so(tmp_path: Path) -> None:
    board: list[str] = []
    with running_postgres() as server, server.new_database() as url:
        async with served() as site:
            environment = {"DVCWATCH_STORE": url}
            process = await start_agent(
                written(tmp_path, site, 2), tmp_path, on_board=board.append, environment=environment
            )
            async with surely_ended(process):
                await site.asked(4)
                server.stop()
                await said(f"{board[0]}healthz", "the store is away")
                await site.asked(4)
                assert "Kho dữ liệu không trả lời" in await read(f"{board[0]}agent")
                for page in ("", "incidents", "ranking", "agencies/so"):
                    assert "Việc đo vẫn tiếp tục" in await read(board[0] + page, status=503)
                server.start()
                await said(f"{board[0]}metrics", "dvcwatch_store_up 1.0")
                await read(board[0])
                await ended(process)
        found = await rows_of(url)
    assert len(found) == 2
    assert verdicts_of(found)[Verdict.OK] >= 4
