"""Nobody is accused of what our own machine made: the reference page is walked first."""

import asyncio
import multiprocessing
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from agent.admission import Lane
from agent.calibration import AGAIN_S, EVERY_S, PLAIN_S, SOON_S, Calibration, Control, is_suspect, weighed
from agent.clock import SystemClock
from agent.headroom import Shortage
from agent.health import HealthWatch
from agent.measuring import Instruments, instruments
from agent.runner import Identity
from checks.config import Config
from checks.load import load
from checks.run import Cause, Finding, Reason, Run, Slot, StepRun, Verdict
from checks.secrets import Secrets
from probes.unknown import UnknownFaultError
from tests.probes.servers import LOOPBACK, answering, web_server

SLOW = Finding(verdict=Verdict.SLOW, blame="system", reason=Reason.BUDGET, duration_s=9.0)
RAN_OUT = Finding(verdict=Verdict.FAILED, blame="system", reason=Reason.TIMEOUT, duration_s=9.0)
IDENTITY = Identity("may-do", "0" * 12)


@dataclass
class Machine:
    """What the reference walk takes, and whether there is headroom; both as a test says."""

    took_s: list[float] = field(default_factory=lambda: [0.2])
    missing: Shortage | None = None
    verdict: Verdict = Verdict.OK
    cold: bool = False
    walks: int = 0

    async def walk(self) -> Finding:
        self.walks += 1
        return Finding(verdict=self.verdict, duration_s=self.took_s[self.walks % len(self.took_s)])

    def calibration(self, path: Path | None = None) -> Calibration:
        clock = SystemClock()
        lane = Lane(1, lambda: self.missing)
        return Calibration(self.walk, lambda: "here", lambda: self.cold, lane, HealthWatch(clock), clock, path)


async def test_at_rest_the_machine_is_as_fast_as_at_rest() -> None:
    calibration = Machine().calibration()
    assert await calibration.check() == SOON_S
    assert calibration.health.slowdown is None
    assert await calibration.check() == EVERY_S
    assert calibration.health.slowdown == pytest.approx(1.0)


async def test_the_middle_one_of_three_walks_counts() -> None:
    machine = Machine()
    calibration = machine.calibration()
    await calibration.check()
    await calibration.check()
    machine.took_s = [0.2, 0.9, 0.3]
    assert (await calibration.control(SLOW, 1.0, None)).slowdown == pytest.approx(1.5)


async def test_a_busy_machine_teaches_nothing_of_rest() -> None:
    machine = Machine(missing=Shortage.PRESSURE)
    calibration = machine.calibration()
    for _ in range(2):
        assert await calibration.check() == AGAIN_S
    assert (await calibration.control(SLOW, 1.0, None)).slowdown is None


async def test_a_slow_machine_is_looked_at_again_soon() -> None:
    machine = Machine()
    calibration = machine.calibration()
    await calibration.check()
    await calibration.check()
    machine.took_s, machine.missing = [0.5], Shortage.CORES
    assert await calibration.check() == AGAIN_S
    assert calibration.health.slowdown == pytest.approx(2.5)


@pytest.mark.parametrize("verdict", [Verdict.FAILED, Verdict.INCONCLUSIVE])
async def test_a_reference_that_cannot_be_walked_lets_nobody_be_accused(verdict: Verdict) -> None:
    machine = Machine()
    calibration = machine.calibration()
    await calibration.check()
    await calibration.check()
    machine.verdict = verdict
    control = await calibration.control(RAN_OUT, None, None)
    assert control.slowdown == pytest.approx(50.0)
    assert control.causes == (Cause.SLOWDOWN,)
    assert Cause.SLOWDOWN in calibration.health.now().causes()


async def test_even_of_an_unknown_machine_we_know_that_a_reference_can_be_walked() -> None:
    calibration = Machine(verdict=Verdict.FAILED).calibration()
    control = await calibration.control(RAN_OUT, None, None)
    assert control.slowdown == pytest.approx(10.0)
    assert control.causes == (Cause.SLOWDOWN,)


async def test_an_unknown_error_of_the_reference_walk_ends_neither_the_walk_it_judges_nor_the_agent() -> None:
    async def walk() -> Finding:
        raise UnknownFaultError("playwright", "Target crashed")

    calibration = replace(Machine().calibration(), walk=walk)
    control = await calibration.control(RAN_OUT, None, None)
    assert control.slowdown == pytest.approx(10.0)
    assert control.causes == (Cause.SLOWDOWN,)
    assert await calibration.check() == AGAIN_S


async def test_a_reference_that_cannot_be_walked_is_no_time_at_rest() -> None:
    machine = Machine(verdict=Verdict.FAILED)
    calibration = machine.calibration()
    for _ in range(3):
        assert await calibration.check() == AGAIN_S
    assert calibration.health.slowdown == pytest.approx(10.0)
    machine.verdict = Verdict.OK
    assert await calibration.check() == SOON_S
    assert await calibration.check() == EVERY_S
    assert calibration.health.slowdown == pytest.approx(1.0)


async def test_a_browser_that_has_just_started_walks_our_page_before_anybodys() -> None:
    machine = Machine(cold=True)
    calibration = machine.calibration()
    await calibration.ready()
    assert machine.walks == 1
    machine.cold = False
    await calibration.ready()
    assert machine.walks == 1


def test_a_budget_is_broken_only_when_it_would_have_been_at_rest_too() -> None:
    slower = SLOW.evolve(duration_s=1.3)
    assert weighed(slower, 1.0, 0.25, 1.25) == Control(1.25)
    assert weighed(slower, 1.0, 0.28, 1.40) == Control(1.40, (Cause.SLOWDOWN,))
    step = StepRun(name="Mở", verdict=Verdict.SLOW, duration_s=3.0, budget_s=1.0)
    assert weighed(slower.evolve(steps=(step,)), 1.0, 0.28, 1.40) == Control(1.40)
    assert weighed(RAN_OUT, 1.0, 0.28, 1.40) == Control(1.40)


def test_a_budget_is_broken_only_when_it_would_have_been_without_the_wait_for_a_processor() -> None:
    slower = SLOW.evolve(duration_s=1.3)
    assert weighed(slower, 1.0, 0.2, 1.0, waited=0.20) == Control(1.0)
    assert weighed(slower, 1.0, 0.2, 1.0, waited=0.43) == Control(1.0)
    assert weighed(slower, 1.0, 0.2, 1.0, waited=0.44) == Control(1.0, (Cause.PRESSURE,))
    assert weighed(slower.evolve(duration_s=2.6), 1.0, 0.2, 1.0, waited=0.80) == Control(1.0)
    assert weighed(RAN_OUT, 1.0, 0.2, 1.0, waited=0.80) == Control(1.0)


def test_time_runs_out_on_a_machine_unknown_at_rest_when_it_is_quick_enough_for_anybody() -> None:
    assert weighed(RAN_OUT, None, PLAIN_S, None) == Control(None)
    assert weighed(RAN_OUT, None, PLAIN_S + 0.01, None) == Control(None, (Cause.SLOWDOWN,))
    assert weighed(SLOW, 1.0, 0.2, None) == Control(None, (Cause.UNCALIBRATED,))


def test_only_what_a_slow_machine_could_have_made_is_controlled() -> None:
    assert is_suspect(Finding(verdict=Verdict.SLOW, reason=Reason.BUDGET))
    assert is_suspect(Finding(verdict=Verdict.FAILED, reason=Reason.ELEMENT_MISSING))
    assert is_suspect(Finding(verdict=Verdict.FAILED, reason=Reason.JS_ERROR))  # not found in time, beside an error
    assert not is_suspect(Finding(verdict=Verdict.FAILED, reason=Reason.HTTP_STATUS))
    assert not is_suspect(Finding(verdict=Verdict.OK))


# -- with the real browser

_CHECKS = """
version: 1
settings: {{contact: "mailto:a@b.example", browser: {{patience: 1s}}}}
agencies: [{{id: so, name: Sở}}]
systems: [{{id: cong, name: Cổng, agency: so, url: "{url}", hosts: ["{host}"], environment: test}}]
journeys:
  - id: mo
    title: Mở
    steps: [{{name: Mở, do: [{{goto: "${{system.url}}/"}}], until: {{text: Xong}}}}]
checks:
  - {{id: mo, type: browser, system: cong, journey: mo, every: 5m, deadline: 30s, budget: 700ms}}
"""


async def _walked(folder: Path, walks: int, *, server_s: float, burners: int = 0, calibrated: bool = True) -> list[Run]:
    """Walk a page of a server this slow so often, after the machine was seen at rest, while so many processes burn."""
    async with web_server(answering("<title>Cổng</title><h1>Xong</h1>", after_s=server_s)) as port:
        host, path = f"{LOOPBACK}:{port}", folder / "checks.yaml"
        path.write_text(_CHECKS.format(url=f"http://{host}", host=host), encoding="utf-8")
        config, clock, secrets = load(path), SystemClock(), Secrets({}, folder)
        known = folder / "reference.json"
        async with instruments(config, secrets, clock, None, sandbox=os.geteuid() != 0, calibrated=known) as tools:
            watch = asyncio.create_task(tools.health.run())
            if calibrated:
                await _calibrate(tools)
            with _burning(burners):
                runs = [await _run(config, tools, clock) for _ in range(walks)]
            watch.cancel()
    return runs


async def _calibrate(tools: Instruments) -> None:
    """See the machine at rest; the tests of this suite that run beside us are part of that rest."""
    assert tools.calibration is not None
    await tools.calibration.walk()
    took_s = [(await tools.calibration.walk()).duration_s for _ in range(5)]
    for _ in took_s:
        tools.calibration._known().take(max(took_s), time.time())


async def _run(config: Config, tools: Instruments, clock: SystemClock) -> Run:
    slot = Slot(check="mo", location="day", due_at=clock.now())
    return (await tools.runner.run(config.targets["mo"], slot, IDENTITY)).run


@contextmanager
def _burning(count: int) -> Iterator[None]:
    burners = [multiprocessing.get_context("spawn").Process(target=_burn, daemon=True) for _ in range(count)]
    for burner in burners:
        burner.start()
    try:
        yield
    finally:
        for burner in burners:
            burner.kill()


def _burn() -> None:
    while True:
        pass


async def test_a_slow_server_is_called_slow(tmp_path: Path) -> None:
    runs = await _walked(tmp_path, 4, server_s=1.0)
    judged = [run for run in runs if not run.health.degraded]
    assert [run.verdict for run in judged] == [Verdict.SLOW] * len(judged)
    assert judged, [run.health for run in runs]
    assert all(run.health.slowdown is not None for run in judged)


async def test_while_too_little_is_known_of_the_machine_nobody_is_called_slow(tmp_path: Path) -> None:
    (run,) = await _walked(tmp_path, 1, server_s=1.0, calibrated=False)
    assert run.verdict is Verdict.OK
    assert run.health.degraded
    if run.health.causes != (Cause.UNCALIBRATED,):  # the machine was busy anyway, so no control was asked for
        assert Cause.UNCALIBRATED not in run.health.causes


async def test_while_all_cores_burn_a_quick_server_is_neither_slow_nor_broken(tmp_path: Path) -> None:
    runs = await _walked(tmp_path, 6, server_s=0.05, burners=2 * (os.cpu_count() or 1))
    assert {run.verdict for run in runs} == {Verdict.OK}
    assert any(run.health.degraded for run in runs)
