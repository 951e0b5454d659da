"""An outbox entry as an e-mail: same entry, same bytes, so that a duplicate is recognisable as one."""

from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from hashlib import sha256
from typing import Literal

from checks.incident import OutgoingMail
from checks.run import clean_message


class _Policy(EmailPolicy):
    """Folds Subject and From as one run of encoded words each.

    The standard policy encodes word by word when it folds and loses the space between two of them.
    """

    def fold_binary(self, name: str, value: str) -> bytes:
        """Fold one header."""
        if name == "Subject":
            return self._line(name, str(value))
        if name == "From":
            (author,) = value.addresses  # type: ignore[attr-defined]  # an AddressHeader, which is a str
            return self._line(name, author.display_name, f" <{author.addr_spec}>")
        return super().fold_binary(name, value)

    def _line(self, name: str, text: str, rest: str = "") -> bytes:
        encoded = Header(text, "utf-8", header_name=name).encode(linesep=self.linesep)
        gap = self.linesep if len(encoded.splitlines()[-1]) + len(rest) + len(name) > _LINE else ""
        return f"{name}: {encoded}{gap}{rest}{self.linesep}".encode("ascii")


_LINE = 76
_POLICY = _Policy(linesep="\r\n", max_line_length=78)


def message_id(kind: Literal["down", "up"], incident: str, to: tuple[str, ...], sender: str) -> str:
    """Return the Message-ID of the mail of that kind about the incident to these receivers."""
    digest = sha256("\n".join((incident, *to)).encode()).hexdigest()[:32]
    return f"<{kind}.{digest}@{sender.rpartition('@')[2]}>"


def compose(mail: OutgoingMail, sender: str, display_name: str) -> EmailMessage:
    """Build the message: plain text with an HTML alternative, an all-clear in the thread of its alert.

    Control characters in the subject and the display name become spaces, so that neither can add a header.

    Raises:
        ValueError: An address cannot stand in a header.
    """
    own_id = message_id(mail.kind, mail.incident, mail.to, sender)
    message = EmailMessage(policy=_POLICY)
    message["From"] = Address(clean_message(display_name), addr_spec=sender)
    message["To"] = tuple(Address(addr_spec=address) for address in mail.to)
    message["Subject"] = clean_message(mail.subject)
    # The moment of the change, not of this try: a mail that had to wait tells when it was written.
    message["Date"] = mail.created_at
    message["Message-ID"] = own_id
    if mail.kind == "up":
        message["In-Reply-To"] = message["References"] = message_id("down", mail.incident, mail.to, sender)
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    message.set_boundary(f"=_{sha256(own_id.encode()).hexdigest()[:32]}")
    return message
