"""What every way out can do, and how it says that it could not."""

from typing import Protocol

from checks.incident import OutgoingMail


class NotDelivered(Exception):  # noqa: N818 - named by what happened, as its kinds are
    """The message did not get out; the text says why, in one line."""


class ChannelTrouble(NotDelivered):
    """The channel itself fails (unreachable, log-in or TLS refused, our address refused): try everything later."""


class MessageDelayed(NotDelivered):
    """This message was put off by the other side: try it later."""


class MessageRefused(NotDelivered):
    """This message will never be taken: do not try again."""


class Notifier(Protocol):
    """One way out."""

    async def send(self, mail: OutgoingMail) -> None:
        """Hand the message over; returns once the other side has taken it.

        Raises:
            NotDelivered: One of its three kinds.
        """
