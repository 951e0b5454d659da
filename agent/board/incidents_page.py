"""Incidents: what broke, for how long, who was told?"""

from dataclasses import dataclass
from datetime import datetime

from agent.board.board import Board
from checks.config import Config
from checks.incident import Delivery, Incident, Transition


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """One incident with names for people; `seconds` is how long it lasted, or has lasted until now.

    `agency_known` and `check_known` tell whether checks.yaml still has them, so that they have a page.
    """

    incident: Incident
    title: str
    system: str
    agency: str
    seconds: float
    agency_known: bool
    check_known: bool


@dataclass(frozen=True, slots=True)
class IncidentsPage:
    """What `/incidents` shows, newest first."""

    open: tuple[IncidentRow, ...]
    closed: tuple[IncidentRow, ...]
    rules: int


@dataclass(frozen=True, slots=True)
class IncidentPage:
    """What `/incidents/ID` shows: the facts in their order, and who was told."""

    row: IncidentRow
    transitions: tuple[Transition, ...]
    deliveries: tuple[Delivery, ...]


async def load_incidents(board: Board) -> IncidentsPage:
    """Read the newest incidents."""
    config = board.config()
    rows = [incident_row(config, incident, board.now()) for incident in await board.store.incidents()]
    return IncidentsPage(
        open=tuple(row for row in rows if row.incident.ended_at is None),
        closed=tuple(row for row in rows if row.incident.ended_at is not None),
        rules=len(config.alerts.rules),
    )


async def load_incident(board: Board, incident_id: str) -> IncidentPage | None:
    """Read one incident; None if it is unknown."""
    incident = await board.store.incident(incident_id)
    if incident is None:
        return None
    return IncidentPage(
        row=incident_row(board.config(), incident, board.now()),
        transitions=await board.store.transitions(incident_id),
        deliveries=await board.store.deliveries(incident_id),
    )


def incident_row(config: Config, incident: Incident, now: datetime) -> IncidentRow:
    """Put names to an incident."""
    target = config.targets.get(incident.check)
    system, agency = config.systems.get(incident.system), config.agencies.get(incident.agency)
    return IncidentRow(
        incident=incident,
        title=target.title if target is not None else incident.check,
        system=system.name if system is not None else incident.system,
        agency=agency.name if agency is not None else incident.agency,
        seconds=((incident.ended_at or now) - incident.began_at).total_seconds(),
        agency_known=agency is not None,
        check_known=target is not None,
    )
