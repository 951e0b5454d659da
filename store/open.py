"""Opening a store by its address."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from store.database import Database
from store.protocol import StoreError
from store.schema import prepare
from store.sql import SqlStore

_SQLITE = "sqlite:///"
_POSTGRESQL = frozenset({"postgresql", "postgres", "postgresql+psycopg"})


async def open_store(url: str) -> SqlStore:
    """Open the store at `url`, creating what is missing and migrating what is older.

    `url` is a path, `sqlite:///path` (both relative to the working folder unless absolute) or
    `postgresql://user:password@host/database`. The caller closes the store.

    Raises:
        StoreError: The address is not one of these, the database cannot be reached or written, is not ours, or was
            written by a newer version.
    """
    database = Database(_driver_url(url))
    try:
        async with database.write() as connection:
            await prepare(connection)
    except BaseException:
        await database.close()
        raise
    return SqlStore(database)


def _driver_url(url: str) -> URL:
    if url.startswith(_SQLITE):
        return _file(url.removeprefix(_SQLITE))
    if "://" not in url:
        return _file(url)
    kind = url.partition("://")[0]
    if kind not in _POSTGRESQL:
        raise StoreError(f"a store is a path, sqlite:///path or postgresql://…, not {kind}://")
    try:
        return make_url(url).set(drivername="postgresql+psycopg")
    except (SQLAlchemyError, ValueError):
        # Without the cause: its message repeats the address, password included.
        raise StoreError("the address of the store is not a PostgreSQL address") from None


def _file(path: str) -> URL:
    if path in ("", ":memory:"):
        raise StoreError("a store needs a file: sqlite:///path")
    file = Path(path)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"the folder of the store cannot be created: {error}") from error
    _look_into(file)
    return URL.create("sqlite+aiosqlite", database=str(file))


def _look_into(file: Path) -> None:
    # aiosqlite leaves a thread behind for a moment when it cannot open a file, which then writes a traceback into the
    # one clear message of a program that ends. Most of what can be wrong is found here without it.
    try:
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA schema_version").fetchone()
    except sqlite3.Error as error:
        raise StoreError(f"the store {file} failed: {error}") from error
