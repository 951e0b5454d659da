"""Where we go and where we do not: THE rule about addresses, for http checks and for browser walks alike.

A monitored page decides where a redirect, a popup or a picture leads, and so it could use the agent as a way into the
agent's own network. So an address inside (of this machine, of a private network, of a cloud's metadata service) is
asked only when checks.yaml lists that very host. What counts is the address that a name resolves to, and only an
address that was judged is connected to: a name that means another address a moment later gains nothing.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from checks.owners import HostOwners
from checks.run import AGENT, Reason, Verdict
from probes.conclusion import Conclusion, ours
from probes.connection import Address

IP = ipaddress.IPv4Address | ipaddress.IPv6Address


class Depth(IntEnum):
    """How far inside an address lies."""

    PUBLIC = 0
    PRIVATE = 1
    """Of a private network: it may well be another machine for a citizen than for us."""
    MACHINE = 2
    """Whichever machine asks: its own for everybody."""
    NOWHERE = 3
    """The wire of that machine (there clouds keep their metadata), a group, or an address that nobody has."""


_INSIDE_4: tuple[tuple[str, Depth], ...] = (
    ("0.0.0.0/8", Depth.MACHINE),  # unspecified: Linux connects to this machine
    ("10.0.0.0/8", Depth.PRIVATE),  # RFC 1918
    ("100.64.0.0/10", Depth.PRIVATE),  # behind a carrier's NAT; also some clouds' metadata
    ("127.0.0.0/8", Depth.MACHINE),  # loopback
    ("168.63.129.16/32", Depth.NOWHERE),  # a cloud's metadata, on an address that looks public
    ("169.254.0.0/16", Depth.NOWHERE),  # link-local; most clouds' metadata
    ("172.16.0.0/12", Depth.PRIVATE),  # RFC 1918
    ("192.0.0.0/24", Depth.NOWHERE),  # IETF protocol assignments; a cloud's metadata
    ("192.168.0.0/16", Depth.PRIVATE),  # RFC 1918
    ("198.18.0.0/15", Depth.PRIVATE),  # benchmarking
    ("224.0.0.0/4", Depth.NOWHERE),  # multicast
    ("240.0.0.0/4", Depth.NOWHERE),  # reserved, broadcast
)
_INSIDE_6: tuple[tuple[str, Depth], ...] = (
    ("2001:db8::/32", Depth.PUBLIC),  # documentation
    ("2000::/3", Depth.PUBLIC),  # the only global unicast there is
    ("fc00::/7", Depth.PRIVATE),  # unique local; also a cloud's metadata
    ("64:ff9b:1::/48", Depth.PRIVATE),  # NAT64 of a single network
    ("::/127", Depth.MACHINE),  # unspecified, loopback
    ("::/0", Depth.NOWHERE),  # link-local, multicast, whatever is not assigned
)
_NETWORKS = tuple((ipaddress.ip_network(text), depth) for text, depth in (*_INSIDE_4, *_INSIDE_6))
_ADDRESSES_KEPT = 4096
_USUAL_PORTS = frozenset({80, 443})
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


@lru_cache(_ADDRESSES_KEPT)
def depth(text: str) -> Depth:
    """Return how far inside an address lies; one that carries another inside itself lies as deep as that one."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        carried = _carried(address)
        if carried is not None:
            return max(depth(str(one)) for one in carried)
    return next((found for network, found in _NETWORKS if address in network), Depth.PUBLIC)


def _carried(address: ipaddress.IPv6Address) -> tuple[IP, ...] | None:
    """Return the IPv4 addresses at which an IPv6 address ends up: mapped, translated or tunnelled."""
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    if address in _NAT64:
        return (ipaddress.IPv4Address(int(address) & 0xFFFFFFFF),)
    if address.sixtofour is not None:
        return (address.sixtofour,)
    return address.teredo


@dataclass(frozen=True, slots=True)
class Refusal:
    """A host that was not asked: it is not listed, and its address lies inside.

    `literal` when the address itself was written where a name would stand, so that everybody is sent to that same one.
    """

    host: str
    port: int
    address: str
    depth: Depth
    literal: bool

    def holds_for_citizens(self, seen_from: Depth) -> bool:
        """Whether nobody at home could have gone there, when sent there by a page that lies at `seen_from`.

        A name may well mean another address inside an agency's network than outside; but not this very machine.
        """
        return self.depth > seen_from and (self.literal or self.depth >= Depth.MACHINE)

    @property
    def shown(self) -> str:
        """The host, with its port if that says something, and the address behind a name."""
        name = f"[{self.host}]" if ":" in self.host.strip("[]") and self.host[0] != "[" else self.host
        place = name if self.port in _USUAL_PORTS else f"{name}:{self.port}"
        return place if self.literal else f"{place} → {self.address}"


@dataclass(frozen=True, slots=True)
class Led:
    """The page that sent us somewhere: its address, and how far inside it lies itself."""

    page: str
    depth: Depth


class RefusedError(Exception):
    """An address that is not asked; carries the Refusal."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.shown)
        self.refusal = refusal


def permitted(owners: HostOwners, host: str, port: int, addresses: Sequence[Address]) -> Sequence[Address]:
    """Return those of the `addresses` of a host that may be connected to: all of a listed one, else the public ones.

    Raises:
        RefusedError: None of them may be.
    """
    if owners.lists(host, port) or not addresses:
        return addresses
    depths = [depth(str(where[0])) for _, where in addresses]
    public = [one for one, found in zip(addresses, depths, strict=True) if found is Depth.PUBLIC]
    if not public:
        address, found = str(addresses[0][1][0]), depths[0]
        raise RefusedError(Refusal(host, port, address, found, literal=is_literal(host)))
    return public


def concluded(refusal: Refusal, led: Led | None, owners: HostOwners) -> Conclusion:
    """Return what it means that a document was not asked for; `led` is None when checks.yaml itself sent us there.

    Only what holds for everybody at home accuses, and then whoever sent us.
    """
    if led is None:
        message = f"Địa chỉ nội bộ {refusal.shown} chỉ được đo khi checks.yaml nêu đúng máy chủ này trong hosts"
        return ours(AGENT, Reason.CONFIG, message)
    if refusal.holds_for_citizens(led.depth):
        message = f"Trang chuyển hướng tới địa chỉ nội bộ {refusal.shown}, người dân không tới được"
        return Conclusion(Verdict.FAILED, Reason.REDIRECT, message, owners.blame(led.page))
    message = (
        f"Trang chuyển hướng vào mạng nội bộ ({refusal.shown}); phép đo chỉ đi theo khi checks.yaml nêu đúng máy chủ "
        "này trong hosts"
    )
    return ours(AGENT, Reason.CONFIG, message)


def innermost(addresses: Sequence[Address]) -> Depth:
    """Return how far inside the innermost of the addresses lies."""
    return max((depth(str(where[0])) for _, where in addresses), default=Depth.PUBLIC)


def is_literal(host: str) -> bool:
    """Whether an address stands where a name would, or the one name that means this machine to everybody."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return host.rstrip(".").lower().rpartition(".")[2] == "localhost"
    return True
