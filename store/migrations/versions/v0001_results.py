"""Runs with their attempts, alert states, transitions, incidents, outbox."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Written out, not imported from store.tables: a step must stay what it was when the tables move on.
_WORDS = sa.String().with_variant(sa.String(collation="C"), "postgresql")
_MOMENT = sa.BigInteger()
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create everything."""
    _create_runs()
    _create_alerting()
    _create_outbox()


def _create_runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", _WORDS, primary_key=True),
        sa.Column("check", _WORDS, nullable=False),
        sa.Column("location", _WORDS, nullable=False),
        sa.Column("scheduled_at", _MOMENT, nullable=False),
        sa.Column("opened_at", _MOMENT, nullable=False),
        sa.Column("closed_at", _MOMENT),
        sa.Column("verdict", _WORDS),
        sa.Column("blame", _WORDS),
        sa.Column("reason", _WORDS),
        sa.Column("duration_s", sa.Double()),
        sa.Column("attempts", sa.Integer()),
        sa.Column("degraded", sa.Boolean()),
        sa.UniqueConstraint("check", "location", "scheduled_at", name="runs_one_per_slot"),
        sa.CheckConstraint("(closed_at IS NULL) = (verdict IS NULL)", name="runs_closed_with_a_verdict"),
    )
    op.create_index("runs_by_check", "runs", ["check", "scheduled_at", "location"])
    op.create_index("runs_by_time", "runs", ["scheduled_at"])
    still_open = sa.column("closed_at").is_(None)
    op.create_index(
        "runs_open", "runs", ["location", "scheduled_at"], sqlite_where=still_open, postgresql_where=still_open
    )
    op.create_table(
        "attempts",
        sa.Column("run", _WORDS, sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("place", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("document", _WORDS, nullable=False),
    )


def _create_alerting() -> None:
    op.create_table(
        "alert_states",
        sa.Column("rule", _WORDS, primary_key=True),
        sa.Column("check", _WORDS, primary_key=True),
        sa.Column("document", _WORDS, nullable=False),
    )
    op.create_table(
        "transitions",
        sa.Column("number", _NUMBER, primary_key=True),
        sa.Column("incident", _WORDS, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("document", _WORDS, nullable=False),
    )
    op.create_index("transitions_by_incident", "transitions", ["incident", "at"])
    op.create_table(
        "incidents",
        sa.Column("id", _WORDS, primary_key=True),
        sa.Column("check", _WORDS, nullable=False),
        sa.Column("opened_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT),
        sa.Column("document", _WORDS, nullable=False),
    )
    op.create_index("incidents_by_time", "incidents", ["opened_at"])
    op.create_index("incidents_by_check", "incidents", ["check", "opened_at"])


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("number", _NUMBER, primary_key=True),
        sa.Column("key", _WORDS, nullable=False, unique=True),
        sa.Column("incident", _WORDS, nullable=False),
        sa.Column("kind", _WORDS, nullable=False),
        sa.Column("receivers", _WORDS, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", _MOMENT),
        sa.Column("sent_at", _MOMENT),
        sa.Column("failed_for_good", sa.Boolean(), nullable=False),
        sa.Column("last_error", _WORDS, nullable=False),
        sa.Column("document", _WORDS, nullable=False),
    )
    op.create_index("outbox_by_incident", "outbox", ["incident", "number"])
    waiting = sa.column("sent_at").is_(None) & sa.not_(sa.column("failed_for_good", sa.Boolean()))
    op.create_index("outbox_waiting", "outbox", ["created_at"], sqlite_where=waiting, postgresql_where=waiting)
