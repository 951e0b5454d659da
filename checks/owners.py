"""Whose host is it? Time and blame go to the owner of the host that was waited for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import urlsplit

from checks.model import Dependency, System
from checks.run import SYSTEM, Blame, dependency_blame

THIRD_PARTY = "third_party"
_ADDRESSES_KEPT = 4096
_DEFAULT_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}


@lru_cache(_ADDRESSES_KEPT)
def host_and_port(url: str) -> tuple[str, int | None]:
    """Return whom an address leads to: the host in lower case, empty if it cannot be read, and the port if known."""
    try:
        parts = urlsplit(url)
        return (parts.hostname or "").lower(), parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:  # a hostile page may carry any address
        return "", None


def mostly(critical: Mapping[str, float], whole_s: float) -> str | None:
    """Return the owner that alone was waited for during more than half of `whole_s`, if there is one."""
    longest = max(critical, key=lambda owner: critical[owner], default=None)
    return longest if longest is not None and critical[longest] > whole_s / 2 else None


@dataclass(frozen=True, slots=True)
class HostOwners:
    """The register of hosts. The most exact entry wins: host:port, then host, then the longest *.domain.

    `home` is the watched system; seen from it every other system is an outside one.
    """

    owners: dict[str, str]
    home: str = ""

    @classmethod
    def of(cls, systems: Iterable[System], dependencies: Iterable[Dependency]) -> "HostOwners":
        """Build the register; the loader has refused hosts that two owners claim."""
        owners = {host: f"system:{system.id}" for system in systems for host in system.hosts}
        owners |= {host: f"dependency:{outside.id}" for outside in dependencies for host in outside.hosts}
        return cls(owners)

    def seen_from(self, system: str) -> "HostOwners":
        """Return the same register with `system` as the watched one."""
        return replace(self, home=system)

    def owner(self, url: str) -> str:
        """Return `system:<id>`, `dependency:<id>` or `third_party` for an address."""
        host, port = host_and_port(url)
        labels = host.split(".")
        wildcards = ["*." + ".".join(labels[i:]) for i in range(1, len(labels))]
        for key in (f"{host}:{port}", host, *wildcards):
            if key in self.owners:
                return self.owners[key]
        return THIRD_PARTY

    def lists(self, host: str, port: int) -> bool:
        """Whether this very host stands in somebody's `hosts`; a wildcard that takes it in does not count."""
        name = host.lower().rstrip(".")
        return f"{name}:{port}" in self.owners or name in self.owners

    def blame(self, url: str) -> Blame:
        """Return whom a fault of this address is charged to; see `blame_of`."""
        return self.blame_of(self.owner(url))

    def blame_of(self, owner: str) -> Blame:
        """Return the blame of an `owner`: `dependency:<id>` for an outside system, another watched one included.

        Everything else is `system`: the watched system answers for what it embeds from hosts nobody is registered for.
        """
        kind, _, name = owner.partition(":")
        outside = kind == "dependency" or (kind == "system" and name != self.home)
        return dependency_blame(name) if outside else SYSTEM
