"""The loaded configuration: every reference followed, nothing left to ask "is it None?" about."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from checks.journey import Step
from checks.model import (
    Agency,
    AlertRule,
    Alerts,
    BrowserCheck,
    Dependency,
    DnsCheck,
    HttpCheck,
    Maintenance,
    Match,
    Service,
    Settings,
    System,
    TcpCheck,
    TlsCheck,
)
from checks.owners import HostOwners
from checks.ranking import RankingMethod

AnyCheck = HttpCheck | TlsCheck | DnsCheck | TcpCheck | BrowserCheck
C_co = TypeVar("C_co", bound=AnyCheck, covariant=True)


@dataclass(frozen=True, slots=True)
class Target(Generic[C_co]):
    """One check with everything a probe, an alert or a rank needs to know around it.

    `agency` answers for the result: the service's agency, or the system's when no service is named. `steps` is
    the journey with this check's parameters in it (empty unless the check is a browser check), `always` what follows
    every walk of it.
    """

    check: C_co
    system: System
    agency: Agency
    service: Service | None
    steps: tuple[Step, ...]
    owners: HostOwners
    always: tuple[Step, ...] = ()

    @property
    def all_steps(self) -> tuple[Step, ...]:
        """Everything that is done in the browser: the walk, and what always follows it."""
        return (*self.steps, *self.always)

    @property
    def title(self) -> str:
        """The check's name for people: its own title, its service's or its system's name."""
        if self.check.title is not None:
            return self.check.title
        return self.service.name if self.service is not None else self.system.name


@dataclass(frozen=True, slots=True)
class Config:
    """Everything checks.yaml and its includes say, validated, indexed by id in file order."""

    path: Path
    digest: str
    settings: Settings
    agencies: Mapping[str, Agency]
    systems: Mapping[str, System]
    dependencies: Mapping[str, Dependency]
    services: Mapping[str, Service]
    targets: Mapping[str, Target[AnyCheck]]
    maintenance: tuple[Maintenance, ...]
    alerts: Alerts
    ranking: RankingMethod

    @property
    def outsiders(self) -> Mapping[str, System | Dependency]:
        """Return whoever a blame `dependency:<id>` can name: dependencies, and systems seen from another one."""
        return {**self.systems, **self.dependencies}

    @property
    def user_agent(self) -> str:
        """How every request names us: what we are and whom to ask."""
        return f"dvcwatch/1 (+{self.settings.contact})"


def matches(match: Match, target: Target[AnyCheck]) -> bool:
    """Whether a rule's `match` covers this check: every key that is given must fit."""
    service = target.service.id if target.service is not None else None
    given = (
        (match.checks, target.check.id),
        (match.types, target.check.type),
        (match.services, service),
        (match.systems, target.system.id),
        (match.agencies, target.agency.id),
    )
    return all(value in allowed for allowed, value in given if allowed)


def recipients(rule: AlertRule, target: Target[AnyCheck], agencies: Mapping[str, Agency]) -> tuple[str, ...]:
    """Return the addresses `rule` tells about `target`, each once, in the order written."""
    found: list[str] = []
    for to in rule.to:
        if to == "agency":
            found += target.agency.email
        elif to == "operator":
            found += agencies[target.system.operator or target.system.agency].email
        else:
            found.append(to)
    return tuple(dict.fromkeys(found))
