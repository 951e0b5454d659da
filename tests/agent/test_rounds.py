"""The main loop with a real store: one row per slot, through stops, restarts and a store that is away."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from agent.admission import Lane
from agent.clock import SystemClock
from agent.rounds import Rounds, catch_up
from agent.runner import Identity
from agent.schedule import Schedule
from agent.timekeeper import Clocks, Timekeeper, machine
from checks.config import AnyCheck, Config, Target
from checks.load import load
from checks.run import Finding, Slot, Verdict
from probes.probe import NO_PROOF, Proof
from store.protocol import Store
from tests.agent.delivery import a_fanout, delivering
from tests.agent.runners import a_runner
from tests.samples import run as sample_run

CHECKS = """
version: 1
settings: {contact: "mailto:a@b.example", location: an-binh, defaults: {every: 2s, deadline: 500ms, confirm_after: 1ms}}
agencies: [{id: so, name: Sở}]
systems: [{id: cong, name: Cổng, agency: so, url: "http://127.0.0.1:1", hosts: ["127.0.0.1:1"]}]
checks:
  - {id: mot, type: tcp, system: cong, host: 127.0.0.1, port: 1}
  - {id: hai, type: tcp, system: cong, host: 127.0.0.1, port: 1}
"""


class Answering:
    """A probe that is always content, at once or never."""

    def __init__(self, *, answers: bool = True) -> None:
        self.answers = answers
        self._asked = asyncio.Semaphore(0)

    async def run(self, target: Target[AnyCheck], proof: Proof = NO_PROOF) -> Finding:
        self._asked.release()
        if not self.answers:
            await asyncio.Event().wait()
        return Finding(verdict=Verdict.OK)

    async def asked(self, times: int) -> None:
        """Wait until it was asked so many more times."""
        for _ in range(times):
            await self._asked.acquire()


async def rounds(
    config: Config, store: Store, probe: Answering, since: datetime | None = None, clock: SystemClock | None = None
) -> Rounds:
    clock = clock or SystemClock()
    fanout = await a_fanout(store, config, config.path.parent)
    runner = a_runner({"tcp": probe}, clock)
    last = dict(await store.last_due("an-binh")) or (dict.fromkeys(config.targets, since) if since else {})
    schedule = Schedule([target.check for target in config.targets.values()], "an-binh", last, clock.now())
    return Rounds(config, store, runner, fanout, clock, Identity("may-do", "0" * 12), schedule)


async def work(one: Rounds, probe: Answering, enough: int, grace_s: float = 2) -> None:
    """Run rounds until `enough` walks have begun, then stop them as a signal would."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        delivering = group.create_task(one.fanout.run())
        running = group.create_task(one.run(stop, grace_s))
        await probe.asked(enough)
        stop.set()
        await running
        await one.fanout.drain()
        delivering.cancel()


class Moved:
    """This machine's clocks, moved by whole seconds when a test says so."""

    def __init__(self) -> None:
        self.set_s = 0.0
        self.slept_s = 0.0

    def __call__(self) -> Clocks:
        real = machine()
        wall, boot = real.wall + self.set_s + self.slept_s, real.boot + self.slept_s
        return Clocks(wall, real.monotonic, boot)


async def measured_through(
    config: Config, store: Store, moved: Moved, *, set_s: float, slept_s: float = 0.0
) -> SystemClock:
    """Run rounds during which the clock is set, or the machine sleeps; four walks begin afterwards."""
    probe, clock = Answering(), SystemClock(Timekeeper(moved))
    one = await rounds(config, store, probe, clock=clock)
    stop = asyncio.Event()
    async with delivering(one.fanout):
        running = asyncio.create_task(one.run(stop, 2))
        await probe.asked(3)
        moved.set_s, moved.slept_s = set_s, slept_s
        await probe.asked(4)
        stop.set()
        await running
    return clock


async def rows(store: Store) -> list[tuple[str, datetime, Verdict]]:
    now = datetime.now(UTC)
    return [(c.check, c.scheduled_at, c.verdict) for c in await store.cells(now - timedelta(days=1), now)]


def gaps(found: list[tuple[str, datetime, Verdict]]) -> int:
    """Count places where two neighbouring rows of one check are not one interval apart."""
    by_check: dict[str, list[datetime]] = {}
    for check, at, _ in found:
        by_check.setdefault(check, []).append(at)
    steps = (b - a for moments in by_check.values() for a, b in pairwise(moments))
    return sum(step != timedelta(seconds=2) for step in steps)


async def test_every_due_slot_gets_one_closed_row(config: Config, store: Store) -> None:
    probe = Answering()
    await work(await rounds(config, store, probe), probe, enough=4)
    found = await rows(store)
    assert len(found) >= 4
    assert gaps(found) == 0
    assert await store.unfinished("an-binh") == ()


async def test_slots_missed_while_the_agent_was_away_become_skipped(config: Config, store: Store) -> None:
    probe = Answering()
    one = await rounds(config, store, probe, since=datetime.now(UTC) - timedelta(minutes=1))
    assert await catch_up(one, "an-binh") == (0, 60)
    await work(one, probe, enough=2)
    found = await rows(store)
    assert gaps(found) == 0
    assert Counter(verdict for *_, verdict in found)[Verdict.SKIPPED] >= 60


async def test_a_row_left_open_becomes_inconclusive_and_nobodys_fault(config: Config, store: Store) -> None:
    due = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=9)
    await store.open_slots([Slot(check="mot", location="an-binh", due_at=due)], due)
    one = await rounds(config, store, Answering())
    interrupted, _ = await catch_up(one, "an-binh")
    assert interrupted == 1
    outcome = await store.outcome(Slot(check="mot", location="an-binh", due_at=due).id)
    assert outcome is not None
    assert (outcome.run.verdict, outcome.run.blame, outcome.run.reason) == ("inconclusive", "agent", "agent_stopped")


async def test_a_row_left_open_by_a_check_that_was_removed_is_closed_too(config: Config, store: Store) -> None:
    due = datetime.now(UTC).replace(microsecond=0)
    known, never = (Slot(check=name, location="an-binh", due_at=due) for name in ("khai-sinh", "cu"))
    await store.save_many([sample_run(due - timedelta(minutes=5))])
    await store.open_slots([known, never], due)
    assert (await catch_up(await rounds(config, store, Answering()), "an-binh"))[0] == 2
    settled = [await store.outcome(slot.id) for slot in (known, never)]
    assert [(one.run.verdict, one.run.system) for one in settled if one is not None] == [
        ("inconclusive", "mot-cua-tinh"),
        ("inconclusive", ""),
    ]
    assert await store.unfinished("an-binh") == ()


async def a_long_walk(until: asyncio.Event) -> None:
    await until.wait()


async def test_a_slot_that_finds_its_check_still_walking_is_skipped_as_overlap(config: Config, store: Store) -> None:
    one = await rounds(config, store, Answering())
    now = datetime.now(UTC).replace(microsecond=0)
    first, second = (Slot(check="mot", location="an-binh", due_at=now + timedelta(seconds=s)) for s in (0, 2))
    blocked = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        delivering = group.create_task(one.fanout.run())
        one._walks["mot"] = group.create_task(a_long_walk(blocked))
        one._slots["mot"] = first
        one.runner.begun.add(first.id)
        await one._start(group, [second])
        await one.fanout.drain()
        blocked.set()
        delivering.cancel()
    outcome = await store.outcome(second.id)
    assert outcome is not None
    assert (outcome.run.verdict, outcome.run.reason) == ("skipped", "overlap")


async def test_a_slot_that_still_waits_when_the_next_is_due_makes_way_for_it(config: Config, store: Store) -> None:
    probe = Answering()
    one = await rounds(config, store, probe)
    lane = one.runner.lanes["light"]
    lane.width = 0  # nobody gets a turn
    now = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=1)
    first, second = (Slot(check="mot", location="an-binh", due_at=now + timedelta(seconds=s)) for s in (0, 2))
    async with asyncio.TaskGroup() as group:
        delivering = group.create_task(one.fanout.run())
        await one._start(group, [first])
        while lane.waiting == 0:
            await asyncio.sleep(0)
        lane.width = 9
        await one._start(group, [second])
        await probe.asked(1)
        while one.walking:
            await asyncio.sleep(0)
        await one.fanout.drain()
        delivering.cancel()
    earlier, later = await store.outcome(first.id), await store.outcome(second.id)
    assert earlier is not None
    assert later is not None
    assert (earlier.run.verdict, earlier.run.blame, earlier.run.reason) == ("skipped", "agent", "agent_overload")
    assert "lượt sau của cùng mục kiểm tra" in earlier.run.message
    assert later.run.verdict == "ok"


async def test_a_stop_ends_walks_that_outlast_their_grace_and_says_so(config: Config, store: Store) -> None:
    probe = Answering(answers=False)
    await work(await rounds(config, store, probe), probe, enough=1, grace_s=0.05)
    found = await rows(store)
    assert {verdict for *_, verdict in found} <= {Verdict.INCONCLUSIVE, Verdict.SKIPPED}
    assert Verdict.INCONCLUSIVE in {verdict for *_, verdict in found}
    assert await store.unfinished("an-binh") == ()


@pytest.mark.parametrize(("set_s", "slept_s", "reason"), [(3600.0, 0.0, "clock"), (0.0, 600.0, "agent_stopped")])
async def test_slots_that_a_clock_or_a_sleep_passed_over_are_skipped_and_the_next_ones_walked(
    config: Config, store: Store, set_s: float, slept_s: float, reason: str
) -> None:
    clock = await measured_through(config, store, Moved(), set_s=set_s, slept_s=slept_s)
    cells = await store.cells(clock.now() - timedelta(hours=2), clock.now())
    assert gaps([(cell.check, cell.scheduled_at, cell.verdict) for cell in cells]) == 0
    skipped = [cell for cell in cells if cell.verdict is Verdict.SKIPPED]
    assert len(skipped) >= (set_s + slept_s) / 2 * len(config.targets) - 2
    one_of_them = await store.outcome(skipped[9].run)
    assert one_of_them is not None
    assert one_of_them.run.reason == reason
    assert await store.unfinished("an-binh") == ()


async def test_when_the_clock_is_set_back_an_hour_measuring_goes_on_and_no_slot_comes_twice(
    config: Config, store: Store
) -> None:
    clock = await measured_through(config, store, Moved(), set_s=-3600.0)
    found = [
        (cell.check, cell.scheduled_at, cell.verdict)
        for cell in await store.cells(clock.now() - timedelta(hours=2), clock.now())
    ]
    assert gaps(found) == 0
    assert Counter(verdict for *_, verdict in found)[Verdict.OK] >= 6, "at most the walk of that very moment is lost"
    assert datetime.now(UTC) - clock.now() < timedelta(minutes=1), "it did not go back with the clock"


async def test_a_clock_that_was_wrong_by_years_leaves_no_rows_for_them(config: Config, store: Store) -> None:
    moved = Moved()
    moved.set_s = -20 * 365 * 86400.0
    clock = await measured_through(config, store, moved, set_s=0.0)
    assert len(await store.cells(datetime(2000, 1, 1, tzinfo=UTC), clock.now())) < 20
    assert clock.keeper.leapt


async def test_a_walk_during_which_the_clock_is_set_is_inconclusive_and_nobodys_fault(
    config: Config, store: Store
) -> None:
    moved = Moved()
    clock = SystemClock(Timekeeper(moved))

    class Setting(Answering):
        async def run(self, target: Target[AnyCheck], proof: Proof = NO_PROOF) -> Finding:
            moved.set_s += 3600.0
            return Finding(verdict=Verdict.FAILED, blame="system")

    one = await rounds(config, store, Setting(), clock=clock)
    slot = Slot(check="mot", location="an-binh", due_at=clock.now().replace(microsecond=0))
    outcome = await one.runner.run(config.targets["mot"], slot, one.identity)
    assert (outcome.run.verdict, outcome.run.blame, outcome.run.reason) == ("inconclusive", "agent", "clock")
    assert outcome.run.finished_at - outcome.run.started_at < timedelta(minutes=1), "a span is a span"


@pytest.mark.parametrize("ended_by", ["a stop", "a reload"])
async def test_a_walk_that_is_ended_before_its_first_move_has_its_row_closed_all_the_same(
    tmp_path: Path, store: Store, ended_by: str
) -> None:
    before, after = tmp_path / "before.yaml", tmp_path / "after.yaml"
    before.write_text(CHECKS, encoding="utf-8")
    after.write_text(CHECKS.replace("id: mot", "id: ba").replace("id: hai", "id: bon"), encoding="utf-8")
    one = await rounds(load(before), store, Answering())
    slot = Slot(check="mot", location="an-binh", due_at=datetime.now(UTC).replace(microsecond=0))
    async with delivering(one.fanout), asyncio.TaskGroup() as group:
        await one._start(group, [slot])
        if ended_by == "a stop":
            await one._wind_down(0)
        else:
            one.adopt(load(after), Identity("may-do", "1" * 12))
    outcome = await store.outcome(slot.id)
    assert outcome is not None
    assert (outcome.run.verdict, outcome.run.reason) == (Verdict.SKIPPED, "agent_stopped")
    assert await store.unfinished("an-binh") == ()
    assert one.walking == ()


async def test_a_failure_that_a_set_clock_left_unconfirmed_says_so_and_accuses_nobody(
    config: Config, store: Store
) -> None:
    moved = Moved()
    clock = SystemClock(Timekeeper(moved))

    class Failing(Answering):
        async def run(self, target: Target[AnyCheck], proof: Proof = NO_PROOF) -> Finding:
            lane.width = 0  # the second attempt waits
            return Finding(verdict=Verdict.FAILED, blame="system")

    one = await rounds(config, store, Failing(), clock=clock)
    lane = one.runner.lanes["light"]
    slot = Slot(check="mot", location="an-binh", due_at=clock.now().replace(microsecond=0))
    running = asyncio.create_task(one.runner.run(config.targets["mot"], slot, one.identity))
    while not lane.waiting:
        await asyncio.sleep(0)
    moved.set_s = 3600.0
    lane.widen(9)
    run = (await running).run
    assert (run.verdict, run.blame, run.reason) == ("inconclusive", "agent", "clock")
    assert "chưa xác nhận lại được. Đồng hồ của máy đo bị chỉnh" in run.message


async def test_of_removed_checks_what_waits_is_skipped_and_what_is_measured_ends_as_it_began(
    tmp_path: Path, store: Store
) -> None:
    before, after = tmp_path / "before.yaml", tmp_path / "after.yaml"
    slow = CHECKS.replace("every: 2s", "every: 20s")
    before.write_text(slow, encoding="utf-8")
    after.write_text(slow.replace("id: mot", "id: ba").replace("id: hai", "id: bon"), encoding="utf-8")
    probe = Answering(answers=False)
    one = await rounds(load(before), store, probe, since=datetime.now(UTC) - timedelta(seconds=20))
    one.runner.lanes = {"light": Lane(1)}
    stop = asyncio.Event()
    async with delivering(one.fanout), asyncio.TaskGroup() as group:
        running = group.create_task(one.run(stop, 2))
        await probe.asked(1)
        one.adopt(load(after), Identity("may-do", "1" * 12))
        stop.set()
        await running
    now = datetime.now(UTC)
    runs = [run async for run in store.runs(now - timedelta(minutes=1), now + timedelta(minutes=1))]
    measured, waited = sorted(runs, key=lambda run: run.verdict)
    assert (measured.verdict, measured.reason) == (Verdict.INCONCLUSIVE, "deadline")
    assert (waited.verdict, waited.reason) == (Verdict.SKIPPED, "agent_stopped")
    assert "bỏ hoặc tắt trong cấu hình" in waited.message
    assert {measured.config_hash, waited.config_hash} == {"0" * 12}
    assert await store.unfinished("an-binh") == ()
    assert one.schedule.next_due("mot") is None
    assert one.schedule.next_due("ba") is not None
