"""A certificate authority of our own, and server certificates good and bad."""

import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme

NOW = datetime.now(UTC)


@dataclass
class Authority:
    """Signs server certificates; `ca_file` holds its own, in `folder`."""

    folder: Path
    _ca: trustme.CA = field(default_factory=trustme.CA)

    @property
    def ca_file(self) -> str:
        self.folder.mkdir(exist_ok=True)
        self._ca.cert_pem.write_to_path(str(self.folder / "ca.pem"))
        return "ca.pem"

    def server(
        self,
        name: str = "127.0.0.1",
        *,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
        key_type: str = "ECDSA",
    ) -> ssl.SSLContext:
        """Return the context of a server whose certificate is for `name`."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._ca.issue_cert(
            name,
            not_before=not_before or NOW - timedelta(days=10),
            not_after=not_after or NOW + timedelta(days=90),
            key_type=trustme.KeyType[key_type],
        ).configure_cert(context)
        return context
