"""Does anything grow? Many walks of a small portal through the agent's own runner, store and browser.

`python -m bench.soak [WALKS]` prints every hundredth walk too. Memory is the proportional set size (PSS) of agent,
driver and browser, each page shared by several of them counted once.
"""

import asyncio
import logging
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path

import psutil

from agent import logs
from bench.figure import Figure
from bench.portal import portal
from bench.scene import Line, line, written

BOUND = 1.05
WALKS = 1000
_MARK = 100
_SAMPLE_EVERY = 10
_LOOKS = 10
_JOURNEY = """\
journeys:
  - id: ba-trang
    title: Ba trang
    steps:
      - {name: Mở, do: [goto: "http://HOST/0"], until: {text: Bước 0}}
      - name: Tìm
        do: [fill: {label: Tìm, value: khai sinh}, click: {role: link, name: Tiếp tục}]
        until: {text: Bước 1}
      - {name: Xem, do: [click: {role: link, name: Tiếp tục}], until: {text: Bước 2}}
"""


@dataclass(frozen=True, slots=True)
class Weight:
    """What the agent and everything it started amount to between two walks."""

    agent_mb: float
    driver_mb: float
    browser_mb: float
    processes: int
    open_files: int
    temporary_files: int
    tasks: int

    @property
    def all_mb(self) -> float:
        """Memory of everything together."""
        return self.agent_mb + self.driver_mb + self.browser_mb


def measure() -> Iterator[Figure]:
    """Yield memory and counts after the last walk beside those after the hundredth, with and without recycling."""
    for said, browser in (("recycled as configured", ""), ("one browser for all", f"recycle_after: {10 * WALKS}")):
        looks = soak(WALKS, browser)
        first, last = after(looks, _MARK), after(looks, WALKS)
        yield Figure(f"memory after {WALKS} walks, {said}", last.all_mb, "MB", first.all_mb, f"after {_MARK} walks")
        yield Figure("the same, as ratio", last.all_mb / first.all_mb, "x", BOUND, "the bound")
        for name in ("processes", "open_files", "temporary_files", "tasks"):
            early, late = getattr(first, name), getattr(last, name)
            yield Figure(f"{name.replace('_', ' ')}, {said}", late, "", early, f"after {_MARK} walks")


def soak(walks: int, browser: str, said: Callable[[int, Weight], None] = lambda _walk, _weight: None) -> list[Weight]:
    """Walk, and return the weight after every tenth walk.

    `browser` are further settings of the browser, as checks.yaml has them; `said` is told each hundredth.
    """
    with _own_temporary_files() as folder, portal() as host:
        check = "id: ba-trang, type: browser, system: may, journey: ba-trang"
        path = written(
            Path(folder), host, [check], journeys=_JOURNEY.replace("HOST", host), every="1m", deadline="20s",
            browser=browser,
        )  # fmt: skip
        return asyncio.run(_soak(path, walks, said))


async def _soak(path: Path, walks: int, said: Callable[[int, Weight], None]) -> list[Weight]:
    looks: list[Weight] = []
    async with line(path, patient=False) as agents:  # memory does not ask how busy the machine is
        for walk in range(1, walks + 1):
            run = (await agents.run("ba-trang")).run
            assert run.good, run.message  # noqa: S101 -- a failed walk weighs otherwise
            if walk % _SAMPLE_EVERY == 0:
                looks.append(await _weigh(agents))
            if walk % _MARK == 0:
                said(walk, after(looks, walk))
    return looks


@contextmanager
def _own_temporary_files() -> Iterator[str]:
    """Have everything of ours put its temporary files where nobody else does."""
    before = tempfile.gettempdir()
    with tempfile.TemporaryDirectory() as folder:
        tempfile.tempdir = folder
        try:
            yield folder
        finally:
            tempfile.tempdir = before


async def _weigh(agents: Line) -> Weight:
    """Weigh once everything of the walk before is closed."""
    await agents.agent.fanout.drain()
    await agents.agent.instruments.chromium.settled()
    here = psutil.Process()
    tasks = len(asyncio.all_tasks())
    return await asyncio.to_thread(partial(weigh, here, tasks))


def weigh(agent: psutil.Process, tasks: int) -> Weight:
    """Weigh a process and what descends from it."""
    drivers = [one for one in agent.children() if "node" in one.name()]
    below = [one for one in agent.children(recursive=True) if one not in drivers and "python" not in one.name()]
    return Weight(
        _pss_mb([agent]),
        _pss_mb(drivers),
        _pss_mb(below),
        len(drivers) + len(below),
        agent.num_fds(),
        sum(1 for _ in Path(tempfile.gettempdir()).rglob("*")),
        tasks,
    )


def _pss_mb(processes: list[psutil.Process]) -> float:
    sizes = 0
    for one in processes:
        try:
            sizes += one.memory_full_info().pss
        except psutil.NoSuchProcess:  # a spare renderer that has just gone
            continue
    return sizes / 1e6


def after(looks: list[Weight], walk: int) -> Weight:
    """Return the least of each figure in the hundred walks around one, or before it if it was the last.

    The least, because what a collector of garbage has not got round to is no leak, and a hundred, because the driver's
    gets round to it that seldom.
    """
    begin = max(0, min(walk // _SAMPLE_EVERY - _LOOKS // 2, len(looks) - _LOOKS))
    around = looks[begin : begin + _LOOKS]
    return Weight(*(min(getattr(look, part.name) for look in around) for part in fields(Weight)))


if __name__ == "__main__":
    logs.configure(sys.stderr, level=logging.ERROR)
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else WALKS
    for settings in sys.argv[2:] or ("",):
        print(settings or "as configured")
        soak(wanted, settings, lambda walk, weight: print(walk, weight, flush=True))
