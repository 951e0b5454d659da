"""The tables as the newest migration leaves them; a test holds the two together.

A fact that is searched or counted is a column; the whole value is kept beside it as its JSON document. The
documents of runs live in `attempts`, apart from `runs`, so that counting a month reads narrow rows only.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    UniqueConstraint,
    not_,
)

from store.columns import Moment, Words

METADATA = MetaData()

# SQLite numbers rows by itself only in a column declared exactly INTEGER.
_NUMBER = BigInteger().with_variant(Integer, "sqlite")

RUNS = Table(
    "runs",
    METADATA,
    Column("id", Words, primary_key=True),
    Column("check", Words, nullable=False),
    Column("location", Words, nullable=False),
    Column("scheduled_at", Moment, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("closed_at", Moment),
    Column("verdict", Words),
    Column("blame", Words),
    Column("reason", Words),
    Column("duration_s", Double),
    Column("attempts", Integer),
    Column("degraded", Boolean),
    Column("causes", Words),
    Column("slowdown", Double),
    Column("lag_ms", Integer),
    UniqueConstraint("check", "location", "scheduled_at", name="runs_one_per_slot"),
    CheckConstraint("(closed_at IS NULL) = (verdict IS NULL)", name="runs_closed_with_a_verdict"),
)
Index("runs_by_check", RUNS.c.check, RUNS.c.scheduled_at, RUNS.c.location)
Index("runs_by_time", RUNS.c.scheduled_at)
_OPEN = RUNS.c.closed_at.is_(None)
Index("runs_open", RUNS.c.location, RUNS.c.scheduled_at, sqlite_where=_OPEN, postgresql_where=_OPEN)

# `place` 0 is the attempt that counts, 1, 2, … are the earlier ones in order. It is counted here rather than taken
# from the run: two attempts that carry the same number must not cost the slot its row.
ATTEMPTS = Table(
    "attempts",
    METADATA,
    Column("run", Words, ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("document", Words, nullable=False),
)

AUDITS = Table(
    "audits",
    METADATA,
    Column("id", Words, primary_key=True),
    Column("check", Words, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("document", Words, nullable=False),
)
Index("audits_by_check", AUDITS.c.check, AUDITS.c.started_at)

ALERT_STATES = Table(
    "alert_states",
    METADATA,
    Column("rule", Words, primary_key=True),
    Column("check", Words, primary_key=True),
    Column("document", Words, nullable=False),
)

# No foreign keys from here on: runs are pruned while incidents stay, and a message whose incident were missing
# through a fault of ours must still go out rather than roll its run back.
TRANSITIONS = Table(
    "transitions",
    METADATA,
    Column("number", _NUMBER, primary_key=True),
    Column("incident", Words, nullable=False),
    Column("at", Moment, nullable=False),
    Column("document", Words, nullable=False),
)
Index("transitions_by_incident", TRANSITIONS.c.incident, TRANSITIONS.c.at)

INCIDENTS = Table(
    "incidents",
    METADATA,
    Column("id", Words, primary_key=True),
    Column("check", Words, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("document", Words, nullable=False),
)
Index("incidents_by_time", INCIDENTS.c.opened_at)
Index("incidents_by_check", INCIDENTS.c.check, INCIDENTS.c.opened_at)

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("number", _NUMBER, primary_key=True),
    Column("key", Words, nullable=False, unique=True),
    Column("incident", Words, nullable=False),
    Column("kind", Words, nullable=False),
    Column("receivers", Words, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_try_at", Moment),
    Column("sent_at", Moment),
    Column("failed_for_good", Boolean, nullable=False),
    Column("last_error", Words, nullable=False),
    Column("document", Words, nullable=False),
)
WAITING = OUTBOX.c.sent_at.is_(None) & not_(OUTBOX.c.failed_for_good)
"""The mails that are neither sent nor given up."""
Index("outbox_by_incident", OUTBOX.c.incident, OUTBOX.c.number)
Index("outbox_waiting", OUTBOX.c.created_at, sqlite_where=WAITING, postgresql_where=WAITING)
