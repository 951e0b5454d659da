"""Mail over SMTP."""

import asyncio
import ssl
from dataclasses import dataclass
from email.errors import MessageError

import aiosmtplib

from alerting.notifiers.message import compose
from alerting.notifiers.notifier import ChannelTrouble, MessageDelayed, MessageRefused, NotDelivered
from checks.errors import SecretError
from checks.incident import OutgoingMail
from checks.model import Mail
from checks.secrets import Secrets

_PERMANENT = 500


@dataclass(frozen=True, slots=True)
class MailNotifier:
    """Sends through the SMTP server of `alerts.mail`, one connection a message.

    A refusal is for good only when the server answers 5xx to the receiver or to the message itself. Everything
    that somebody can mend on our side (password, certificate, sender address, greeting) is trouble of the
    channel: the message is kept.

    Attributes:
        display_name: who the mail comes from, for people.
        timeout_s: seconds for each exchange with the server; a whole delivery may take four times that.
        tls: whom to trust; the machine's own list when None.
    """

    settings: Mail
    secrets: Secrets
    display_name: str
    timeout_s: float = 20.0
    tls: ssl.SSLContext | None = None

    async def send(self, mail: OutgoingMail) -> None:
        """Hand `mail` to the server; see `Notifier.send`."""
        try:
            message = compose(mail, self.settings.sender, self.display_name).as_bytes()
        except (ValueError, MessageError) as error:
            raise MessageRefused(f"cannot be written as a mail: {error}") from error
        try:
            async with asyncio.timeout(4 * self.timeout_s):
                await self._hand_over(message, mail.to)
        except SecretError as error:
            raise ChannelTrouble(str(error)) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise _meaning(error) from error

    async def _hand_over(self, message: bytes, to: tuple[str, ...]) -> None:
        await aiosmtplib.send(
            message,
            sender=self.settings.sender,
            recipients=to,
            hostname=self.settings.host,
            port=self.settings.port,
            username=self._revealed(self.settings.username),
            password=self._revealed(self.settings.password),
            # The machine's full name would be asked of a resolver, which may be what is down.
            local_hostname=self.settings.sender.rpartition("@")[2],
            timeout=self.timeout_s,
            use_tls=self.settings.security == "tls",
            start_tls=self.settings.security == "starttls",
            tls_context=self.tls,
        )

    def _revealed(self, text: str | None) -> str | None:
        return None if text is None else self.secrets.resolve(text)


def _meaning(error: aiosmtplib.SMTPException | OSError) -> NotDelivered:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        codes = [refused.code for refused in error.recipients]
        said = "; ".join(f"{refused.code} {refused.message}" for refused in error.recipients)
        return _answered(min(codes), f"receiver refused: {said}")
    if isinstance(error, aiosmtplib.SMTPDataError):
        return _answered(error.code, f"message refused: {error.code} {error.message}")
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return ChannelTrouble(f"{type(error).__name__}: {error.code} {error.message}")
    return ChannelTrouble(f"{type(error).__name__}: {error}")


def _answered(code: int, said: str) -> NotDelivered:
    return MessageRefused(said) if code >= _PERMANENT else MessageDelayed(said)
