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

BOUND_MB = 150
_SETTLE_S = 20.0
_CHECKS = """\
version: 1
settings: {contact: "mailto:bench@dvcwatch.example", defaults: {every: 5s, deadline: 2s, confirm_after: 100ms}}
agencies: [{id: so, name: Sở}]
systems: [{id: may, name: Máy này, agency: so, url: "http://127.0.0.1:9", hosts: ["127.0.0.1:9"]}]
checks:
"""


def measure() -> Iterator[Figure]:
    """Yield resident memory (MB) and processor time (share of one core) of an agent with 50 light checks."""
    checks = "".join(f"  - {{id: cong-{n}, type: tcp, system: may, host: 127.0.0.1, port: 9}}\n" for n in range(50))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "checks.yaml"
        path.write_text(_CHECKS + checks, encoding="utf-8")
        command = (
            sys.executable,
            "-m",
            "agent",
            "run",
            "--checks",
            str(path),
            "--data",
            folder,
            "--listen",
            "127.0.0.1:0",
        )
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as agent:
            try:
                yield from _watch(agent)
            finally:
                agent.terminate()
    bare = subprocess.run(
        (sys.executable, "-c", "import psutil; print(psutil.Process().memory_info().rss)"),
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    yield Figure("a bare Python", int(bare.stdout) / 1e6, "MB", BOUND_MB, "the bound")


def _watch(agent: subprocess.Popen[str]) -> Iterator[Figure]:
    assert agent.stdout is not None  # noqa: S101  # asked for above
    while line := agent.stdout.readline():
        if line.startswith("board:"):
            break
    process = psutil.Process(agent.pid)
    before = process.cpu_times()
    time.sleep(_SETTLE_S)  # what is measured is what it does by itself
    after = process.cpu_times()
    busy = (after.user + after.system - before.user - before.system) / _SETTLE_S
    yield Figure("idle agent, 50 light checks every 5 s", process.memory_info().rss / 1e6, "MB", BOUND_MB, "the bound")
    yield Figure("idle agent, 50 light checks every 5 s", busy, "cores", os.cpu_count() or 1, "cores of the machine")
