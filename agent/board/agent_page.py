"""The agent's page: can I trust the numbers?"""

from dataclasses import dataclass
from datetime import datetime

from agent.board.board import Board
from exporters.snapshot import AgentFacts


@dataclass(frozen=True, slots=True)
class AgentPage:
    """What `/agent` and the line about the agent on other pages show."""

    facts: AgentFacts
    started_at: datetime
    location: str
    config_digest: str
    checks: int

    @property
    def well(self) -> bool:
        """Whether the agent itself gives no reason to doubt its numbers."""
        facts = self.facts
        return not facts.degraded and facts.config_reload_ok and facts.browser is not None


def build_agent(board: Board) -> AgentPage:
    """Ask the agent how it is."""
    config = board.config()
    return AgentPage(
        facts=board.facts(),
        started_at=board.started_at,
        location=config.settings.location,
        config_digest=config.digest,
        checks=sum(target.check.enabled for target in config.targets.values()),
    )
