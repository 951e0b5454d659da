"""What benches measure: a small checks.yaml of their own and the agent that is made from it, without its schedule."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import psutil

from agent.app import Agent, Options, make_agent
from checks.config import Config
from checks.load import load
from checks.run import Outcome, Slot
from checks.secrets import Secrets

_HEAD = """\
version: 1
settings:
  contact: "mailto:bench@dvcwatch.example"
  defaults: {{every: {every}, deadline: {deadline}, confirm_after: 100ms}}
  browser: {{{browser}}}
agencies: [{{id: so, name: Sở}}]
systems: [{{id: may, name: Máy này, agency: so, url: "http://{host}", hosts: ["{host}"], environment: test}}]
"""


def written(
    folder: Path, host: str, checks: Iterable[str], *, journeys: str = "", every: str = "5s", deadline: str = "2s",
    browser: str = "",
) -> Path:  # fmt: skip
    """Write a checks.yaml of one test system on `host` (`name:port`) into `folder`; return where it lies."""
    path = folder / "checks.yaml"
    head = _HEAD.format(host=host, every=every, deadline=deadline, browser=browser)
    listed = "".join(f"  - {{{check}}}\n" for check in checks)
    path.write_text(f"{head}{journeys}checks:\n{listed}", encoding="utf-8")
    return path


def sandboxed() -> bool:
    """Whether Chromium's own sandbox can work for this user."""
    return os.geteuid() != 0


def options(data: Path) -> Options:
    """Return how a bench starts an agent whose store and evidence lie in `data`."""
    return Options(data, "127.0.0.1", 0, f"sqlite:///{data / 'bench.db'}", browser_sandbox=sandboxed())


@contextmanager
def agent_process(path: Path) -> Iterator[psutil.Process]:
    """Run a whole agent on a checks.yaml in a process of its own, its data beside it; ready on entering."""
    command = (sys.executable, "-m", "agent", "run", "--checks", str(path), "--data", str(path.parent / "data"))
    listen = ("--listen", "127.0.0.1:0", *(() if sandboxed() else ("--no-browser-sandbox",)))
    with subprocess.Popen((*command, *listen), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as agent:
        try:
            assert agent.stdout is not None  # noqa: S101 -- asked for above
            next(line for line in agent.stdout if line.startswith("board:"))
            yield psutil.Process(agent.pid)
        finally:
            agent.terminate()


@dataclass(slots=True)
class Line:
    """An agent whose checks are run when the bench says so: runner, fanout and store are its own."""

    agent: Agent
    _last: datetime = field(init=False)

    def __post_init__(self) -> None:
        self._last = self.agent.started_at.replace(microsecond=0)

    @property
    def config(self) -> Config:
        """What the agent was made from."""
        return self.agent.config

    async def run(self, check: str) -> Outcome:
        """Open a slot for a check, run it and hand the outcome on, as the agent does."""
        agent, target = self.agent, self.config.targets[check]
        # Slots lie on a grid of seconds; here one may be wanted more often.
        self._last = max(self._last + timedelta(seconds=1), agent.clock.now().replace(microsecond=0))
        slot = Slot(check=check, location=self.config.settings.location, due_at=self._last)
        await agent.store.open_slots([slot], agent.clock.now())
        outcome = await agent.instruments.runner.run(target, slot, agent.rounds.identity)
        agent.fanout.put(outcome)
        return outcome


@asynccontextmanager
async def line(path: Path, *, patient: bool = True) -> AsyncIterator[Line]:
    """Make the agent of a checks.yaml, with its data beside it; one that is not `patient` walks without headroom."""
    async with make_agent(load(path), options(path.parent / "data"), Secrets(os.environ, path.parent)) as agent:
        if not patient:
            for lane in agent.instruments.lanes.values():
                lane.shortage, lane.pace_s = lambda: None, 0.0
        beside = [
            asyncio.create_task(agent.instruments.health.run(), name="health"),
            asyncio.create_task(agent.fanout.run(), name="fanout"),
        ]
        try:
            yield Line(agent)
            await agent.fanout.drain()
        finally:
            for task in beside:
                task.cancel()
            await asyncio.wait(beside)
