"""What the practice province offers: agencies and services, as frozen data."""

from sandbox.catalogue.agencies import AGENCIES
from sandbox.catalogue.business_and_people import BUSINESS_AND_PEOPLE
from sandbox.catalogue.civil_status import CIVIL_STATUS
from sandbox.catalogue.land_and_building import LAND_AND_BUILDING
from sandbox.catalogue.model import (
    Agency,
    Document,
    Field,
    FormPage,
    Quality,
    Service,
    SystemId,
)

SERVICES: tuple[Service, ...] = (*CIVIL_STATUS, *LAND_AND_BUILDING, *BUSINESS_AND_PEOPLE)

__all__ = [
    "AGENCIES",
    "SERVICES",
    "Agency",
    "Document",
    "Field",
    "FormPage",
    "Quality",
    "Service",
    "SystemId",
    "agency",
    "find_service",
]


def agency(agency_id: str) -> Agency:
    """The agency of this id; KeyError when there is none."""
    for candidate in AGENCIES:
        if candidate.id == agency_id:
            return candidate
    raise KeyError(agency_id)


def find_service(service_id: str) -> Service | None:
    """The service of this id, or None."""
    return next((service for service in SERVICES if service.id == service_id), None)
