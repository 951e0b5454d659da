"""Where a look stands: which phase it is in, of which address, and how long each phase took so far."""

from collections.abc import Callable
from dataclasses import dataclass, field

from checks.run import Phase


@dataclass(slots=True)
class Progress:
    """Adds up time by phase; phases follow each other without a gap, so that their sum is the whole span.

    `clock` gives monotonic seconds. `url` is the address being waited for, so that a fault can be charged to its
    owner; it changes with every redirect.
    """

    clock: Callable[[], float]
    url: str
    phases: dict[Phase, float] = field(default_factory=dict)
    phase: Phase | None = None
    _since: float | None = None

    def enter(self, phase: Phase) -> None:
        """End the phase that runs, if any, and begin `phase`; a phase entered again goes on adding."""
        self._since = self._settle()
        self.phase = phase

    def stop(self) -> None:
        """End the phase that runs, if any. `phase` keeps its name: that is where the look stood."""
        self._settle()
        self._since = None

    def _settle(self) -> float:
        now = self.clock()
        if self.phase is not None and self._since is not None:
            self.phases[self.phase] = self.phases.get(self.phase, 0.0) + now - self._since
        return now

    @property
    def lookup_s(self) -> float:
        """Seconds in which a name was looked up, in what has ended of that phase."""
        return self.phases.get("dns", 0.0)

    @property
    def elapsed_s(self) -> float:
        """Seconds in all phases that have ended."""
        return sum(self.phases.values())
