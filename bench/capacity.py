"""How many journeys a machine carries: ours beside plain Playwright in a loop, and beside a fresh browser for each.

One after the other, and so many at once that every core is busy; how busy is told. The walk is that of `bench.journey`.
"""

import os
import statistics
from collections.abc import Iterator

import psutil

from bench.figure import Figure
from bench.journey import Batch, batch
from bench.province import province

BOUND = 1.0
_ENGINES = {"ours": "ours", "plain": "plain Playwright", "afresh": "plain Playwright, a fresh browser for each"}
_ROUNDS = 2


def measure() -> Iterator[Figure]:
    """Yield journeys a minute and processor seconds a journey, ours beside the others'."""
    cores = os.cpu_count() or 1
    with province():
        for at_once in (1, 2 * cores, 4 * cores):
            yield from _figures(at_once, walks=max(16, 4 * at_once))


def _figures(at_once: int, walks: int) -> Iterator[Figure]:
    said, busy = f"{at_once} at once", dict.fromkeys(_ENGINES, 0.0)
    rounds = [{name: _watched(name, walks + at_once, at_once, busy) for name in _ENGINES} for _ in range(_ROUNDS)]
    starts = {name: batch(name, at_once, at_once).cpu_s for name in _ENGINES}
    rates = {name: 60 * walks / _median(one[name].wall_s for one in rounds) for name in _ENGINES}
    spent = {name: _median((one[name].cpu_s - starts[name]) / walks for one in rounds) for name in _ENGINES}
    for name in ("plain", "afresh"):
        yield Figure(f"journeys a minute, {said}", rates["ours"], "", rates[name], _ENGINES[name])
        yield Figure(f"processor time of a journey, {said}", spent["ours"], "s", spent[name], _ENGINES[name])
    yield Figure(f"share of all processors in use, {said}", busy["ours"], "", busy["plain"], _ENGINES["plain"])
    yield Figure(f"journeys, ours over plain, {said}", rates["ours"] / rates["plain"], "x", BOUND, "bound (aim: 1.15)")


def _watched(name: str, walks: int, at_once: int, busy: dict[str, float]) -> Batch:
    """Run a batch; `busy` is told how much of the machine was in use meanwhile, by the portal too."""
    psutil.cpu_percent()
    done = batch(name, walks, at_once)
    busy[name] = psutil.cpu_percent() / 100
    return done


def _median(values: Iterator[float]) -> float:
    return statistics.median(list(values))
