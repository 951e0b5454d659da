"""Walks every check of the example many times in a row and says how often each was well.

`.venv/bin/python examples/datasette/repeat.py --times 50` starts the application itself. Exit 0: every walk was good at
its first attempt.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
_WELL = {"ok", "slow"}


def walk_all() -> list[dict[str, Any]]:
    """Walk every check once, as `dvcwatch once` does; return the runs."""
    command = [sys.executable, "-c", "from agent.cli import main; main()", "once", "--json"]
    as_root = ["--no-browser-sandbox"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*command, "--checks", HERE / "checks.yaml", *as_root], cwd=REPOSITORY, stdout=subprocess.PIPE, check=False
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def table(runs: Iterable[dict[str, Any]]) -> Iterable[str]:
    """Yield one line for each check: good walks, verdicts of the others, and how long it took."""
    by_check: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for run in runs:
        by_check[run["check"]].append(run)
    for check, several in by_check.items():
        took = sorted(run["duration_s"] for run in several)
        bad = [f"{run['verdict']}: {run['message']}" for run in several if not well(run)]
        good = len(several) - len(bad)
        spread = f"median {statistics.median(took):.2f} s, {took[0]:.2f} to {took[-1]:.2f} s"
        yield "  ".join((f"{check:<18}{good:>4} of {len(several)} good", spread, *bad))


def well(run: dict[str, Any]) -> bool:
    """Whether a walk was good at its first attempt."""
    return run["verdict"] in _WELL and run["attempts"] == 1


def main() -> int:
    """Start the application, walk, tell."""
    options = argparse.ArgumentParser(description="Walk the example many times in a row.")
    options.add_argument("--times", type=int, default=50)
    times = options.parse_args().times
    runs: list[dict[str, Any]] = []
    with subprocess.Popen([sys.executable, HERE / "start.py"], stdout=subprocess.PIPE, text=True) as application:
        try:
            if application.stdout is None or not any(line.startswith("ready: ") for line in application.stdout):
                return 1
            for number in range(1, times + 1):
                began = time.monotonic()
                runs += walk_all()
                bad = sum(not well(run) for run in runs)
                print(f"{number} of {times}: {time.monotonic() - began:.0f} s, {bad} bad so far", flush=True)
        finally:
            application.terminate()
    print("\n".join(table(runs)))
    return 0 if runs and all(well(run) for run in runs) else 1


if __name__ == "__main__":
    sys.exit(main())
