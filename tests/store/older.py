"""Makes a store look as an older version of the program left it."""

from sqlalchemy import text

from store.sql import SqlStore

_ADDED_BY = {
    "0003": tuple(f"ALTER TABLE runs DROP COLUMN {name}" for name in ("causes", "slowdown", "lag_ms")),
    "0002": ("DROP TABLE audits",),
}


async def take_back(store: SqlStore, schema: str) -> None:
    """Undo every step of the schema after `schema`, newest first, and close the store."""
    async with store._database.write() as connection:
        for step, undo in _ADDED_BY.items():
            for statement in undo if step > schema else ():
                await connection.execute(text(statement))
        await connection.execute(text("UPDATE schema_version SET version_num = :schema"), {"schema": schema})
    await store.close()
