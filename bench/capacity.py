"""How many journeys a machine carries: ours beside plain Playwright in a loop, and beside a fresh browser for each.

One after the other, and as many at once as keep every core busy. The walk is that of `bench.journey`.
"""

import os
import statistics
from collections.abc import Iterator

from bench.figure import Figure
from bench.journey import Batch, batch
from bench.province import province

BOUND = 1.0
_ENGINES = {"ours": "ours", "plain": "plain Playwright", "afresh": "plain Playwright, a fresh browser for each"}
_WALKS = 16
_ROUNDS = 2


def measure() -> Iterator[Figure]:
    """Yield journeys a minute and processor seconds a journey, ours beside the others'."""
    busy = 2 * (os.cpu_count() or 1)
    with province():
        for at_once in (1, busy):
            rounds = [{name: batch(name, _WALKS + at_once, at_once) for name in _ENGINES} for _ in range(_ROUNDS)]
            starts = {name: batch(name, at_once, at_once).cpu_s for name in _ENGINES}
            rates = {name: _median(one[name].wall_s for one in rounds) for name in _ENGINES}
            spent = {name: _median(_spent(one[name], starts[name]) for one in rounds) for name in _ENGINES}
            yield from _figures(f"{at_once} at once", {name: 60 * _WALKS / wall for name, wall in rates.items()}, spent)


def _figures(said: str, rates: dict[str, float], spent: dict[str, float]) -> Iterator[Figure]:
    for name in ("plain", "afresh"):
        yield Figure(f"journeys a minute, {said}", rates["ours"], "", rates[name], _ENGINES[name])
        yield Figure(f"processor time of a journey, {said}", spent["ours"], "s", spent[name], _ENGINES[name])
    yield Figure(f"journeys, ours over plain, {said}", rates["ours"] / rates["plain"], "x", BOUND, "bound (aim: 1.15)")


def _spent(one: Batch, start_s: float) -> float:
    """Return the processor seconds of a walk that was not the first."""
    return (one.cpu_s - start_s) / _WALKS


def _median(values: Iterator[float]) -> float:
    return statistics.median(list(values))
