"""More and more at once, until they slow each other: what a machine carries is found by trying."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from statistics import mean, median

SLOWED = 1.10
"""Measuring more at once than this makes each of them take longer by a tenth: from here on the queue is measured."""

_FEWEST = 3
_MINUTE_S = 60.0

Ask = Callable[[], Awaitable[float]]
"""Measure once; return how long it took by its own clock, in seconds."""


@dataclass(frozen=True, slots=True)
class Level:
    """So many at once: how long one took, in the middle, and how long it kept its place, on average."""

    at_once: int
    took_s: float
    place_s: float

    @property
    def per_minute(self) -> float:
        """How many were done in a minute."""
        return self.at_once / self.place_s * _MINUTE_S


@dataclass(frozen=True, slots=True)
class Climb:
    """Which numbers are tried, each for `each_s`, until `until_s` have passed; `what` they are, for people."""

    what: str
    numbers: Iterable[int]
    each_s: float
    until_s: float


def unhindered(levels: Iterable[Level]) -> Level:
    """Return the last level up to which one takes hardly longer than alone."""
    first, *more = levels
    best = first
    for level in more:
        if level.took_s > first.took_s * SLOWED:
            break
        best = level
    return best


async def climbed(climb: Climb, ask: Ask, tell: Callable[[str], None]) -> tuple[Level, ...]:
    """Measure level after level until one slows the others or the time is up; `tell` hears of each.

    Raises what `ask` raises.
    """
    now_s, found = asyncio.get_running_loop().time, list[Level]()
    ends_s = now_s() + climb.until_s
    for number in climb.numbers:
        level = await _level(ask, number, climb.each_s)
        found.append(level)
        times = level.took_s / found[0].took_s
        tell(f"{climb.what}, {number} at once: {level.took_s:.3f} s each, {times:.2f} times as long as alone")
        if times > SLOWED or now_s() + climb.each_s > ends_s:
            break
    return tuple(found)


async def _level(ask: Ask, number: int, each_s: float) -> Level:
    now_s = asyncio.get_running_loop().time
    ends_s = now_s() + each_s
    took, places = list[float](), list[float]()

    async def one_after_another() -> None:
        done = 0
        while done < _FEWEST or now_s() < ends_s:
            began_s = now_s()
            took.append(await ask())
            places.append(now_s() - began_s)
            done += 1

    asking = [asyncio.create_task(one_after_another()) for _ in range(number)]
    try:
        await asyncio.gather(*asking)  # raises the first cause: one line can be said of it
    finally:
        for one in asking:
            one.cancel()
    return Level(number, median(took), mean(places))
