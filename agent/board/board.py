"""What the board is given: where results are, what is watched, how the agent is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from checks.config import Config
from exporters.snapshot import AgentFacts
from store.protocol import Store


@dataclass(frozen=True, slots=True)
class Board:
    """Everything the pages are made from; nothing of it is changed by the board.

    `evidence` is the folder that evidence paths are relative to. `next_due` tells when a check is due next, None if
    the schedule does not know it.
    """

    store: Store
    config: Callable[[], Config]
    now: Callable[[], datetime]
    evidence: Path
    facts: Callable[[], AgentFacts]
    started_at: datetime
    next_due: Callable[[str], datetime | None]
