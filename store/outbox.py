"""The statements about mails waiting to be sent, and the story of their sending."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from checks.incident import Delivery, OutgoingMail
from checks.run import clean_message
from store.documents import read, written
from store.tables import OUTBOX, WAITING
from store.upsert import insert_into

_DOWN = OUTBOX.alias("down")
_NEVER_TOLD = "not sent: the receivers were never told that the incident began"


async def add_mails(connection: AsyncConnection, mails: Sequence[OutgoingMail]) -> None:
    """Put mails into the outbox in this order; one whose key is there already is left out."""
    if not mails:
        return
    statement = insert_into(connection, OUTBOX).on_conflict_do_nothing(index_elements=[OUTBOX.c.key])
    await connection.execute(statement, [_row(mail) for mail in mails])
    for incident in sorted({mail.incident for mail in mails}):
        await _give_up_untold(connection, incident)


def _row(mail: OutgoingMail) -> dict[str, Any]:
    return {
        "key": mail.key,
        "incident": mail.incident,
        "kind": mail.kind,
        "receivers": "\n".join(sorted(mail.to)),
        "created_at": mail.created_at,
        "tries": 0,
        "failed_for_good": False,
        "last_error": "",
        "document": written(mail),
    }


def _down_of_the_same(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether the `down` mail of the same incident to the same receivers meets the conditions."""
    return exists().where(
        _DOWN.c.kind == "down",
        _DOWN.c.incident == OUTBOX.c.incident,
        _DOWN.c.receivers == OUTBOX.c.receivers,
        *conditions,
    )


async def _give_up_untold(connection: AsyncConnection, incident: str) -> None:
    """Give up the incident's `up` mails whose `down` mail will never be sent: nobody may hear only of the repair."""
    # Locked, so that the giving up of the down mail and the arrival of the up mail cannot miss each other.
    down = select(OUTBOX.c.number).where(OUTBOX.c.incident == incident, OUTBOX.c.kind == "down")
    await connection.execute(down.order_by(OUTBOX.c.number).with_for_update())
    untold = ~_down_of_the_same(~_DOWN.c.failed_for_good)
    statement = update(OUTBOX).where(OUTBOX.c.incident == incident, OUTBOX.c.kind == "up", WAITING, untold)
    await connection.execute(statement.values(failed_for_good=True, next_try_at=None, last_error=_NEVER_TOLD))


async def due_mails(connection: AsyncConnection, now: datetime, limit: int) -> tuple[Delivery, ...]:
    """Return the mails to send now, oldest first."""
    told = _down_of_the_same(_DOWN.c.sent_at.is_not(None))
    statement = (
        _deliveries()
        .where(
            WAITING,
            or_(OUTBOX.c.next_try_at.is_(None), OUTBOX.c.next_try_at <= now),
            or_(OUTBOX.c.kind == "down", told),
        )
        .limit(limit)
    )
    return tuple(_delivery(row) for row in await connection.execute(statement))


async def deliveries(connection: AsyncConnection, incident_id: str) -> tuple[Delivery, ...]:
    """Return the mails of an incident, oldest first."""
    statement = _deliveries().where(OUTBOX.c.incident == incident_id)
    return tuple(_delivery(row) for row in await connection.execute(statement))


def _deliveries() -> Select[Any]:
    columns = OUTBOX.c["document", "tries", "next_try_at", "sent_at", "failed_for_good", "last_error"]
    return select(*columns).order_by(OUTBOX.c.created_at, OUTBOX.c.number)


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        mail=read(OutgoingMail, row.document),
        tries=row.tries,
        next_try_at=row.next_try_at,
        sent_at=row.sent_at,
        failed_for_good=row.failed_for_good,
        last_error=row.last_error,
    )


async def mail_sent(connection: AsyncConnection, key: str, at: datetime) -> None:
    """Record that a server took the mail; the first time counts."""
    statement = update(OUTBOX).where(OUTBOX.c.key == key, OUTBOX.c.sent_at.is_(None))
    await connection.execute(
        statement.values(tries=OUTBOX.c.tries + 1, sent_at=at, next_try_at=None, failed_for_good=False)
    )


async def mail_failed(connection: AsyncConnection, key: str, error: str, next_try_at: datetime | None) -> None:
    """Record a failed try of a mail that was not sent."""
    statement = update(OUTBOX).where(OUTBOX.c.key == key, OUTBOX.c.sent_at.is_(None)).returning(OUTBOX.c.incident)
    changed = await connection.execute(
        statement.values(
            tries=OUTBOX.c.tries + 1,
            next_try_at=next_try_at,
            failed_for_good=next_try_at is None,
            last_error=clean_message(error),
        )
    )
    incident = changed.scalar_one_or_none()
    if incident is not None and next_try_at is None:
        await _give_up_untold(connection, incident)


async def pending(connection: AsyncConnection) -> int:
    """Return how many mails are neither sent nor given up."""
    return (await connection.execute(select(func.count()).select_from(OUTBOX).where(WAITING))).scalar_one()
