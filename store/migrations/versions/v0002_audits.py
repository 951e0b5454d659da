"""Audits of accessibility."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_WORDS = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the table of audits."""
    op.create_table(
        "audits",
        sa.Column("id", _WORDS, primary_key=True),
        sa.Column("check", _WORDS, nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("document", _WORDS, nullable=False),
    )
    op.create_index("audits_by_check", "audits", ["check", "started_at"])
