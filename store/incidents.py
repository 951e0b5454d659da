"""The statements about alert states, transitions and incidents."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from checks.incident import AlertState, Incident, Transition
from store.documents import read, written
from store.tables import ALERT_STATES, INCIDENTS, TRANSITIONS
from store.upsert import insert_into


async def put_states(connection: AsyncConnection, states: Sequence[AlertState]) -> None:
    """Replace where these rules stand with these checks."""
    if not states:  # nearly always; making the statement alone takes as long as saving a run
        return
    statement = insert_into(connection, ALERT_STATES)
    upsert = statement.on_conflict_do_update(
        index_elements=[ALERT_STATES.c.rule, ALERT_STATES.c.check],
        set_={"document": statement.excluded.document},
    )
    rows = [{"rule": state.rule, "check": state.check, "document": written(state)} for state in states]
    await connection.execute(upsert, rows)


async def put_incidents(connection: AsyncConnection, incidents: Sequence[Incident]) -> None:
    """Insert these incidents, or replace what was known of them."""
    if not incidents:
        return
    statement = insert_into(connection, INCIDENTS)
    upsert = statement.on_conflict_do_update(
        index_elements=[INCIDENTS.c.id],
        set_={name: statement.excluded[name] for name in ("check", "opened_at", "ended_at", "document")},
    )
    rows = [
        {
            "id": incident.id,
            "check": incident.check,
            "opened_at": incident.opened_at,
            "ended_at": incident.ended_at,
            "document": written(incident),
        }
        for incident in incidents
    ]
    await connection.execute(upsert, rows)


async def add_transitions(connection: AsyncConnection, transitions: Sequence[Transition]) -> None:
    """Record these changes of state, in this order."""
    rows = [
        {"incident": transition.incident, "at": transition.at, "document": written(transition)}
        for transition in transitions
    ]
    if rows:
        await connection.execute(TRANSITIONS.insert(), rows)


async def alert_states(connection: AsyncConnection) -> tuple[AlertState, ...]:
    """Return every state, ordered by rule and check."""
    statement = select(ALERT_STATES.c.document).order_by(ALERT_STATES.c.rule, ALERT_STATES.c.check)
    return tuple(read(AlertState, document) for document in (await connection.execute(statement)).scalars())


async def incidents(
    connection: AsyncConnection, *, open_only: bool, check: str | None, limit: int
) -> tuple[Incident, ...]:
    """Return incidents, the newest opened first."""
    statement = select(INCIDENTS.c.document).order_by(INCIDENTS.c.opened_at.desc(), INCIDENTS.c.id).limit(limit)
    if open_only:
        statement = statement.where(INCIDENTS.c.ended_at.is_(None))
    if check is not None:
        statement = statement.where(INCIDENTS.c.check == check)
    return tuple(read(Incident, document) for document in (await connection.execute(statement)).scalars())


async def incident(connection: AsyncConnection, incident_id: str) -> Incident | None:
    """Return one incident; None if unknown."""
    statement = select(INCIDENTS.c.document).where(INCIDENTS.c.id == incident_id)
    document = (await connection.execute(statement)).scalar_one_or_none()
    return None if document is None else read(Incident, document)


async def transitions(connection: AsyncConnection, incident_id: str) -> tuple[Transition, ...]:
    """Return an incident's changes of state, oldest first."""
    statement = (
        select(TRANSITIONS.c.document)
        .where(TRANSITIONS.c.incident == incident_id)
        .order_by(TRANSITIONS.c.at, TRANSITIONS.c.number)
    )
    return tuple(read(Transition, document) for document in (await connection.execute(statement)).scalars())
