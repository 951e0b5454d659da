"""What every action works with, whichever hand does it."""

from dataclasses import dataclass

from probes.browser.aim import Finder
from probes.browser.goals import Goals
from probes.browser.guard import Guard
from probes.browser.stage import Stage

_MARGIN_S = 0.02


@dataclass(slots=True)
class Means:
    """What the actions of one step share; `submits` tells whether the latest press of the pointer said so."""

    stage: Stage
    guard: Guard
    finder: Finder
    goals: Goals
    submits: bool = False

    def timeout_ms(self) -> float:
        """Return how long the driver may try: a little less than we do, so that it cannot act later."""
        return max(1.0, (self.stage.left_s - _MARGIN_S) * 1000)
