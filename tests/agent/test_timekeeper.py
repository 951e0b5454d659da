"""The agent's time under clocks that are set, slewed and put to sleep."""

from itertools import pairwise
from random import Random
from types import SimpleNamespace

import pytest

from agent.timekeeper import FAR_S, Clocks, Kind, Timekeeper, machine
from checks.run import Reason

HOUR = 3600.0


class Hands:
    """Clocks that a test moves by hand."""

    def __init__(self) -> None:
        self.wall = 1_800_000_000.0
        self.monotonic = 1000.0
        self.boot = 5000.0

    def __call__(self) -> Clocks:
        return Clocks(self.wall, self.monotonic, self.boot)

    def pass_by(self, span_s: float) -> None:
        self.wall += span_s
        self.monotonic += span_s
        self.boot += span_s

    def sleep(self, span_s: float) -> None:
        self.wall += span_s
        self.boot += span_s


@pytest.fixture
def hands() -> Hands:
    return Hands()


def watched(hands: Hands, keeper: Timekeeper, span_s: float, every_s: float = 1.0) -> list[float]:
    """Let time pass, looking again and again; return the agent's times."""
    times = []
    for _ in range(round(span_s / every_s)):
        hands.pass_by(every_s)
        times.append(keeper.now_s())
    return times


def test_quiet_clocks_are_followed(hands: Hands) -> None:
    keeper = Timekeeper(hands)
    watched(hands, keeper, 600)
    assert keeper.now_s() == hands.wall
    assert keeper.trouble_since(0.0) is None
    assert (keeper.troubles, keeper.held_s()) == (0, 0.0)


def test_what_ntp_slews_is_no_trouble_however_seldom_somebody_looks(hands: Hands) -> None:
    keeper = Timekeeper(hands)
    for span_s in (0.1, 1.0, 60.0, HOUR, 10 * HOUR):
        hands.pass_by(span_s)
        hands.wall += 0.0005 * span_s
        assert keeper.now_s() == hands.wall
    assert keeper.troubles == 0


def test_a_clock_set_forward_is_followed_and_told_once(hands: Hands) -> None:
    keeper = Timekeeper(hands)
    before_s = keeper.monotonic_s()
    hands.pass_by(0.5)
    hands.wall += HOUR
    assert keeper.now_s() == hands.wall
    trouble = keeper.trouble_since(before_s)
    assert trouble is not None
    assert (trouble.kind, trouble.span_s, trouble.reason, trouble.is_far) == (Kind.SET, HOUR, Reason.CLOCK, False)
    assert keeper.trouble_since(keeper.monotonic_s()) is None


def test_a_sleep_is_told_from_a_clock_that_is_set(hands: Hands) -> None:
    keeper = Timekeeper(hands)
    hands.sleep(600.0)
    assert keeper.now_s() == hands.wall
    trouble = keeper.trouble_since(0.0)
    assert trouble is not None
    assert (trouble.kind, trouble.span_s, trouble.reason) == (Kind.SLEPT, 600.0, Reason.AGENT_STOPPED)
    assert keeper.troubles == 1


def test_after_a_clock_was_set_back_time_goes_on_at_half_speed_until_it_has_caught_up(hands: Hands) -> None:
    keeper = Timekeeper(hands)
    before = keeper.now_s()
    hands.wall -= HOUR
    assert (keeper.now_s(), keeper.wall_s()) == (before, hands.wall)
    times = watched(hands, keeper, HOUR)
    assert times[-1] == pytest.approx(before + HOUR / 2)
    assert keeper.held_s() == pytest.approx(HOUR / 2)
    times += watched(hands, keeper, 2 * HOUR)
    assert all(late > early for early, late in pairwise(times))
    assert keeper.now_s() == hands.wall
    assert keeper.held_s() == 0.0


def test_a_clock_set_back_and_right_again_leaves_nothing_out(hands: Hands) -> None:
    keeper = Timekeeper(hands)
    hands.wall -= HOUR
    keeper.now_s()
    watched(hands, keeper, 600)
    now = keeper.now_s()
    hands.wall += HOUR
    trouble_at = hands.monotonic
    assert keeper.now_s() == pytest.approx(now + 300)
    assert keeper.now_s() == hands.wall
    trouble = keeper.trouble_since(trouble_at - 0.5)
    assert trouble is not None
    assert trouble.span_s == pytest.approx(300)


@pytest.mark.parametrize("set_s", [-2 * FAR_S, 2 * FAR_S, 20 * 365 * FAR_S])
def test_a_clock_that_was_plainly_wrong_is_followed_at_once(hands: Hands, set_s: float) -> None:
    keeper = Timekeeper(hands)
    hands.wall += set_s
    assert keeper.now_s() == hands.wall
    trouble = keeper.trouble_since(0.0)
    assert trouble is not None
    assert trouble.is_far
    assert keeper.leapt


def test_a_later_process_goes_on_where_the_results_end(hands: Hands) -> None:
    keeper = Timekeeper(hands)
    keeper.carry_on(hands.wall + 1800)
    assert keeper.now_s() == pytest.approx(hands.wall + 1800)
    for newest in (hands.wall - 5, hands.wall + 0.5, hands.wall + 2 * FAR_S, 0.0):
        fresh = Timekeeper(hands)
        fresh.carry_on(newest)
        assert fresh.now_s() == hands.wall


@pytest.mark.parametrize("seed", range(20))
def test_whatever_happens_within_a_day_the_agents_time_never_goes_back(hands: Hands, seed: int) -> None:
    random, keeper = Random(seed), Timekeeper(hands)  # noqa: S311 - an order that is the same every time, not a secret
    latest = keeper.now_s()
    for _ in range(500):
        hands.pass_by(random.uniform(0.0, 30.0))
        if random.random() < 0.05:
            hands.wall += random.uniform(-HOUR, HOUR)
        if random.random() < 0.02:
            hands.sleep(random.uniform(0.0, HOUR))
        assert keeper.now_s() >= latest
        latest = keeper.now_s()
    assert keeper.now_s() >= hands.wall - 1e-6


def test_a_process_that_is_held_up_between_two_clocks_reads_them_again(
    hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = 0

    def wall() -> float:
        nonlocal calls
        calls += 1
        told = hands.wall
        if calls == 1:
            hands.pass_by(1.2)
        return told

    kernel = {"monotonic": lambda: hands.monotonic, "clock_gettime": lambda _: hands.boot, "CLOCK_BOOTTIME": 7}
    monkeypatch.setattr("agent.timekeeper.time", SimpleNamespace(**kernel))
    keeper = Timekeeper(hands)
    keeper.read = lambda: machine(wall)
    keeper.now_s()
    assert calls == 2
    assert keeper.troubles == 0
