"""The outbox of a real store, drained to a real SMTP server."""

import asyncio
import socket
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from alerting.letters import Letters
from alerting.notifiers.mail import MailNotifier
from alerting.notifiers.notifier import Notifier
from alerting.sender import GIVE_UP_AFTER, Sender, pause_after
from checks.config import Config
from checks.incident import Delivery, OutgoingMail
from checks.model import Mail
from checks.run import Outcome, Run, Verdict
from checks.secrets import Secrets
from store.open import open_store
from store.protocol import Store, StoreError
from tests.alerting.conftest import Clock
from tests.alerting.letter_cases import walked
from tests.alerting.post_office import PostOffice, opened
from tests.alerting.province import SENDER, broken_walk, config, rule, slot_run

ADDRESSES = ("mot@anbinh.example", "hai@anbinh.example", "ba@anbinh.example")
DOWN = [broken_walk(1), broken_walk(2)]
UP = slot_run(3, Verdict.OK)


def notifier(owned: socket.socket) -> MailNotifier:
    settings = Mail(host="127.0.0.1", port=owned.getsockname()[1], security="none", sender=SENDER)
    return MailNotifier(settings, Secrets({}, Path()), "Giám sát dịch vụ công")


def sender(store: Store, owned: socket.socket, clock: Clock) -> Sender:
    return Sender(store, notifier(owned), now=clock.now, wake=asyncio.Event())


async def stored(store: Store, runs: Sequence[Run], a_config: Config | None = None) -> list[OutgoingMail]:
    """Save the runs with all they change; return the mails among that."""
    changes = walked(a_config or config(rule()), runs, Letters())
    for run, change in zip(runs, changes, strict=True):
        assert await store.save(Outcome(run=run), change)
    return [mail for change in changes for mail in change.mails]


async def delivery(store: Store, mail: OutgoingMail) -> Delivery:
    (found,) = [kept for kept in await store.deliveries(mail.incident) if kept.mail.key == mail.key]
    return found


async def test_an_incident_becomes_two_mails(
    store: Store, office: PostOffice, owned: socket.socket, clock: Clock
) -> None:
    await stored(store, [*DOWN, UP])
    async with opened(office, owned):
        assert await sender(store, owned, clock).drain(clock.now()) == 2
    assert [mail["Subject"].split(":")[0] for mail in office.mails] == ["[dvcwatch] HỎNG", "[dvcwatch] ĐÃ KHÔI PHỤC"]
    assert await store.outbox_pending() == 0


async def test_nothing_is_lost_while_the_server_is_away(
    store: Store, office: PostOffice, owned: socket.socket, clock: Clock
) -> None:
    (mail, _) = await stored(store, [*DOWN, UP])
    drained = sender(store, owned, clock)
    assert await drained.drain(clock.now()) == 0
    put_off = await delivery(store, mail)
    assert (put_off.tries, put_off.next_try_at) == (1, clock.now() + timedelta(seconds=30))
    assert "SMTPConnectError" in put_off.last_error
    async with opened(office, owned):
        assert await drained.drain(clock.now()) == 0
        assert await drained.drain(clock.go(seconds=30)) == 2
    assert len(office.sources) == 2


async def test_a_server_that_is_away_is_asked_once_a_round(store: Store, owned: socket.socket, clock: Clock) -> None:
    mails = await stored(store, DOWN, config(rule(to=ADDRESSES)))
    await sender(store, owned, clock).drain(clock.now())
    assert [(await delivery(store, mail)).tries for mail in mails] == [1, 0, 0]


async def test_a_mail_put_off_by_the_receiver_holds_nobody_up(
    store: Store, office: PostOffice, owned: socket.socket, clock: Clock
) -> None:
    await stored(store, DOWN, config(rule(to=ADDRESSES)))
    office.answers["RCPT"] = ["450 greylisted"]
    async with opened(office, owned):
        drained = sender(store, owned, clock)
        assert await drained.drain(clock.now()) == 2
        assert await drained.drain(clock.go(seconds=30)) == 1
    assert office.receivers == [["hai@anbinh.example"], ["ba@anbinh.example"], ["mot@anbinh.example"]]


async def test_a_refused_receiver_is_given_up_and_never_hears_only_of_the_repair(
    store: Store, office: PostOffice, owned: socket.socket, clock: Clock
) -> None:
    down, _, up, _ = await stored(store, [*DOWN, UP], config(rule(to=ADDRESSES[:2])))
    office.answers["RCPT"] = ["550 no such mailbox"]
    async with opened(office, owned):
        assert await sender(store, owned, clock).drain(clock.now()) == 2
    refused = await delivery(store, down)
    assert (refused.failed_for_good, refused.tries) == (True, 1)
    assert "550 no such mailbox" in refused.last_error
    assert (await delivery(store, up)).sent_at is None
    assert office.receivers == [["hai@anbinh.example"], ["hai@anbinh.example"]]
    assert await store.outbox_pending() == 0


async def test_the_repair_is_not_told_before_the_fault(
    store: Store, office: PostOffice, owned: socket.socket, clock: Clock
) -> None:
    await stored(store, [*DOWN, UP])
    office.answers["DATA"] = ["451 disk full"]
    async with opened(office, owned):
        drained = sender(store, owned, clock)
        assert await drained.drain(clock.now()) == 0
        assert office.sources == []
        assert await drained.drain(clock.go(minutes=1)) == 2


async def test_after_three_days_a_mail_is_given_up(store: Store, owned: socket.socket, clock: Clock) -> None:
    (mail,) = await stored(store, DOWN)
    drained = sender(store, owned, clock)
    clock.at = mail.created_at + GIVE_UP_AFTER - timedelta(minutes=1)
    await drained.drain(clock.now())
    assert not (await delivery(store, mail)).failed_for_good
    await drained.drain(clock.go(minutes=1))
    assert (await delivery(store, mail)).failed_for_good


def test_pauses_double_up_to_an_hour() -> None:
    assert [pause_after(tries).total_seconds() for tries in (0, 1, 2, 6, 7, 10_000)] == [30, 60, 120, 1920, 3600, 3600]


async def test_a_restart_sends_nothing_twice(
    tmp_path: Path, office: PostOffice, owned: socket.socket, clock: Clock
) -> None:
    address = str(tmp_path / "restarted.db")
    async with opened(office, owned):
        for runs in (DOWN, []):
            store = await open_store(address)
            await stored(store, runs)
            await sender(store, owned, clock).drain(clock.now())
            await store.close()
    assert len(office.sources) == 1


class Stumbling:
    """A store's outbox that cannot record the first mail sent."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._stumbles = 1
        self.due_mails = store.due_mails
        self.mail_failed = store.mail_failed

    async def mail_sent(self, key: str, at: datetime) -> None:
        if self._stumbles:
            self._stumbles -= 1
            raise StoreError("database is locked")
        await self._store.mail_sent(key, at)


async def test_a_mail_whose_sending_could_not_be_recorded_is_not_sent_again(
    store: Store, office: PostOffice, owned: socket.socket, clock: Clock
) -> None:
    (mail,) = await stored(store, DOWN)
    first_sent = clock.now()
    drained = Sender(Stumbling(store), notifier(owned), now=clock.now, wake=asyncio.Event())
    async with opened(office, owned):
        with pytest.raises(StoreError):
            await drained.drain(clock.now())
        await drained.drain(clock.go(minutes=5))
    assert len(office.sources) == 1
    assert (await delivery(store, mail)).sent_at == first_sent


async def test_secrets_are_not_kept_in_errors(
    store: Store, office: PostOffice, owned: socket.socket, clock: Clock
) -> None:
    (mail,) = await stored(store, DOWN)
    secrets = Secrets({"TOKEN": "chuoi-bi-mat"}, Path())
    secrets.resolve("${env:TOKEN}")
    office.answers["RCPT"] = ["550 chuoi-bi-mat is unknown"]
    masked = Sender(store, notifier(owned), now=clock.now, wake=asyncio.Event(), redact=secrets.redact)
    async with opened(office, owned):
        await masked.drain(clock.now())
    assert "chuoi-bi-mat" not in (await delivery(store, mail)).last_error


class Announcing:
    """Passes mails on and says so."""

    def __init__(self, inner: Notifier) -> None:
        self._inner = inner
        self.sent: asyncio.Queue[OutgoingMail] = asyncio.Queue()

    async def send(self, mail: OutgoingMail) -> None:
        await self._inner.send(mail)
        self.sent.put_nowait(mail)


class Pauses:
    """Sleeps until the test ends the sleep."""

    def __init__(self) -> None:
        self.begun: asyncio.Queue[float] = asyncio.Queue()
        self._over = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self.begun.put_nowait(seconds)
        self._over.clear()
        await self._over.wait()

    def end(self) -> None:
        self._over.set()


async def test_the_loop_wakes_when_told_and_by_itself_and_survives_a_store_out_of_order(
    store: Store, office: PostOffice, owned: socket.socket, clock: Clock
) -> None:
    wake, pauses, announced = asyncio.Event(), Pauses(), Announcing(notifier(owned))
    looped = Sender(
        Stumbling(store),
        announced,
        now=clock.now,
        wake=wake,
        every_s=7.0,
        outbox_errors=(StoreError,),
        sleep=pauses.sleep,
    )
    async with opened(office, owned):
        task = asyncio.create_task(looped.run())
        assert await pauses.begun.get() == 7.0
        await stored(store, DOWN)
        wake.set()
        assert (await announced.sent.get()).kind == "down"
        await pauses.begun.get()
        await stored(store, [broken_walk(10), broken_walk(11)])
        pauses.end()
        assert (await announced.sent.get()).kind == "down"
        await pauses.begun.get()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert len(office.sources) == 2
    assert await store.outbox_pending() == 0
