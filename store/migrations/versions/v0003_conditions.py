"""How the agent was during each run, as columns, so that a day of runs is counted without reading their documents."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_WORDS = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the columns; runs closed before keep their values in their documents only."""
    op.add_column("runs", sa.Column("causes", _WORDS))
    op.add_column("runs", sa.Column("slowdown", sa.Double()))
    op.add_column("runs", sa.Column("lag_ms", sa.Integer()))
