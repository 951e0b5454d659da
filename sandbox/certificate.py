"""The certificate authority of the practice province, and the certificates of its HTTPS site."""

import ssl
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

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
    context = _context(ca.issue_cert(*_names(host)))

    def choose(connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
        active = faults.on_host(HTTPS)
        connection.context = next((contexts[name] for name in contexts if name in active), contexts["good"])

    # The callback runs for every handshake, with a server name or without one.
    context.sni_callback = choose
    return context


def _names(host: str) -> tuple[str, ...]:
    return (host, "localhost", f"{HTTPS}.anbinh.example")


def _contexts(ca: trustme.CA, host: str, now: datetime) -> Mapping[str, ssl.SSLContext]:
    day, names = timedelta(days=1), _names(host)
    later = now + DAYS_VALID * day
    certificates = {
        "good": ca.issue_cert(*names, not_after=later),
        "cert_expired": ca.issue_cert(*names, not_before=now - DAYS_VALID * day, not_after=now - day),
        "cert_not_yet_valid": ca.issue_cert(*names, not_before=now + day, not_after=later),
        "cert_expiring": ca.issue_cert(*names, not_after=now + 3 * day),
        "cert_wrong_host": ca.issue_cert("khac.anbinh.example", not_after=later),
        "cert_unknown_ca": trustme.CA().issue_cert(*names, not_after=later),
        "cert_self_signed": _self_signed(host, now, later),
    }
    return {name: _context(certificate) for name, certificate in certificates.items()}


def _self_signed(host: str, now: datetime, until: datetime) -> trustme.LeafCert:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now.astimezone(UTC) - timedelta(days=1))
        .not_valid_after(until.astimezone(UTC))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
    return trustme.LeafCert(private, certificate.public_bytes(pem), [])


def _context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.options |= ssl.OP_NO_TICKET  # a resumed session would show no certificate at all
    certificate.configure_cert(context)
    return context
