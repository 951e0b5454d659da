"""One agency: what is mine and what should I do?"""

from dataclasses import dataclass

from agent.board.board import Board
from agent.board.incidents_page import IncidentRow, incident_row
from agent.board.looks import RANK, Look, worst
from agent.board.now import CheckNow, check_now, read_now
from agent.board.strips import day_before
from checks.model import Agency, Service, System


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """One service of the agency with its checks."""

    service: Service
    system: System
    look: Look
    checks: tuple[CheckNow, ...]


@dataclass(frozen=True, slots=True)
class AgencyPage:
    """What `/agencies/ID` shows: services it answers for, checks of systems it owns, open incidents."""

    agency: Agency
    services: tuple[ServiceRow, ...]
    others: tuple[CheckNow, ...]
    systems: tuple[System, ...]
    incidents: tuple[IncidentRow, ...]


async def load_agency(board: Board, agency: Agency) -> AgencyPage:
    """Read what an agency answers for."""
    config = board.config()
    own = {name: target for name, target in config.targets.items() if target.agency.id == agency.id}
    known = await read_now(board, list(own), day_before(board.now()))
    checks = [check_now(known, target) for target in own.values()]
    services = [service for service in config.services.values() if service.agency == agency.id]
    rows = [_service_row(service, config.systems[service.system], checks) for service in services]
    return AgencyPage(
        agency=agency,
        services=tuple(sorted(rows, key=lambda row: RANK[row.look])),
        others=tuple(check for check in checks if check.target.service is None),
        systems=tuple(system for system in config.systems.values() if system.agency == agency.id),
        incidents=tuple(incident_row(config, i, known.now) for i in known.incidents if i.agency == agency.id),
    )


def _service_row(service: Service, system: System, checks: list[CheckNow]) -> ServiceRow:
    own = tuple(c for c in checks if c.target.service is not None and c.target.service.id == service.id)
    return ServiceRow(service, system, worst(check.look for check in own), own)
