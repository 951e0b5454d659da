"""What this machine has left, as the kernel and its cgroups tell, and what a walk may start with."""

import asyncio
from dataclasses import replace

import pytest

from agent.clock import SystemClock
from agent.headroom import Headroom, Left, Shortage, short_for_probe, short_for_walk, width
from agent.health import HealthWatch
from agent.kernel import Counters, Kernel
from checks.model import BrowserSettings
from tests.agent.hands import Hands
from tests.until import until

CALM = Left(
    idle_cores=2.0, cpu_pressure=0.0, throttled=0.0, load_1m=0.1, memory_free_bytes=8_000_000_000, loop_lag_s=0.001
)


@pytest.mark.parametrize(("cores", "carried"), [(0.5, 1), (1, 1), (2, 1), (3.9, 1), (4, 2), (16, 8)])
def test_one_walk_at_a_time_per_two_cores(cores: float, carried: int) -> None:
    assert width(BrowserSettings(), cores) == carried


def test_the_settings_can_lower_the_width_and_not_raise_it() -> None:
    assert width(BrowserSettings(concurrency=1), 8) == 1
    assert width(BrowserSettings(concurrency=9), 8) == 4


def test_a_calm_machine_has_room() -> None:
    assert short_for_walk(CALM, 2) is None
    assert short_for_probe(CALM.loop_lag_s) is None


def test_what_nobody_can_tell_holds_nobody() -> None:
    assert short_for_walk(Left(None, None, None, None, None, 0.0), 2) is None


@pytest.mark.parametrize(
    ("left", "missing"),
    [
        (replace(CALM, memory_free_bytes=400_000_000, idle_cores=0), Shortage.MEMORY),
        (replace(CALM, idle_cores=1.0), Shortage.CORES),
        (replace(CALM, throttled=0.2), Shortage.CORES),
        (replace(CALM, cpu_pressure=0.5), Shortage.PRESSURE),
        (replace(CALM, cpu_pressure=None, load_1m=2.5), Shortage.LOAD),
        (replace(CALM, loop_lag_s=0.2), Shortage.LAG),
    ],
)
def test_what_is_missing_is_named(left: Left, missing: Shortage) -> None:
    assert short_for_walk(left, 2) is missing


def test_a_load_that_is_told_by_pressure_too_is_not_asked_for_it_forgets_slowly() -> None:
    assert short_for_walk(replace(CALM, load_1m=9), 2) is None


def test_a_machine_of_one_core_is_not_asked_for_more_than_it_has() -> None:
    assert short_for_walk(replace(CALM, idle_cores=0.95), 1) is None
    assert short_for_walk(replace(CALM, idle_cores=0.5), 1) is Shortage.CORES


def test_light_probes_are_held_by_a_late_loop_only() -> None:
    assert short_for_probe(0.01) is None
    assert short_for_probe(0.2) is Shortage.LAG


class Told(Kernel):
    """A kernel that counts what the test says."""

    def __init__(self) -> None:
        super().__init__()
        self.idle_s, self.stall_s = 1000.0, 50.0

    def counters(self, at: float) -> Counters:
        return Counters(at, cpu_stall_s=self.stall_s, idle_s=self.idle_s)


def test_half_a_second_after_it_was_busy_a_machine_has_room_again() -> None:
    clock, kernel = Hands(), Told()
    watch = HealthWatch(clock, kernel)  # type: ignore[arg-type]  # a clock that only tells spans
    headroom = Headroom(watch, 2)
    found = []
    for idle_cores in (2.0, 2.0, 0.2, 0.2, 2.0, 2.0, 2.0):
        clock.at += 0.25
        kernel.idle_s += idle_cores * 0.25
        watch.read()
        found.append(short_for_walk(replace(headroom.left(), memory_free_bytes=None), 2))
    assert found == [None, None, Shortage.CORES, Shortage.CORES, Shortage.CORES, None, None]


def test_what_was_long_ago_says_nothing_of_now() -> None:
    clock, kernel = Hands(), Told()
    watch = HealthWatch(clock, kernel)  # type: ignore[arg-type]  # a clock that only tells spans
    watch.read()
    clock.at += 60  # nobody sampled, and the machine was busy all the time
    assert Headroom(watch, 2).left().idle_cores is None


async def test_the_real_machine_tells_what_it_has_left() -> None:
    watch = HealthWatch(SystemClock())
    headroom = Headroom(watch, watch.kernel.cores())
    task = asyncio.create_task(watch.run())

    async def look() -> Left:
        return headroom.left()

    left = await until(look, lambda left: left.idle_cores is not None)
    task.cancel()
    assert left.idle_cores is not None
    assert 0 <= left.idle_cores <= watch.kernel.cores() * 1.2
    assert left.memory_free_bytes
