"""The two clocks, by name: wall clock for moments, monotonic clock for spans. Passed in, never reached for."""

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class SystemClock:
    """This machine's clocks."""

    def now(self) -> datetime:
        """Return the current moment, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds on a clock that never jumps; only differences mean anything."""
        return time.monotonic()

    async def sleep(self, duration_s: float) -> None:
        """Pause this task."""
        await asyncio.sleep(duration_s)
