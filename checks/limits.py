"""How far numbers, times and moments of checks.yaml may go."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from checks.run import Moment
from checks.text import Duration, Size, spoken, spoken_size

_DAY_S = 86400.0
_LARGEST_BODY = 100_000_000
_FIRST_YEAR, _LAST_YEAR = 2000, 2199


def _at_most(longest_s: float) -> Callable[[float], float]:
    def limited(duration_s: float) -> float:
        if duration_s > longest_s:
            raise ValueError(f"must be at most {spoken(longest_s)}")
        return duration_s

    return limited


def _whole_seconds(interval: float) -> float:
    if interval < 1 or interval != int(interval):
        raise ValueError("must be whole seconds, at least 1s: slots lie on a grid of seconds")
    return interval


def _readable(size: int) -> int:
    if not 1 <= size <= _LARGEST_BODY:
        raise ValueError(f"must be between 1B and {spoken_size(_LARGEST_BODY)}")
    return size


def _no_number(moment: object) -> object:
    if isinstance(moment, int | float):
        raise ValueError("must be a moment such as 2026-11-20T22:00:00+07:00")  # noqa: TRY004  pydantic explains these only
    return moment


def _near(moment: datetime) -> datetime:
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise ValueError(f"must lie between the years {_FIRST_YEAR} and {_LAST_YEAR}")
    return moment


Every = Annotated[Duration, AfterValidator(_at_most(366 * _DAY_S)), AfterValidator(_whole_seconds)]
"""Time from slot to slot: whole seconds, up to a year."""

Wait = Annotated[Duration, AfterValidator(_at_most(_DAY_S))]
"""How long one attempt, or the pause after it, may take: up to a day."""

Deadline = Annotated[Duration, AfterValidator(_at_most(600.0))]
"""How long one attempt may take: up to ten minutes, for which the agent remembers how it was itself."""

BodySize = Annotated[Size, AfterValidator(_readable)]
"""How much of an answer is held in memory."""

WrittenMoment = Annotated[Moment, AfterValidator(_near), BeforeValidator(_no_number)]
"""A moment that people write: near enough for every time zone, and no count of seconds."""
