"""Asking another process, or the kernel, again and again: of what happens there nothing in this one can be awaited."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

_PATIENCE_S = 60.0
_AGAIN_S = 0.1


async def until(ask: Callable[[], Awaitable[T]], holds: Callable[[T], object], *, within_s: float = _PATIENCE_S) -> T:
    """Ask until the answer holds, and return that answer; the last one is told when the time is up."""
    heard: list[T] = []
    try:
        async with asyncio.timeout(within_s):
            while not heard or not holds(heard[-1]):
                if heard:
                    await asyncio.sleep(_AGAIN_S)
                heard = [await ask()]
    except TimeoutError:
        raise AssertionError(f"it did not come true within {within_s:g} s; the last answer: {heard!r:.2000}") from None
    return heard[-1]
