"""What alerting knows before the next run: kept in memory by the agent, rebuilt from the store after a restart."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from checks.incident import AlertState, Changes, Incident
from checks.run import Run


@dataclass(frozen=True, slots=True)
class Standing:
    """The beliefs of every rule, the open incidents, and how far each check has been heard.

    Attributes:
        states: (rule id, check id) -> state.
        incidents: incident id -> incident, open ones only.
        heard_until: check id -> due moment of its newest run.
    """

    states: Mapping[tuple[str, str], AlertState] = field(default_factory=dict)
    incidents: Mapping[str, Incident] = field(default_factory=dict)
    heard_until: Mapping[str, datetime] = field(default_factory=dict)

    @classmethod
    def of(cls, states: Iterable[AlertState], incidents: Iterable[Incident], latest: Iterable[Run]) -> "Standing":
        """Build it from a store: all its states, all its open incidents, the newest run of each check."""
        return cls(
            {(state.rule, state.check): state for state in states},
            {incident.id: incident for incident in incidents if incident.ended_at is None},
            {run.check: run.scheduled_at for run in latest},
        )

    def state(self, rule: str, check: str) -> AlertState:
        """Return where the rule stands with the check; UNKNOWN when it never heard of it."""
        return self.states.get((rule, check)) or AlertState(rule=rule, check=check)

    def is_late(self, run: Run) -> bool:
        """Whether a run of this check that was due later has been heard already."""
        heard = self.heard_until.get(run.check)
        return heard is not None and run.scheduled_at < heard

    def after(self, run: Run, changes: Changes) -> "Standing":
        """Return the standing after `run` and its `changes` were saved."""
        heard = self.heard_until if self.is_late(run) else {**self.heard_until, run.check: run.scheduled_at}
        if changes == Changes():
            return Standing(self.states, self.incidents, heard)
        incidents = {**self.incidents, **{incident.id: incident for incident in changes.incidents}}
        return Standing(
            {**self.states, **{(state.rule, state.check): state for state in changes.states}},
            {id_: incident for id_, incident in incidents.items() if incident.ended_at is None},
            heard,
        )
