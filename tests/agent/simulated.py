"""Hours in a moment: an event loop whose time goes on only while everybody waits, and a clock that follows it."""

import asyncio
import selectors
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any, TypeVar

from agent.clock import SystemClock
from tests.samples import NOON

T = TypeVar("T")


class _Impatient(selectors.DefaultSelector):
    """Sleeps by moving the loop's time."""

    skipped_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise AssertionError("everybody waits for ever")
            self.skipped_s += max(0.0, timeout)
        return ready


class SimulatedLoop(asyncio.SelectorEventLoop):
    """Its time is the sum of what was slept; work takes none."""

    def __init__(self) -> None:
        self._impatient = _Impatient()
        super().__init__(self._impatient)

    def time(self) -> float:
        return self._impatient.skipped_s


class SimulatedClock(SystemClock):
    """Both clocks, as the running simulated loop has them; it starts at noon."""

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()


async def elapse(span_s: float) -> None:
    """Let simulated time go on; whoever is due meanwhile has its turn."""
    await asyncio.sleep(span_s)


def simulate(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` to its end on simulated time."""
    with asyncio.Runner(loop_factory=SimulatedLoop) as runner:
        return runner.run(work)
