"""Memory of an idle agent: a real `dvcwatch run` with light checks only, so that no browser is started."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from bench.figure import Figure
from bench.scene import agent_process, written

BOUND_MB = 150
_SETTLE_S = 20.0


def measure() -> Iterator[Figure]:
    """Yield resident memory (MB) and processor time (share of one core) of an agent with 50 light checks."""
    checks = [f"id: cong-{n}, type: tcp, system: may, host: 127.0.0.1, port: 9" for n in range(50)]
    with (
        tempfile.TemporaryDirectory() as folder,
        agent_process(written(Path(folder), "127.0.0.1:9", checks)) as agent,
    ):
        yield from _watch(agent)
    bare = subprocess.run(
        (sys.executable, "-c", "import psutil; print(psutil.Process().memory_info().rss)"),
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    yield Figure("a bare Python", int(bare.stdout) / 1e6, "MB", BOUND_MB, "the bound")


def _watch(process: psutil.Process) -> Iterator[Figure]:
    before = process.cpu_times()
    time.sleep(_SETTLE_S)  # what is measured is what it does by itself
    after = process.cpu_times()
    busy = (after.user + after.system - before.user - before.system) / _SETTLE_S
    yield Figure("idle agent, 50 light checks every 5 s", process.memory_info().rss / 1e6, "MB", BOUND_MB, "the bound")
    yield Figure("idle agent, 50 light checks every 5 s", busy, "cores", os.cpu_count() or 1, "cores of the machine")
