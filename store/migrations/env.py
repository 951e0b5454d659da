"""What Alembic runs for every command: migrate over the connection that `store.schema` hands in."""

from alembic import context

from store.schema import VERSION_TABLE
from store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
)
with context.begin_transaction():
    context.run_migrations()
