"""Reads the certificate a server showed, even one that was refused."""

import asyncio
import ssl
from datetime import UTC, datetime

from cryptography import x509

from checks.run import Certificate, clean_message
from probes.connection import Address, dial, encrypt
from probes.trust import without_verification
from probes.wording import date, days

_DAY_S = 86400.0


def utc_now() -> datetime:
    """Return the present moment by this machine's clock, aware."""
    return datetime.now(UTC)


def shown(encryption: ssl.SSLObject, now: datetime) -> Certificate | None:
    """Return the certificate the server showed on a verified line; None when it cannot be read."""
    return _read(encryption, trusted=True, now=now)


async def refused(address: Address, server_name: str, now: datetime, patience_s: float) -> Certificate | None:
    """Connect once more without verification, only to read the certificate that was refused.

    Returns:
        The certificate, or None when the server did not show a readable one within `patience_s`.
    """
    try:
        async with asyncio.timeout(patience_s):
            line = await dial([address])
            context = without_verification()
            transport, _ = await encrypt(line, asyncio.Protocol, context, server_name, 2 * patience_s)
    except OSError:  # the first handshake has told the fault; this one only adds its picture
        return None
    try:
        return _read(transport.get_extra_info("ssl_object"), trusted=False, now=now)
    finally:
        transport.abort()


def too_short(certificate: Certificate | None, wanted_s: float | None) -> str | None:
    """Say that less than `wanted_s` seconds are left to the certificate, if so."""
    if certificate is None or wanted_s is None or certificate.days_left * _DAY_S >= wanted_s:
        return None
    return f"Chứng thư số còn {days(certificate.days_left)}, dưới mức {days(wanted_s / _DAY_S)}"


def validity(certificate: Certificate) -> str:
    """Say from which day to which a certificate is valid."""
    return f"có giá trị từ {date(certificate.not_before)} đến {date(certificate.not_after)}"


def _read(encryption: ssl.SSLObject, *, trusted: bool, now: datetime) -> Certificate | None:
    try:
        der = encryption.getpeercert(binary_form=True)
        certificate = x509.load_der_x509_certificate(der or b"")
        not_after = certificate.not_valid_after_utc
        return Certificate(
            subject=clean_message(_subject(certificate)),
            issuer=clean_message(certificate.issuer.rfc4514_string()),
            not_before=certificate.not_valid_before_utc,
            not_after=not_after,
            days_left=(not_after - now).total_seconds() / _DAY_S,
            trusted=trusted,
        )
    except ValueError:  # what OpenSSL accepted, a stricter reader need not
        return None


def _subject(certificate: x509.Certificate) -> str:
    written = certificate.subject.rfc4514_string()
    if written:
        return written
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ""
    return ", ".join(str(name.value) for name in names)
