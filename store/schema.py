"""Brings a database to the schema this program knows, or refuses it."""

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from store.protocol import StoreError

VERSION_TABLE = "schema_version"

# Any number will do as long as nobody else in the database uses it.
_MIGRATING = 0x64766377


async def prepare(connection: AsyncConnection) -> None:
    """Migrate the database behind `connection`, inside its transaction; other programs doing the same wait.

    Raises:
        StoreError: The schema is newer than this program, or the database cannot hold Vietnamese.
    """
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATING})
        encoding = (await connection.execute(text("SHOW server_encoding"))).scalar_one()
        if encoding != "UTF8":
            raise StoreError(f"the database keeps text as {encoding}; create one with ENCODING 'UTF8'")
    await connection.run_sync(_upgrade)


def _upgrade(connection: Connection) -> None:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "store:migrations")
    script = ScriptDirectory.from_config(config)
    known = {revision.revision for revision in script.walk_revisions()}
    present = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_heads()
    unknown = [head for head in present if head not in known]
    if unknown:
        newest = script.get_current_head()
        raise StoreError(
            f"the store was written by a newer dvcwatch (schema {unknown[0]}, this one knows up to {newest}); "
            "use that version, or another store"
        )
    if present != (script.get_current_head(),):
        command.upgrade(config, "head")
