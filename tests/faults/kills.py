"""`python -m tests.faults.kills [--times NUMBER] [--seed SEED]`: SIGKILL at random moments of real walks.

Agent, driver, browser and page's process are killed in turn while the real agent watches a service that is well; a
killed agent is started again. In the end each due slot must have exactly one row, nobody may be accused, and no process
and no temporary file may be left. The exit code says whether that is so.
"""

import argparse
import asyncio
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from random import Random

import psutil

from checks.run import Verdict
from tests.faults.constant import Service, read_ledger, served, well_again, written
from tests.faults.watcher import Watcher, watching

_LONGEST_WALK_S = 1.5
_HIT_AT_LEAST_ONE_OF = 8
_GONE_S = 20.0


def _is_driver(words: list[str]) -> bool:
    return "run-driver" in words


def _is_browser(words: list[str]) -> bool:
    return "--remote-debugging-pipe" in words and not any(word.startswith("--type=") for word in words)


def _is_renderer(words: list[str]) -> bool:
    return "--type=renderer" in words


_CHILDREN: dict[str, Callable[[list[str]], bool]] = {
    "driver": _is_driver, "browser": _is_browser, "renderer": _is_renderer,
}  # fmt: skip
VICTIMS = ("agent", *_CHILDREN)


@dataclass
class Killed:
    """What has been killed, and which processes the agents have had."""

    kills: Counter[str] = field(default_factory=Counter)
    seen: set[psutil.Process] = field(default_factory=set)

    def family(self, watcher: Watcher) -> list[psutil.Process]:
        """Return the agent's descendants, and remember them."""
        found = psutil.Process(watcher.process.pid).children(recursive=True)
        self.seen.update(found)
        return found

    def alive(self) -> list[psutil.Process]:
        """Return those that still run."""
        return [one for one in self.seen if _runs(one)]


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _words(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:  # ended meanwhile
        return []


async def kill_at_random(times: int, seed: int, folder: Path, tell: Callable[[str], None]) -> list[str]:
    """Kill so often; tell the figures, and return what is wrong."""
    random = Random(seed)  # noqa: S311 -- the same moments every time, no secret
    killed, temporary = Killed(), folder / "tmp"
    temporary.mkdir()
    async with (
        served() as service,
        watching(written(folder, service), environment={"TMPDIR": str(temporary)}) as watcher,
    ):
        await well_again(watcher.data / "dvcwatch.db")  # a slot that was never due to this agent has no row
        began = datetime.now(UTC)
        for count, victim in enumerate(islice(cycle(VICTIMS), times), 1):
            await _kill(victim, random, service, watcher, killed)
            killed.kills[victim] += 1
            tell(f"{count} of {times}: {victim}")
        await well_again(watcher.data / "dvcwatch.db")
        ended = datetime.now(UTC)
        killed.family(watcher)
    ledger = read_ledger(watcher.data / "dvcwatch.db")
    hit = sum(outcome.run.verdict is Verdict.INCONCLUSIVE for outcome in ledger.outcomes)
    tell(f"{dict(killed.kills)} in {(ended - began).total_seconds():.0f} s, {len(ledger.outcomes)} slots")
    tell(f"{ledger.verdicts()}, processes seen: {len(killed.seen)}, hit: {hit}")
    missed = ["hardly a slot noticed a kill"] if hit < times // _HIT_AT_LEAST_ONE_OF else []
    return [*ledger.missing(began, ended), *ledger.unjust(), *missed, *await _left(killed, folder, temporary)]


async def _kill(victim: str, random: Random, service: Service, watcher: Watcher, killed: Killed) -> None:
    while True:
        await service.walk()
        await asyncio.sleep(random.uniform(0, _LONGEST_WALK_S))
        family = killed.family(watcher)
        if victim == "agent":
            await watcher.kill()
            await asyncio.sleep(random.uniform(0, 2))
            await watcher.start()
            return
        if fitting := [one for one in family if _CHILDREN[victim](_words(one)) and _runs(one)]:
            with suppress(psutil.NoSuchProcess):  # ended by itself this very moment
                random.choice(fitting).kill()
                return


async def _left(killed: Killed, folder: Path, temporary: Path) -> list[str]:
    with suppress(TimeoutError):
        async with asyncio.timeout(_GONE_S):
            while killed.alive():
                await asyncio.sleep(0.1)
    processes = [f"process {one.pid} is left: {' '.join(_words(one))[:100]}" for one in killed.alive()]
    named = [f"process {one.pid} is left: {one.info['name']}" for one in await asyncio.to_thread(_born_in, str(folder))]
    litter = await asyncio.to_thread(lambda: [*temporary.iterdir(), *(folder / "data" / "spool").glob("*.jsonl")])
    return [*processes, *named, *(f"file {one.relative_to(folder)} is left" for one in litter)]


def _born_in(folder: str) -> list[psutil.Process]:
    """Return the processes in whose command line or environment the folder stands, whoever started them."""
    others = (one for one in psutil.process_iter(["name"]) if one.pid != os.getpid())
    return [one for one in others if any(folder in word for word in (*_words(one), *_environment(one).values()))]


def _environment(process: psutil.Process) -> dict[str, str]:
    try:
        return dict(process.environ())
    except psutil.Error:  # ended meanwhile, or somebody else's
        return {}


async def main(words: list[str]) -> int:
    """Kill as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.kills")
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--seed", type=int, default=4)
    asked = parser.parse_args(words)
    with tempfile.TemporaryDirectory(prefix="dvcwatch-kills-") as folder:
        wrong = await kill_at_random(asked.times, asked.seed, Path(folder), lambda text: print(text, flush=True))
    print("\n".join(f"wrong: {one}" for one in wrong) or "one row a slot, nobody accused, nothing left")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
