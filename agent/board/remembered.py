"""A value that is expensive to make is made once for everybody who asks within a short time."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

T = TypeVar("T")

_REST = 20


class Remembered(Generic[T]):
    """Holds the last value of `make` for `age`, or 20 times as long as it took to make if that is longer.

    The latter keeps a busy machine from doing nothing else. Whoever asks meanwhile waits for the one being made.
    """

    def __init__(self, make: Callable[[], Awaitable[T]], now: Callable[[], datetime], age: timedelta) -> None:
        self._make = make
        self._now = now
        self._age = age
        self._lock = asyncio.Lock()
        self._kept: tuple[datetime, T] | None = None

    async def get(self) -> T:
        """Return the value."""
        async with self._lock:
            if self._kept is None or self._now() >= self._kept[0]:
                began = self._now()
                value = await self._make()
                done = self._now()
                self._kept = (done + max(self._age, _REST * (done - began)), value)
            return self._kept[1]
