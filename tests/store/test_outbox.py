from itertools import count

from checks.incident import Changes, OutgoingMail
from checks.run import Outcome
from store.protocol import Store
from tests.samples import NOON, run
from tests.store.values import MINUTE, mail

_MINUTES = count()
OTHERS = ("vnpt@anbinh.example", "so-khcn@anbinh.example")


async def put(store: Store, *mails: OutgoingMail) -> None:
    assert await store.save(Outcome(run=run(NOON + next(_MINUTES) * MINUTE)), Changes(mails=mails))


async def due(store: Store, minutes: int = 0) -> list[str]:
    return [delivery.mail.key for delivery in await store.due_mails(NOON + minutes * MINUTE)]


async def test_a_mail_is_due_until_a_server_took_it(store: Store) -> None:
    await put(store, mail())
    assert await due(store) == ["i-1.down"]
    assert await store.outbox_pending() == 1
    await store.mail_sent("i-1.down", NOON + MINUTE)
    assert await due(store, 60) == []
    assert await store.outbox_pending() == 0
    (delivery,) = await store.deliveries("i-1")
    assert (delivery.mail, delivery.tries, delivery.sent_at) == (mail(), 1, NOON + MINUTE)


async def test_the_same_mail_twice_is_sent_once_and_keeps_its_first_words(store: Store) -> None:
    await put(store, mail(), mail())
    await put(store, mail(subject="khác"))
    assert [delivery.mail for delivery in await store.due_mails(NOON)] == [mail()]


async def test_mails_come_oldest_first_and_no_more_than_asked(store: Store) -> None:
    await put(store, mail(incident="c"), mail(incident="b"), mail(incident="a", created_at=NOON - MINUTE))
    assert await due(store) == ["a.down", "c.down", "b.down"]
    assert [delivery.mail.key for delivery in await store.due_mails(NOON, limit=2)] == ["a.down", "c.down"]


async def test_a_failed_mail_waits_for_its_next_try(store: Store) -> None:
    await put(store, mail())
    await store.mail_failed("i-1.down", "451 \0 thử\nlại\ud800 sau", NOON + 5 * MINUTE)
    assert await due(store, 4) == []
    assert await due(store, 5) == ["i-1.down"]
    (delivery,) = await store.deliveries("i-1")
    assert (delivery.tries, delivery.next_try_at) == (1, NOON + 5 * MINUTE)
    assert delivery.last_error == "451 thử lại sau"
    assert await store.outbox_pending() == 1


async def test_a_mail_given_up_is_never_due_again(store: Store) -> None:
    await put(store, mail())
    await store.mail_failed("i-1.down", "550 no such user", None)
    assert await due(store, 60) == []
    assert await store.outbox_pending() == 0
    (delivery,) = await store.deliveries("i-1")
    assert (delivery.failed_for_good, delivery.next_try_at, delivery.sent_at) == (True, None, None)


async def test_an_up_mail_waits_until_its_down_mail_was_sent(store: Store) -> None:
    await put(store, mail("down"))
    await store.mail_failed("i-1.down", "timeout", NOON + 5 * MINUTE)
    await put(store, mail("up", created_at=NOON + MINUTE))
    assert await due(store, 1) == []
    assert await due(store, 5) == ["i-1.down"]
    assert await store.outbox_pending() == 2
    await store.mail_sent("i-1.down", NOON + 5 * MINUTE)
    assert await due(store, 5) == ["i-1.up"]
    assert [delivery.mail.kind for delivery in await store.deliveries("i-1")] == ["down", "up"]


async def test_an_up_mail_waits_for_its_own_receivers_and_incident_only(store: Store) -> None:
    await put(store, mail("down"), mail("down", key="2.down", to=OTHERS), mail("down", "i-2"))
    await put(store, mail("up"), mail("up", key="2.up", to=OTHERS[::-1]), mail("up", "i-2"))
    await store.mail_sent("2.down", NOON)
    assert await due(store) == ["i-1.down", "i-2.down", "2.up"]


async def test_nobody_hears_of_a_repair_whose_fault_they_were_never_told(store: Store) -> None:
    await put(store, mail("down"), mail("up"))
    await store.mail_failed("i-1.down", "550 no such user", None)
    await put(store, mail("up", key="later.up"), mail("up", key="others.up", to=OTHERS))
    assert await due(store, 60) == []
    assert await store.outbox_pending() == 0
    _, *ups = await store.deliveries("i-1")
    assert [(up.mail.key, up.failed_for_good, up.tries) for up in ups] == [
        ("i-1.up", True, 0),
        ("later.up", True, 0),
        ("others.up", True, 0),
    ]
    assert "never told" in ups[0].last_error


async def test_what_was_sent_stays_sent(store: Store) -> None:
    await put(store, mail())
    await store.mail_sent("i-1.down", NOON)
    await store.mail_sent("i-1.down", NOON + MINUTE)
    await store.mail_failed("i-1.down", "late", None)
    await store.mail_sent("unknown", NOON)
    await store.mail_failed("unknown", "x", None)
    (delivery,) = await store.deliveries("i-1")
    assert (delivery.sent_at, delivery.tries, delivery.failed_for_good) == (NOON, 1, False)
