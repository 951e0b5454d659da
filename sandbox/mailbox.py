"""The province's mail: an SMTP server on the event loop, and the box in which every mail lands."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as SmtpSession

from sandbox.faults import FaultBoard

LIMIT = 500


@dataclass(frozen=True)
class Mail:
    """One mail as it arrived. `text` and `html` are "" when the mail has no such part."""

    id: int
    received_at: datetime
    sender: str
    recipients: tuple[str, ...]
    subject: str
    message_id: str
    text: str
    html: str
    raw: bytes

    def as_json(self) -> dict[str, Any]:
        """The mail as a JSON object, without its raw source."""
        return {
            "id": self.id,
            "received_at": self.received_at.isoformat(),
            "from": self.sender,
            "to": list(self.recipients),
            "subject": self.subject,
            "message_id": self.message_id,
            "text": self.text,
            "html": self.html,
            "size": len(self.raw),
        }


class Mailbox:
    """Every mail received, newest first; the oldest are forgotten beyond a limit.

    Args:
        now: aware time of arrival.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._mails: OrderedDict[int, Mail] = OrderedDict()
        self._last = 0
        self._arrived = asyncio.Condition()

    def mails(self) -> tuple[Mail, ...]:
        """All mails, newest first."""
        return tuple(reversed(self._mails.values()))

    def find(self, mail_id: int) -> Mail | None:
        """The mail of this id, or None."""
        return self._mails.get(mail_id)

    def clear(self) -> int:
        """Throw everything away; returns how many there were."""
        count = len(self._mails)
        self._mails.clear()
        return count

    async def keep(self, sender: str, recipients: tuple[str, ...], raw: bytes) -> Mail:
        """Store one mail and wake those who wait for it."""
        self._last += 1
        mail = parse_mail(self._last, self._now(), sender, recipients, raw)
        self._mails[mail.id] = mail
        while len(self._mails) > LIMIT:
            self._mails.popitem(last=False)
        async with self._arrived:
            self._arrived.notify_all()
        return mail

    async def wait_for(self, count: int) -> tuple[Mail, ...]:
        """Wait until at least `count` mails are in the box; the caller brings the time limit."""
        async with self._arrived:
            await self._arrived.wait_for(lambda: len(self._mails) >= count)
        return self.mails()


def parse_mail(mail_id: int, received_at: datetime, sender: str, recipients: tuple[str, ...], raw: bytes) -> Mail:
    """Read a raw message; what cannot be decoded is replaced, never refused."""
    message = message_from_bytes(raw, policy=policy.default)
    return Mail(
        id=mail_id,
        received_at=received_at,
        sender=sender,
        recipients=recipients,
        subject=str(message.get("Subject", "")),
        message_id=str(message.get("Message-ID", "")),
        text=part_text(message, "plain"),
        html=part_text(message, "html"),
        raw=raw,
    )


def part_text(message: EmailMessage, subtype: str) -> str:
    """The first text part of this subtype, or ""."""
    part = message.get_body(preferencelist=(subtype,))
    if part is None:
        return ""
    charset = part.get_content_charset("utf-8")
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    try:
        return payload.decode(charset, "replace")
    except LookupError:  # a charset that nobody knows
        return payload.decode("utf-8", "replace")


class PostOffice:
    """The SMTP side: takes mails unless a fault says no. Its method names are aiosmtpd's."""

    def __init__(self, mailbox: Mailbox, faults: FaultBoard) -> None:
        self._mailbox = mailbox
        self._faults = faults
        self._servers: list[SMTP] = []

    def connect(self) -> SMTP:
        """Protocol factory of the SMTP listener."""
        loop = asyncio.get_running_loop()
        server = SMTP(self, hostname="thu.anbinh.example", enable_SMTPUTF8=True, loop=loop)
        self._servers = [known for known in self._servers if known.transport is not None]
        self._servers.append(server)
        return server

    async def handle_RCPT(  # noqa: N802  the name is aiosmtpd's
        self, server: SMTP, session: SmtpSession, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient, or refuse it while `smtp_reject` is on."""
        del server, session, options
        if "smtp_reject" in self._faults.on_host("smtp"):
            return "550 5.7.1 Recipient refused by a practice fault"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: SmtpSession, envelope: Envelope) -> str:  # noqa: N802
        """Keep the mail."""
        del server, session
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        mail = await self._mailbox.keep(envelope.mail_from or "", tuple(envelope.rcpt_tos), content)
        return f"250 OK, kept as {mail.id}"

    async def disconnect(self) -> None:
        """End every conversation that is still going on."""
        tasks = [server._handler_coroutine for server in self._servers if server._handler_coroutine]  # noqa: SLF001  aiosmtpd offers no other way to wait
        for server in self._servers:
            if server.transport is not None:
                server.transport.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._servers = []
