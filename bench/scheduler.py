"""10,000 checks on one agent, without network: how late slots start and what keeping them costs.

A whole agent, schedule, rows, runner, alert rules, store and metrics, with a probe that answers at once; and beside it
the least that could start as many: one asyncio timer for each check. `python -m bench.scheduler` is that bare loop.
"""

import asyncio
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import aiohttp

from agent.app import make_agent
from bench.accuracy import percentile
from bench.figure import Figure
from bench.scene import options, written
from checks.config import AnyCheck, Target
from checks.load import load
from checks.run import Finding, Verdict
from checks.secrets import Secrets
from probes.probe import NO_PROOF, Proof

CHECKS = 10_000
EVERY_S = (60, 120, 180, 240, 300)
_SETTLE_S, _SPAN_S = 10.0, 60.0
_SCRAPES = 3
_LOOK_EVERY_S = 0.02


class AtOnce:
    """A probe that finds everything in order."""

    async def run(self, target: Target[AnyCheck], proof: Proof = NO_PROOF) -> Finding:
        """Answer."""
        return Finding(verdict=Verdict.OK, duration_s=0.001, phases={"ttfb": 0.001}, http_status=200)


@dataclass(slots=True)
class Kept:
    """What keeping a schedule for a while came to; seconds."""

    starts: int = 0
    cpu_s: float = 0.0
    left_out: int = 0
    delays_s: list[float] = field(default_factory=list)
    lags_s: list[float] = field(default_factory=list)
    pages_s: dict[str, float] = field(default_factory=dict)

    @property
    def each_ms(self) -> float:
        """Processor time of one start, in milliseconds."""
        return 1000 * self.cpu_s / self.starts


def every_s(number: int) -> int:
    """Return the interval of a check by its number."""
    return EVERY_S[number % len(EVERY_S)]


def measure() -> Iterator[Figure]:
    """Yield how late slots start, what one costs, and how the loop and the pages fare meanwhile."""
    with tempfile.TemporaryDirectory() as folder:
        listed = (
            f"id: trang-{n}, type: http, system: may, url: 'http://127.0.0.1:9/{n}', every: {every_s(n)}s"
            for n in range(CHECKS)
        )
        ours = asyncio.run(_ours(written(Path(folder), "127.0.0.1:9", listed, deadline="20s")))
    bare = _bare()
    said = f"{CHECKS} checks, {ours.starts / _SPAN_S:.0f} starts a second"
    for share in (0.5, 0.99):
        late_ms, least_ms = (1000 * percentile(one.delays_s, share) for one in (ours, bare))
        yield Figure(f"{said}, start late by p{100 * share:.0f}", late_ms, "ms", least_ms, "bare asyncio timers")
    yield Figure(f"{said}, slots not begun", ours.left_out, "", ours.starts, "begun")
    yield Figure(
        f"{said}, processor time of one, stored", ours.each_ms, "ms", bare.each_ms, "bare timers, nothing stored"
    )
    yield Figure(f"{said}, processor", ours.cpu_s / _SPAN_S, "cores", os.cpu_count() or 1, "cores of the machine")
    lag_ms, least_ms = (1000 * percentile(one.lags_s, 0.99) for one in (ours, bare))
    yield Figure(f"{said}, loop late by p99", lag_ms, "ms", least_ms, "bare asyncio timers")
    for path, took_s in ours.pages_s.items():
        yield Figure(f"{CHECKS} checks, {path}", took_s, "s", 1.0, "a second")


# -- ours


async def _ours(path: Path) -> Kept:
    kept, stop, ready = Kept(), asyncio.Event(), asyncio.get_running_loop().create_future()
    async with make_agent(load(path), options(path.parent / "data"), Secrets(os.environ, path.parent)) as agent:
        agent.instruments.runner.probes["http"] = AtOnce()  # type: ignore[index]  # a dictionary, as it is made
        running = asyncio.create_task(agent.run(stop, ready.set_result))
        port = await ready
        await asyncio.sleep(_SETTLE_S)
        since = agent.clock.now()
        async with _watched(kept):
            await asyncio.sleep(_SPAN_S)
        runs = [run async for run in agent.store.runs(since, since + timedelta(seconds=_SPAN_S))]
        kept.delays_s = [run.queue_delay_s for run in runs if run.verdict is Verdict.OK]
        kept.starts = len(kept.delays_s)
        kept.left_out = len(runs) - kept.starts
        for page in ("/metrics", "/"):
            kept.pages_s[page] = await _took(f"http://127.0.0.1:{port}{page}")
        stop.set()
        await running
    return kept


@asynccontextmanager
async def _watched(kept: Kept) -> AsyncIterator[None]:
    """Note processor time and the lag of the loop while the block lasts."""
    before, watching = _spent_s(), asyncio.create_task(_lags(kept.lags_s.append), name="lags")
    try:
        yield
    finally:
        kept.cpu_s = _spent_s() - before
        watching.cancel()


async def _lags(note: Callable[[float], None]) -> None:
    while True:
        due = time.perf_counter() + _LOOK_EVERY_S
        await asyncio.sleep(_LOOK_EVERY_S)
        note(max(0.0, time.perf_counter() - due))


async def _took(url: str) -> float:
    """Return the shortest of some askings, in seconds."""
    spans = []
    async with aiohttp.ClientSession() as session:
        for _ in range(_SCRAPES):
            began = time.perf_counter()
            async with session.get(url) as answer:
                await answer.read()
            spans.append(time.perf_counter() - began)
    return min(spans)


def _spent_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


# -- the bare timers


def _bare() -> Kept:
    done = subprocess.run((sys.executable, "-m", "bench.scheduler"), stdout=subprocess.PIPE, check=True)
    starts, cpu_s, delays_s, lags_s = json.loads(done.stdout)
    return Kept(starts, cpu_s, 0, delays_s, lags_s)


async def _timers() -> Kept:
    """Start as many as the agent does, each by a timer that sets itself again."""
    kept, loop, probe = Kept(), asyncio.get_running_loop(), AtOnce()

    async def start(due: float) -> None:
        kept.delays_s.append(loop.time() - due)
        await probe.run(None)  # type: ignore[arg-type]  # it does not look

    def fire(due: float, span_s: int) -> None:
        loop.call_at(due + span_s, fire, due + span_s, span_s)
        tasks.add(task := asyncio.create_task(start(due)))
        task.add_done_callback(tasks.discard)

    tasks = set[asyncio.Task[None]]()
    for number in range(CHECKS):
        due = float(int(loop.time()) + 1 + random.randrange(every_s(number)))  # noqa: S311 -- no secret
        loop.call_at(due, fire, due, every_s(number))
    await asyncio.sleep(2)
    kept.delays_s.clear()
    async with _watched(kept):
        await asyncio.sleep(_SPAN_S / 2)
    kept.starts = len(kept.delays_s)
    return kept


if __name__ == "__main__":
    found = asyncio.run(_timers())
    print(json.dumps([found.starts, found.cpu_s, found.delays_s, found.lags_s]))
