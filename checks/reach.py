"""What a check sends, and to whom: only registered hosts are asked, and no secret stands in the file."""

import re

from checks.config import AnyCheck, Target
from checks.model import DnsCheck, HttpCheck, TcpCheck, TlsCheck
from checks.owners import THIRD_PARTY, HostOwners
from checks.source import KeyPath, Source

_SECRET_HEADER = re.compile(
    r"authorization|cookie2?|(x-)?(api|auth|access|secret)[-_]?(key|token)|.*(password|passwd|secret).*", re.IGNORECASE
)
_SECRET = re.compile(r"\$\{(?:env|file):[^}]+\}")
_AROUND_SECRET = re.compile(r"([A-Za-z]+ )?([\w.-]+=)?")
_NOBODYS = "this host belongs to no system or dependency; add it to their `hosts`"


def check_request(source: Source, path: KeyPath, check: AnyCheck) -> None:
    """Report what no request can carry or show; `path` is the check's."""
    if not isinstance(check, HttpCheck):
        return
    for name, text in check.headers.items():
        if _is_secret_header(name) and _written_out(text):
            # The text itself is never repeated.
            source.report((*path, "headers", name), "must not be written out; use secret_headers with ${env:NAME}")
    if check.method == "HEAD":
        for key in ("body_contains", "body_absent", "body_matches"):
            if getattr(check.expect, key):
                source.report((*path, "expect", key), "an answer to HEAD has no body; use GET")


def _is_secret_header(name: str) -> bool:
    return _SECRET_HEADER.fullmatch(name.lower().removeprefix("proxy-")) is not None


def _written_out(text: str) -> bool:
    """Whether more stands there than a reference, with a scheme (`Bearer `) or a name (`sid=`) before it."""
    return not (_SECRET.search(text) and _AROUND_SECRET.fullmatch(_SECRET.sub("", text)))


def check_hosts(source: Source, path: KeyPath, target: Target[AnyCheck]) -> None:
    """Report a host that nobody answers for; `path` is the check's."""
    check, owners = target.check, target.owners
    if isinstance(check, HttpCheck) and owners.owner(check.url) == THIRD_PARTY:
        source.report((*path, "url"), _NOBODYS)
    elif isinstance(check, TlsCheck | TcpCheck) and _owner(owners, check.host, check.port) == THIRD_PARTY:
        source.report((*path, "host"), _NOBODYS)
    elif isinstance(check, DnsCheck) and not _has_name(owners, target.system.id, check.name):
        source.report(
            (*path, "name"), f"this name does not belong to system '{target.system.id}'; add it to its `hosts`"
        )


def _owner(owners: HostOwners, host: str, port: int) -> str:
    name = host.removesuffix(".")
    return owners.owner(f"//[{name}]:{port}" if ":" in name else f"//{name}:{port}")


def _has_name(owners: HostOwners, system: str, name: str) -> bool:
    """Whether `name` is a host of the system, at whatever port."""
    asked = name.removesuffix(".").lower()
    named = {key.partition(":")[0]: owner for key, owner in owners.owners.items() if owner == f"system:{system}"}
    return HostOwners(named).owner(f"//{asked}") != THIRD_PARTY
