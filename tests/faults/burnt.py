"""`python -m tests.faults.burnt [--minutes 10]`: all cores burn while the real agent watches what never changes.

The service has a budget of twice what a walk of it takes at rest. It is watched for a while at rest, then while two
busy loops per core run for so many minutes, then at rest again. Nobody may be accused at any time, and while it burns
the agent must say of itself that it is slowed. Ends with 1 when one of these does not hold.
"""

import argparse
import asyncio
import os
import re
import signal
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from aiohttp import ClientSession

from agent.clock import SystemClock
from agent.constant_site import constant_site
from agent.measuring import instruments
from checks.load import load
from checks.run import Reason, Run, Verdict
from checks.secrets import Secrets
from tests.faults.constant import Ledger, read_ledger
from tests.sudo import browser_flags

EVERY_S = {"di": 20, "hoi": 5}
_REST_S = 75.0
_LOOK_EVERY_S = 5.0
_MEASURED = 7
_CLEAN_AT_REST, _MARKED = 2 / 3, 0.9
_CHECKS = """
version: 1
settings:
  contact: mailto:giam-sat@anbinh.example
  browser: {{sandbox: {sandbox}}}
  reference_targets: [{{type: tcp, host: 127.0.0.1, port: {port}}}]
agencies: [{{id: so, name: Sở, email: [so@anbinh.example]}}]
systems:
  - {{id: cong, name: Cổng, agency: so, url: "http://localhost:{port}", hosts: ["localhost:{port}"], environment: test}}
journeys:
  - id: di
    title: Đi
    steps:
      - {{name: Mở, do: [{{goto: "${{system.url}}/"}}], until: {{text: Thủ tục hành chính số 59}}}}
      - {{name: Tờ khai, do: [{{click: {{role: link, name: Mở tờ khai}}}}], until: {{visible: {{label: Mục 12}}}}}}
      - name: Khai
        do: [{{fill: {{label: Mục 7, value: An}}}}]
        until: {{visible: {{role: button, name: Tiếp tục}}}}
      - {{name: Xem lại, do: [{{click: {{role: button, name: Tiếp tục}}}}], until: {{text: Thủ tục hành chính số 59}}}}
checks:
  - {{id: di, type: browser, system: cong, journey: di, every: {walk}s, deadline: 8s, confirm_after: 1s,
      budget: {walk_budget}ms}}
  - {{id: hoi, type: http, system: cong, url: "${{system.url}}/", every: {ask}s, deadline: 2s, confirm_after: 500ms,
      budget: {ask_budget}ms}}
alerts:
  mail: {{host: 127.0.0.1, port: 1, security: none, sender: dvcwatch@anbinh.example}}
  rules:
    - {{id: hong, when: failed, after: 1, within: 10m, to: [agency]}}
    - {{id: cham, when: slow, after: 1, within: 10m, to: [agency]}}
"""


@dataclass
class Said:
    """What the agent said of itself while the cores were burning."""

    looks: int = 0
    degraded: int = 0
    held: int = 0
    causes: Counter[str] = field(default_factory=Counter)
    slowdowns: list[float] = field(default_factory=list)
    pages: Counter[str] = field(default_factory=Counter)


async def main(minutes: float) -> int:
    """Watch, burn, watch; print what was seen and what does not hold; return the exit code."""
    with tempfile.TemporaryDirectory(prefix="dvcwatch-burnt-") as name:
        folder = Path(name)
        async with constant_site() as url:
            port = int(url.rpartition(":")[2])
            walk_s, ask_s = await _at_rest(folder, port)
            checks = _written(folder, port, walk_budget=round(2000 * walk_s), ask_budget=round(2000 * ask_s))
            print(
                f"at rest a walk takes {walk_s:.2f} s, a request {ask_s:.3f} s; the budgets are twice that", flush=True
            )
            async with _watched(checks, folder) as board:
                await asyncio.sleep(_REST_S)
                began = datetime.now(UTC)
                async with _burning(2 * (os.cpu_count() or 1)):
                    said = await _listen(board, 60 * minutes)
                ended = datetime.now(UTC)
                await asyncio.sleep(_REST_S)
        ledger = read_ledger(folder / "data" / "dvcwatch.db", EVERY_S)
    return _told(ledger, began, ended, said)


async def _at_rest(folder: Path, port: int) -> tuple[float, float]:
    """Return what a walk and a request take, in the middle of some."""
    config = load(_written(folder, port, walk_budget=7900, ask_budget=1900))
    async with instruments(config, Secrets({}, folder), SystemClock(), None, sandbox=not browser_flags()) as tools:
        took = {
            name: [(await tools.runner.probes[target.check.type].run(target)).duration_s for _ in range(_MEASURED)]
            for name, target in config.targets.items()
        }
    return statistics.median(took["di"]), statistics.median(took["hoi"])


def _written(folder: Path, port: int, *, walk_budget: int, ask_budget: int) -> Path:
    path = folder / "checks.yaml"
    text = _CHECKS.format(
        port=port, walk=EVERY_S["di"], ask=EVERY_S["hoi"], walk_budget=walk_budget, ask_budget=ask_budget,
        sandbox=str(not browser_flags()).lower(),
    )  # fmt: skip
    path.write_text(text, encoding="utf-8")
    return path


@asynccontextmanager
async def _watched(checks: Path, folder: Path) -> AsyncIterator[str]:
    """Run the real agent; gives the address of its board."""
    with (folder / "agent.log").open("wb") as log:
        agent = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "agent", "run", "--checks", str(checks), "--data", str(folder / "data"),
            "--listen", "127.0.0.1:0", *browser_flags(), stdout=asyncio.subprocess.PIPE, stderr=log,
        )  # fmt: skip
    assert agent.stdout is not None
    try:
        line = ""
        while not line.startswith("board: "):
            line = (await agent.stdout.readline()).decode()
            assert line, (folder / "agent.log").read_text(encoding="utf-8")
        yield line.removeprefix("board: ").strip().rstrip("/")
    finally:
        agent.send_signal(signal.SIGTERM)
        await agent.wait()


@asynccontextmanager
async def _burning(loops: int) -> AsyncIterator[None]:
    burners = [await asyncio.create_subprocess_exec("sh", "-c", "while :; do :; done") for _ in range(loops)]
    try:
        yield
    finally:
        for burner in burners:
            burner.kill()
            await burner.wait()


async def _listen(board: str, seconds: float) -> Said:
    """Ask metrics and board every few seconds."""
    said, ends_s = Said(), asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < ends_s:
        await asyncio.sleep(_LOOK_EVERY_S)
        said.looks += 1
        metrics = dict(re.findall(r"^dvcwatch_([^ ]+) ([^ ]+)$", await _page(board, "/metrics"), re.MULTILINE))
        said.degraded += float(metrics["agent_degraded"]) == 1
        said.held += float(metrics["walks_held"]) == 1
        said.causes.update(n for n, value in metrics.items() if "degraded_cause" in n and float(value) == 1)
        said.slowdowns += [float(metrics["agent_slowdown"])] if "agent_slowdown" in metrics else []
        for path in ("/", "/agent"):
            said.pages[path] += "Máy đo đang chậm" in await _page(board, path)
    return said


async def _page(board: str, path: str) -> str:
    async with ClientSession() as session, session.get(board + path) as answer:
        return await answer.text()


def _told(ledger: Ledger, began: datetime, ended: datetime, said: Said) -> int:
    runs = [outcome.run for outcome in ledger.outcomes]
    phases = {
        "at rest before": [run for run in runs if run.finished_at < began],
        "burning": [run for run in runs if began <= run.started_at < ended],
        "at rest after": [run for run in runs if run.started_at >= ended],
    }
    print("| phase | check | slots | verdicts | marked as degraded | delayed over 1 s | longest delay | median time |")
    print("|---|---|---|---|---|---|---|---|")
    for phase, some in phases.items():
        for name in EVERY_S:
            print(_line(phase, name, [run for run in some if run.check == name]))
    print(
        f"while it burnt the agent was asked {said.looks} times: degraded {said.degraded}, walks held {said.held}, "
        f"causes {dict(said.causes)}, slowdown up to {max(said.slowdowns, default=0):.2f}, "
        f"the overview said so {said.pages['/']}, the agent's page {said.pages['/agent']} times"
    )
    wrong = [
        *ledger.unjust(), *_rows_wrong(ledger), *rest_wrong(phases["at rest before"]),
        *burning_wrong(phases["burning"], said),
    ]  # fmt: skip
    print("\n".join(f"WRONG: {one}" for one in wrong) or "all of it holds")
    return 1 if wrong else 0


def _line(phase: str, name: str, runs: Sequence[Run]) -> str:
    verdicts = ", ".join(f"{count} {verdict}" for verdict, count in Counter(r.verdict.value for r in runs).items())
    took = [run.duration_s for run in runs if run.verdict is Verdict.OK]
    late = [run.queue_delay_s for run in runs]
    return (
        f"| {phase} | {name} | {len(runs)} | {verdicts} | {sum(run.health.degraded for run in runs)} "
        f"| {sum(one > 1 for one in late)} | {max(late, default=0):.1f} s | {statistics.median(took or [0]):.2f} s |"
    )


def _rows_wrong(ledger: Ledger) -> Iterator[str]:
    if ledger.open_slots:
        yield f"{ledger.open_slots} rows were left open"
    for name, every_s in EVERY_S.items():
        due = [outcome.run.scheduled_at for outcome in ledger.slots[name]]
        if {(late - early).total_seconds() for early, late in pairwise(due)} != {every_s}:
            yield f"a slot of {name} has no row, or two"


def rest_wrong(runs: Sequence[Run]) -> Iterator[str]:
    """Say why the time before the burning proves nothing: a machine that was busy already marks whatever burns."""
    for name in EVERY_S:
        some = [run for run in runs if run.check == name]
        clean = [run for run in some if run.verdict is Verdict.OK and not run.health.degraded]
        if not some or len(clean) < _CLEAN_AT_REST * len(some):
            yield f"only {len(clean)} of {len(some)} runs of {name} were clean at rest: the machine was busy already"


def burning_wrong(runs: Sequence[Run], said: Said) -> Iterator[str]:
    """Say what runs, metrics and board kept silent about while it burnt."""
    walks = [run for run in runs if run.check == "di"]
    marked = [r for r in walks if r.health.degraded or r.queue_delay_s > 1 or r.reason is Reason.AGENT_OVERLOAD]
    if not walks or len(marked) < _MARKED * len(walks):
        yield f"only {len(marked)} of {len(walks)} walks are marked as degraded, delayed or left out"
    if not (said.degraded and said.causes and said.pages["/"] and said.pages["/agent"]):
        yield "metrics or board do not say that the agent is slowed"


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--minutes", type=float, default=10.0)
    sys.exit(asyncio.run(main(arguments.parse_args().minutes)))
