"""How fast and how reliably a service answers by design, reproducible from the seed."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from random import Random

from sandbox.catalogue import Quality

LOCAL_TIME = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
"""Vietnam has had no summer time since 1975; a fixed offset needs no time zone data."""


@dataclass(frozen=True)
class Turn:
    """What one request of a service gets: a delay in seconds, and whether it fails."""

    delay_s: float
    fails: bool


class Pace:
    """Draws the turn of each request from (seed, service, request number).

    Args:
        seed: the province's seed.
        now: aware local time; decides whether it is a flaky hour.
    """

    def __init__(self, seed: int, now: Callable[[], datetime]) -> None:
        self._seed = seed
        self._now = now
        self._requests: Counter[str] = Counter()

    def turn(self, owner: str, quality: Quality, step: str) -> Turn:
        """The next turn of `owner` (a service id, or a system id for pages of no service)."""
        self._requests[owner] += 1
        # Reproducible behaviour, not cryptography.
        random = Random(f"{self._seed}:{owner}:{self._requests[owner]}")  # noqa: S311  # practice, not secrecy
        delay = quality.base_s + quality.jitter_s * random.random()
        failing = random.random() < quality.error_probability
        if step in quality.slow_steps:
            delay += quality.slow_s
        return Turn(delay, failing and self._now().astimezone(LOCAL_TIME).hour in quality.flaky_hours)
