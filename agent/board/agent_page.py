"""The agent's page: can I trust the numbers?"""

from dataclasses import dataclass
from datetime import datetime

from agent.board.board import Board
from agent.board.condition import Reading, readings
from agent.network import CLOCK_LIMIT_S
from checks.run import Cause, Health
from exporters.snapshot import AgentFacts

_MINUTE_S = 60.0


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
        well = not facts.degraded and facts.store_up and facts.config_reload_ok and facts.browser is not None
        return well and facts.network_up is not False and not self.clock_is_wrong and not self.overloaded

    @property
    def condition(self) -> tuple[Reading, ...]:
        """How this machine was in the last minute, beside the limits."""
        facts = self.facts
        lately = Health(
            causes=facts.causes,
            slowdown=facts.slowdown,
            loop_lag_s=facts.loop_lag_s,
            cpu_pressure=facts.cpu_pressure,
            steal=facts.steal,
        )
        return readings(lately, always=(Cause.SLOWDOWN,))

    @property
    def needed_s(self) -> float:
        """Browser-seconds a minute that the schedule needs."""
        return self.facts.browser_demand * _MINUTE_S

    @property
    def carried_s(self) -> float:
        """Browser-seconds a minute that this machine has."""
        return self.facts.browser_capacity * _MINUTE_S

    @property
    def overloaded(self) -> bool:
        """Whether the schedule needs more than the machine has."""
        return self.facts.browser_demand > self.facts.browser_capacity

    @property
    def clock_is_wrong(self) -> bool:
        """Whether the references tell another time than this machine."""
        return abs(self.facts.clock_ahead_s or 0.0) > CLOCK_LIMIT_S


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
