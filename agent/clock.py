"""The two clocks, by name: wall clock for moments, monotonic clock for spans. Passed in, never reached for."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime

from agent.timekeeper import Timekeeper, Trouble


@dataclass(frozen=True, slots=True)
class SystemClock:
    """This machine's clocks, the wall clock through a `keeper` that lets no moment come twice."""

    keeper: Timekeeper = field(default_factory=Timekeeper)

    def now(self) -> datetime:
        """Return the current moment, aware, in UTC."""
        return datetime.fromtimestamp(self.keeper.now_s(), UTC)

    def wall(self) -> datetime:
        """Return what the machine's wall clock shows, be it wrong: by that, certificates are valid or not."""
        return datetime.fromtimestamp(self.keeper.wall_s(), UTC)

    def monotonic(self) -> float:
        """Return seconds on a clock that never jumps; only differences mean anything."""
        return self.keeper.monotonic_s()

    def trouble_since(self, since_s: float) -> Trouble | None:
        """Return what happened to the clocks, or to the machine, after a monotonic moment."""
        return self.keeper.trouble_since(since_s)

    async def sleep(self, duration_s: float) -> None:
        """Pause this task."""
        await asyncio.sleep(duration_s)
