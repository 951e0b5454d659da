"""The certificate authority of the practice province, and the certificates of its HTTPS site."""

import ssl
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import trustme

from sandbox.faults import FaultBoard
from sandbox.settings import HTTPS

DAYS_VALID = 90


def write_ca(ca: trustme.CA, data: Path) -> Path:
    """Write the CA's certificate to `data`/sandbox/ca.pem and return that path, absolute."""
    path = data.absolute() / "sandbox" / "ca.pem"
    path.parent.mkdir(parents=True, exist_ok=True)
    ca.cert_pem.write_to_path(str(path))
    return path


def server_context(ca: trustme.CA, host: str, faults: FaultBoard, now: Callable[[], datetime]) -> ssl.SSLContext:
    """A TLS context whose certificate follows the faults, connection by connection."""
    contexts = _contexts(ca, host, now())

    def choose(connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
        active = faults.on_host(HTTPS)
        wanted = next((name for name in ("cert_expired", "cert_wrong_host") if name in active), "good")
        connection.context = contexts[wanted]

    context = _context(ca.issue_cert(*_names(host)))
    # The callback runs for every handshake, with a server name or without one.
    context.sni_callback = choose
    return context


def _names(host: str) -> tuple[str, ...]:
    return (host, "localhost", f"{HTTPS}.anbinh.example")


def _contexts(ca: trustme.CA, host: str, now: datetime) -> Mapping[str, ssl.SSLContext]:
    day = timedelta(days=1)
    good = ca.issue_cert(*_names(host), not_after=now + DAYS_VALID * day)
    expired = ca.issue_cert(*_names(host), not_before=now - DAYS_VALID * day, not_after=now - day)
    wrong = ca.issue_cert("khac.anbinh.example", not_after=now + DAYS_VALID * day)
    return {"good": _context(good), "cert_expired": _context(expired), "cert_wrong_host": _context(wrong)}


def _context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.options |= ssl.OP_NO_TICKET  # a resumed session would show no certificate at all
    certificate.configure_cert(context)
    return context
