"""A real SMTP server on a free port, whose answers a test decides."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

LOGIN = (b"dvcwatch", b"mat-khau-rat-kho")
WRONG_LOGIN = "535 5.7.8 %s is not the password"


class PostOffice:
    """Takes mails; answers RCPT and DATA from `answers` first, then with 250."""

    def __init__(self) -> None:
        self.sources: list[bytes] = []
        self.receivers: list[list[str]] = []
        self.encrypted: list[bool] = []
        self.users: list[Any] = []
        self.answers: dict[str, list[str]] = {"RCPT": [], "DATA": []}
        self.asked = 0

    @property
    def mails(self) -> list[EmailMessage]:
        """The mails taken so far, parsed."""
        return [message_from_bytes(source, EmailMessage, policy=policy.default) for source in self.sources]

    async def handle_RCPT(  # noqa: N802 - the server's name for it
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        self.asked += 1
        if self.answers["RCPT"]:
            return self.answers["RCPT"].pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the server's name for it
        self, _server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.answers["DATA"]:
            return self.answers["DATA"].pop(0)
        self.sources.append(envelope.original_content or b"")
        self.receivers.append(envelope.rcpt_tos)
        self.encrypted.append(session.ssl is not None)
        self.users.append(session.auth_data)
        return "250 taken"

    def login(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, said: LoginPassword
    ) -> AuthResult:
        """Let one user in; a wrong password is repeated in the refusal, as some servers do."""
        if (said.login, said.password) == LOGIN:
            return AuthResult(success=True, auth_data=said.login.decode())
        return AuthResult(success=False, handled=False, message=WRONG_LOGIN % said.password.decode())


def free_socket() -> socket.socket:
    """Return a socket that owns a port nobody listens on yet: a connection to it is refused."""
    owned = socket.socket()
    owned.bind(("127.0.0.1", 0))
    return owned


@asynccontextmanager
async def opened(
    office: PostOffice,
    owned: socket.socket,
    *,
    tls: ssl.SSLContext | None = None,
    implicit: bool = False,
    auth: bool = False,
) -> AsyncIterator[None]:
    """Let the office answer on the socket until the block ends; `tls` for STARTTLS, or from the start."""
    login: Mapping[str, Any] = {"authenticator": office.login, "auth_required": True} if auth else {}
    upgrade = None if implicit else tls

    def connection() -> SMTP:
        return SMTP(office, hostname="thu.anbinh.example", tls_context=upgrade, require_starttls=bool(upgrade), **login)

    loop = asyncio.get_running_loop()
    server = await loop.create_server(connection, sock=owned, ssl=tls if implicit else None)
    try:
        yield
    finally:
        server.close()
