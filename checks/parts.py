"""The valid pieces of a configuration, each under the index it was written at, before they are tied together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from checks.config import AnyCheck
from checks.journey import Journey
from checks.model import Agency, AlertRule, Alerts, Dependency, Maintenance, Service, Settings, System
from checks.ranking import RankingMethod


@dataclass(slots=True)
class Parts:
    """What could be read so far. A piece with a fault of its own is missing here, but its id is in `written`."""

    settings: Settings | None = None
    agencies: dict[int, Agency] = field(default_factory=dict)
    systems: dict[int, System] = field(default_factory=dict)
    dependencies: dict[int, Dependency] = field(default_factory=dict)
    services: dict[int, Service] = field(default_factory=dict)
    journeys: dict[int, Journey] = field(default_factory=dict)
    checks: dict[int, AnyCheck] = field(default_factory=dict)
    maintenance: dict[int, Maintenance] = field(default_factory=dict)
    rules: dict[int, AlertRule] = field(default_factory=dict)
    alerts: Alerts = field(default_factory=Alerts)
    ranking: RankingMethod = field(default_factory=RankingMethod)
    written: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Ids by section; a section whose ids cannot all be read is missing: references to it are not judged."""

    def by_id(self, section: str) -> dict[str, Any]:
        """Return the pieces of a list section by id."""
        return {item.id: item for item in getattr(self, section).values()}
