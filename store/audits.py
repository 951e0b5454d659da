"""The statements about audits of accessibility."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from checks.audit import Audit
from store.documents import read, written
from store.tables import AUDITS
from store.upsert import insert_into


async def add(connection: AsyncConnection, audit: Audit) -> bool:
    """Insert an audit; False when it is there already."""
    row = {
        "id": audit.id,
        "check": audit.check,
        "started_at": audit.started_at,
        "complete": audit.complete,
        "document": written(audit),
    }
    statement = insert_into(connection, AUDITS).on_conflict_do_nothing().returning(AUDITS.c.id)
    return (await connection.execute(statement, [row])).scalar_one_or_none() is not None


async def newest(
    connection: AsyncConnection,
    checks: Sequence[str] | None,
    *,
    since: datetime | None,
    until: datetime | None,
    complete: bool,
) -> Mapping[str, Audit]:
    """Return check id -> its newest audit with since <= started_at < until."""
    wanted: list[ColumnElement[bool]] = []
    if checks is not None:
        wanted.append(AUDITS.c.check.in_(checks))
    if since is not None:
        wanted.append(AUDITS.c.started_at >= since)
    if until is not None:
        wanted.append(AUDITS.c.started_at < until)
    if complete:
        wanted.append(AUDITS.c.complete)
    place = func.row_number().over(
        partition_by=AUDITS.c.check, order_by=[AUDITS.c.started_at.desc(), AUDITS.c.id.desc()]
    )
    ranked = select(AUDITS.c.id, place.label("place")).where(*wanted).subquery()
    ids = select(ranked.c.id).where(ranked.c.place == 1)
    statement = select(AUDITS.c.document).where(AUDITS.c.id.in_(ids)).order_by(AUDITS.c.check)
    audits = [read(Audit, document) for document in (await connection.execute(statement)).scalars()]
    return {audit.check: audit for audit in audits}


async def prune(connection: AsyncConnection, before: datetime) -> None:
    """Delete audits begun before the moment."""
    await connection.execute(delete(AUDITS).where(AUDITS.c.started_at < before))
