"""Who may start when: never without memory, not at once without cores, and every check its share of a long overload."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta

import pytest

from agent.admission import Entry, Lane
from agent.headroom import Shortage
from agent.runner import Identity
from agent.schedule import Schedule
from checks.config import AnyCheck, Target
from checks.model import BrowserCheck
from checks.run import Finding, Outcome, Reason, Verdict
from probes.probe import NO_PROOF, Proof
from tests import samples
from tests.agent.runners import a_runner
from tests.agent.simulated import SimulatedClock, elapse, simulate

ME = Identity("an-binh-1", "0" * 12)


class Machine:
    """Says what is missing: what `missing` holds now."""

    def __init__(self, missing: Shortage | None = None) -> None:
        self.missing = missing

    def __call__(self) -> Shortage | None:
        return self.missing


def now_s() -> float:
    return asyncio.get_running_loop().time()


async def enter(lane: Lane, check: str = "a", left_s: float = 100.0, *, again: bool = False) -> Entry:
    return await lane.enter(check, every_s=300, late_s=0, left_s=left_s, again=again)


async def stay(lane: Lane, check: str, span_s: float, left_s: float = 1000.0, *, again: bool = False) -> float | None:
    """Enter, stay and leave; return when it began, None if it did not."""
    if await enter(lane, check, left_s, again=again) is not Entry.IN:
        return None
    began = now_s()
    await elapse(span_s)
    lane.leave()
    return began


async def all_of(*work: Awaitable[float | None]) -> list[float | None]:
    return list(await asyncio.gather(*work))


def test_only_as_many_are_inside_as_the_lane_is_wide() -> None:
    async def work() -> list[float | None]:
        lane = Lane(2)
        return await all_of(*(stay(lane, f"c{n}", 10) for n in range(5)))

    assert simulate(work()) == [0, 0, 10, 10, 20]


def test_second_attempts_overtake() -> None:
    async def work() -> list[float | None]:
        lane = Lane(1)
        return await all_of(stay(lane, "a", 10), stay(lane, "b", 10), stay(lane, "c", 10, again=True))

    assert simulate(work()) == [0, 20, 10]


def test_who_gets_no_turn_in_time_leaves_without_one() -> None:
    async def work() -> tuple[Entry, float, int]:
        lane = Lane(1)
        await enter(lane)
        return await enter(lane, "b", 30), now_s(), lane.waiting

    assert simulate(work()) == (Entry.LATE, 30, 0)


def test_without_memory_nothing_starts() -> None:
    async def work() -> tuple[Entry, float]:
        return await enter(Lane(1, Machine(Shortage.MEMORY), patience_s=1), left_s=90), now_s()

    assert simulate(work()) == (Entry.LATE, 90)


@pytest.mark.parametrize("missing", [Shortage.CORES, Shortage.PRESSURE, Shortage.LOAD, Shortage.LAG])
def test_a_busy_machine_is_waited_for_and_then_taken_as_it_is(missing: Shortage) -> None:
    async def work() -> tuple[Entry, float]:
        return await enter(Lane(1, Machine(missing), patience_s=20)), now_s()

    assert simulate(work()) == (Entry.IN, 20)


def test_a_slot_with_little_time_waits_for_half_of_it_only() -> None:
    async def work() -> tuple[Entry, float]:
        return await enter(Lane(1, Machine(Shortage.CORES), patience_s=20), left_s=10), now_s()

    assert simulate(work()) == (Entry.IN, 5)


def test_on_a_machine_that_is_always_busy_runs_go_one_at_a_time_and_only_the_first_waits_for_calm() -> None:
    async def work() -> list[float | None]:
        lane = Lane(3, Machine(Shortage.CORES), patience_s=20)
        return await all_of(*(stay(lane, f"c{n}", 10) for n in range(4)))

    assert simulate(work()) == [20, 30, 40, 50]


def test_calm_is_noticed_within_a_moment() -> None:
    async def work() -> list[float | None]:
        machine = Machine(Shortage.CORES)
        lane = Lane(2, machine, patience_s=60)
        waiting = asyncio.gather(stay(lane, "a", 1), stay(lane, "b", 1))
        await elapse(10.1)
        assert lane.held
        machine.missing = None
        began = list(await waiting)
        assert not lane.held
        return began

    assert simulate(work()) == [10.25, 10.25]


def test_what_one_takes_is_seen_before_the_next_starts() -> None:
    async def work() -> list[float | None]:
        lane = Lane(3, pace_s=0.5)
        return await all_of(*(stay(lane, f"c{n}", 10) for n in range(3)))

    assert simulate(work()) == [0, 0.5, 1.0]


def test_a_turn_that_comes_in_the_moment_of_a_cancellation_is_given_back() -> None:
    async def work() -> Entry:
        lane = Lane(1)
        await enter(lane)
        waiting = asyncio.create_task(enter(lane, "b"))
        await asyncio.sleep(0)
        lane.leave()  # it is b's turn now, and b does not know yet
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert lane.running == 0
        return await enter(lane, "c")

    assert simulate(work()) is Entry.IN


def test_a_turn_goes_past_whoever_gave_up_in_that_moment() -> None:
    async def work() -> tuple[Entry, int]:
        lane = Lane(1)
        await enter(lane)
        waiting = asyncio.create_task(enter(lane, "b"))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.sleep(0)
        lane.leave()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        return await enter(lane, "c"), lane.running

    assert simulate(work()) == (Entry.IN, 1)


def test_more_than_can_be_served_is_not_kept_waiting_and_the_oldest_goes() -> None:
    async def work() -> tuple[list[Entry], int]:
        lane = Lane(1)
        await stay(lane, "slow", 3600)  # at this pace ten minutes hold nobody: the line is as short as it gets
        await enter(lane, "inside")
        waiting = []
        for n in range(9):
            waiting.append(asyncio.create_task(enter(lane, f"c{n}", 50 + n)))
            await elapse(1)
        return [await one for one in waiting], lane.dropped

    assert simulate(work()) == ([Entry.DROPPED, *[Entry.LATE] * 8], 1)


# -- with the runner and the schedule


class Walking:
    """A probe that takes its time."""

    def __init__(self, span_s: float) -> None:
        self.span_s = span_s

    async def run(self, target: Target[AnyCheck], proof: Proof = NO_PROOF) -> Finding:
        await elapse(self.span_s)
        return Finding(verdict=Verdict.OK, duration_s=self.span_s)


def targets_of(checks: list[AnyCheck]) -> dict[str, Target[AnyCheck]]:
    return {one.id: samples.target(one, service=None) for one in checks}


def walks(count: int, every: str, deadline: str = "60s") -> Iterator[AnyCheck]:
    for n in range(count):
        yield samples.check(
            BrowserCheck, id=f"w-{every}-{n}", journey="j", every=every, deadline=deadline, system="x", service=None
        )


async def lived(checks: list[AnyCheck], lane: Lane, probe: Walking, span: timedelta) -> list[Outcome]:
    """Serve the schedule of these checks for a span, as the rounds do; return what became of every slot."""
    clock, targets = SimulatedClock(), targets_of(checks)
    runner = a_runner({"browser": probe}, clock, lanes={"browser": lane})
    schedule, work, most, ends = Schedule(checks, "an-binh", {}, clock.now()), [], 0, clock.now() + span
    while clock.now() < ends:
        moment = schedule.next_moment()
        assert moment is not None
        await clock.sleep(max(0.0, (moment - clock.now()).total_seconds()))
        due = schedule.take_due(clock.now())
        work += [asyncio.create_task(runner.run(targets[slot.check], slot, ME)) for slot in due]
        most = max(most, lane.waiting)
    assert most <= len(checks)
    return list(await asyncio.gather(*work))


def shares(outcomes: list[Outcome]) -> dict[str, float]:
    """Return the share of its slots that each check had measured."""
    due, had = (
        Counter(one.run.check for one in outcomes),
        Counter(one.run.check for one in outcomes if one.run.verdict is Verdict.OK),
    )
    return {check: had[check] / count for check, count in due.items()}


def simulated(checks: list[AnyCheck], lane: Callable[[], Lane], span_s: float, hours: float) -> list[Outcome]:
    async def work() -> list[Outcome]:
        return await lived(checks, lane(), Walking(span_s), timedelta(hours=hours))

    return simulate(work())


def test_over_half_a_day_of_twice_the_load_every_check_has_about_half_of_its_slots() -> None:
    outcomes = simulated(list(walks(12, "5m")), lambda: Lane(1), span_s=50, hours=12)
    assert len({one.run.id for one in outcomes}) == len(outcomes) >= 12 * 144
    lost = [one.run for one in outcomes if one.run.verdict is not Verdict.OK]
    assert {(run.verdict, run.blame, run.reason) for run in lost} == {("skipped", "agent", "agent_overload")}
    found = shares(outcomes)
    assert min(found.values()) > 0.45
    assert max(found.values()) < 0.55


def test_no_interval_starves_another() -> None:
    checks = [*walks(6, "1m", "16s"), *walks(10, "5m"), *walks(20, "1h")]
    outcomes = simulated(checks, lambda: Lane(1), span_s=15, hours=12)
    by_interval = defaultdict(list)
    for check, share in shares(outcomes).items():
        by_interval[check.split("-")[1]].append(share)
    assert {interval: len(found) for interval, found in by_interval.items()} == {"1m": 6, "5m": 10, "1h": 20}
    assert min(by_interval["1h"]) > 0.9
    assert min(by_interval["5m"]) > 0.6
    assert min(by_interval["1m"]) > 0.3
    assert all(max(found) - min(found) < 0.1 for found in by_interval.values())


def test_a_day_on_a_machine_that_is_always_busy_still_measures_every_check() -> None:
    lane = lambda: Lane(1, Machine(Shortage.CORES), patience_s=20)  # noqa: E731  # made inside the loop
    outcomes = simulated(list(walks(12, "5m")), lane, span_s=3, hours=6)
    assert min(shares(outcomes).values()) == 1.0


def test_a_schedule_that_fits_loses_nothing_and_hardly_waits() -> None:
    outcomes = simulated(list(walks(60, "5m")), lambda: Lane(1, pace_s=0.5), span_s=2, hours=6)
    assert {one.run.verdict for one in outcomes} == {Verdict.OK}
    assert max(one.run.queue_delay_s for one in outcomes) < 2


def test_ten_thousand_light_runs_that_fall_due_together_are_all_served() -> None:
    async def work() -> tuple[int, float]:
        lane = Lane(50)
        began = await all_of(*(stay(lane, f"c{n}", 0.1) for n in range(10_000)))
        return sum(one is not None for one in began), now_s()

    served, took_s = simulate(work())
    assert served == 10_000
    assert took_s == pytest.approx(20)


def test_a_slot_that_was_given_up_says_why() -> None:
    async def work() -> list[Outcome]:
        lane = Lane(1)
        await stay(lane, "slow", 3600)
        await enter(lane, "inside")
        return await lived(list(walks(30, "1h")), lane, Walking(1), timedelta(minutes=30))

    runs = [one.run for one in simulate(work())]
    assert {(run.verdict, run.reason) for run in runs} == {(Verdict.SKIPPED, Reason.AGENT_OVERLOAD)}
    assert any("chờ lâu nhất" in run.message for run in runs)
