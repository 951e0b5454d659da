"""How long `validate` takes for 1,000 walks that share the shipped journeys."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import yaml

from bench.figure import Figure
from checks.load import load

ROOT = Path(__file__).parents[1]
CHECKS = 1000
BOUND_S = 2.0
_ROUNDS = 5


def measure() -> Iterator[Figure]:
    """Yield the time of loading in this process, and of the whole command."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "checks.yaml"
        path.write_text(thousand_checks(), encoding="utf-8")
        bare_s = _best(lambda: yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader))
        load_s = _best(lambda: load(path))
        command = (sys.executable, "-m", "agent", "validate", "--checks", str(path))
        command_s = _best(lambda: subprocess.run(command, check=True, capture_output=True))
        nothing_s = _best(lambda: subprocess.run((*command[:3], "--version"), check=True, capture_output=True))
    yield Figure(f"load {CHECKS} checks", load_s, "s", bare_s, "yaml.CSafeLoader alone, same file")
    yield Figure(f"load {CHECKS} checks", load_s, "s", BOUND_S, "the bound")
    yield Figure(f"dvcwatch validate, {CHECKS} checks", command_s, "s", nothing_s, "dvcwatch --version")
    yield Figure(f"dvcwatch validate, {CHECKS} checks", command_s, "s", BOUND_S, "the bound")


def thousand_checks() -> str:
    """Return one file with the shipped configuration and journeys, its walks repeated under other ids."""
    shipped = (ROOT / "checks.yaml").read_text(encoding="utf-8")
    journeys = (ROOT / "journeys" / "sandbox.yaml").read_text(encoding="utf-8")
    before, _, rest = shipped.partition("\nchecks:\n")
    checks, _, after = rest.partition("\nalerts:\n")
    walks = ["  - id:" + text for text in checks.split("  - id:")[1:] if "type: browser" in text]
    listed = (walks[n % len(walks)].replace("\n", f"-{n}\n", 1) for n in range(CHECKS))
    head = before.replace("include: [journeys/sandbox.yaml]\n", "")
    return f"{head}\n{journeys}\nchecks:\n{''.join(one.rstrip() + chr(10) for one in listed)}\nalerts:\n{after}"


def _best(work: Callable[[], object]) -> float:
    """Return the shortest of some rounds, seconds: the others measure what else the machine does."""
    spans = []
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        work()
        spans.append(time.perf_counter() - started)
    return min(spans)
