"""The post: mails from the outbox to the server that checks.yaml names, if it names one."""

import asyncio
from datetime import datetime

import structlog

from agent.clock import SystemClock
from alerting.notifiers.mail import MailNotifier
from alerting.notifiers.notifier import NotDelivered, Notifier
from alerting.sender import Sender
from checks.config import Config
from checks.incident import OutgoingMail
from checks.secrets import Secrets
from store.protocol import Store, StoreError

log = structlog.get_logger(__name__)


class CountedNotifier:
    """Hands mails on and counts what became of them."""

    def __init__(self, inner: Notifier) -> None:
        self.inner = inner
        self.sent = 0
        self.failed = 0

    async def send(self, mail: OutgoingMail) -> None:
        """Send through the inner notifier; raises what it raises."""
        try:
            await self.inner.send(mail)
        except NotDelivered:
            self.failed += 1
            raise
        self.sent += 1


class Post:
    """Drains the outbox through a server that may be named, or named otherwise, while the agent runs.

    `wake` is set when there is something new to send. Mails already written keep their receivers. When `alerts.mail`
    is taken away, what is in the outbox still goes the old way; nothing new is written.
    """

    def __init__(self, store: Store, secrets: Secrets, clock: SystemClock, config: Config) -> None:
        self.wake = asyncio.Event()
        self._store, self._secrets, self._clock = store, secrets, clock
        self._mails: CountedNotifier | None = None
        self._sender: Sender | None = None
        self._named = asyncio.Event()
        self.adopt(config)

    @property
    def sent(self) -> int:
        """Mails that a server took since the process started."""
        return self._mails.sent if self._mails is not None else 0

    @property
    def failed(self) -> int:
        """Tries that did not deliver since the process started."""
        return self._mails.failed if self._mails is not None else 0

    def adopt(self, config: Config) -> None:
        """Send by the server and in the name that `config` gives from the next mail on."""
        if config.alerts.mail is None:
            if self._mails is not None:
                log.warning("mail_settings_gone", hint="what is in the outbox is still sent as before")
            return
        name = f"dvcwatch – {config.settings.department}"
        notifier = MailNotifier(config.alerts.mail, self._secrets, name)
        if self._mails is not None:
            self._mails.inner = notifier
            return
        self._mails = CountedNotifier(notifier)
        self._sender = Sender(
            self._store,
            self._mails,
            now=self._clock.now,
            wake=self.wake,
            redact=self._secrets.redact,
            outbox_errors=(StoreError,),
            sleep=self._clock.sleep,
        )
        self._named.set()

    async def run(self) -> None:
        """Send until cancelled."""
        await self._named.wait()
        if self._sender is not None:
            await self._sender.run()

    async def drain(self, now: datetime) -> None:
        """Try what is due at `now` once. Raises StoreError."""
        if self._sender is not None:
            await self._sender.drain(now)
