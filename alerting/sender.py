"""Drains the outbox: sends what is due, tries again what could not be sent, gives up what never will be."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from alerting.notifiers.notifier import ChannelTrouble, MessageRefused, NotDelivered, Notifier
from checks.incident import Delivery
from checks.run import clean_message

FIRST_PAUSE: Final = timedelta(seconds=30)
LONGEST_PAUSE: Final = timedelta(hours=1)
GIVE_UP_AFTER: Final = timedelta(days=3)

_log = structlog.get_logger("alerting.sender")


class Outbox(Protocol):
    """The part of a store that the sender needs; `store.protocol.Store` has it."""

    async def due_mails(self, now: datetime, limit: int = 50) -> Sequence[Delivery]:
        """Return mails to send now, oldest first."""

    async def mail_sent(self, key: str, at: datetime) -> None:
        """Record that the mail was taken."""

    async def mail_failed(self, key: str, error: str, next_try_at: datetime | None) -> None:
        """Record a failed try; None gives the mail up."""


def pause_after(tries: int) -> timedelta:
    """Return how long to wait after `tries` earlier failures and one more: 30 s, 1 min, 2 min … 1 h."""
    doublings = min(tries, 16)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)


class Sender:
    """Empties an outbox through a notifier.

    A mail is recorded as sent right after the other side took it. Only a process that dies between the two
    sends it again, with the same Message-ID. If recording fails, the mail is remembered and only recorded.

    Args:
        outbox: where the mails are.
        notifier: how they leave.
        now: aware UTC clock.
        wake: set by whoever saved new mails.
        every_s: seconds after which the outbox is looked at unasked.
        redact: takes secrets out of error texts before they are stored or logged.
        outbox_errors: what the outbox raises when it is out of order; survived by `run`.
        sleep: pauses for seconds.
    """

    def __init__(
        self,
        outbox: Outbox,
        notifier: Notifier,
        *,
        now: Callable[[], datetime],
        wake: asyncio.Event,
        every_s: float = 15.0,
        redact: Callable[[str], str] = str,
        outbox_errors: tuple[type[Exception], ...] = (),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._outbox = outbox
        self._notifier = notifier
        self._now = now
        self._wake = wake
        self._every_s = every_s
        self._redact = redact
        self._outbox_errors = outbox_errors
        self._sleep = sleep
        self._taken: dict[str, datetime] = {}
        self._turn = asyncio.Lock()

    async def run(self) -> None:
        """Drain whenever woken and every `every_s`, until cancelled."""
        while True:
            self._wake.clear()
            try:
                await self.drain(self._now())
            except self._outbox_errors as error:
                _log.warning("outbox out of order", error=self._said(error))
            await self._pause()

    async def drain(self, now: datetime) -> int:
        """Try every mail that is due; return how many were taken.

        Ends early when the channel itself fails: the others stay due and are not tried in vain.
        """
        async with self._turn:
            sent = 0
            while due := await self._outbox.due_mails(now):
                for delivery in due:
                    try:
                        await self._hand_over(delivery, now)
                    except ChannelTrouble as error:
                        await self._failed(delivery, error, now)
                        return sent
                    except NotDelivered as error:
                        await self._failed(delivery, error, now)
                    else:
                        sent += 1
            return sent

    async def _hand_over(self, delivery: Delivery, now: datetime) -> None:
        mail = delivery.mail
        if mail.key not in self._taken:
            await self._notifier.send(mail)
            self._taken[mail.key] = now
        await self._outbox.mail_sent(mail.key, self._taken[mail.key])
        del self._taken[mail.key]
        _log.info("mail sent", incident=mail.incident, kind=mail.kind, tries=delivery.tries + 1)

    async def _failed(self, delivery: Delivery, error: NotDelivered, now: datetime) -> None:
        mail = delivery.mail
        for_good = isinstance(error, MessageRefused) or now - mail.created_at >= GIVE_UP_AFTER
        said = self._said(error)
        _log.warning(
            "mail given up" if for_good else "mail put off", incident=mail.incident, kind=mail.kind, error=said
        )
        await self._outbox.mail_failed(mail.key, said, None if for_good else now + pause_after(delivery.tries))

    def _said(self, error: Exception) -> str:
        return clean_message(self._redact(str(error)))

    async def _pause(self) -> None:
        waits: list[asyncio.Future[object]] = [
            asyncio.ensure_future(self._wake.wait()),
            asyncio.ensure_future(self._sleep(self._every_s)),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
