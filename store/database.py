"""One database under the store: connections, transactions, and errors in one language.

SQLite: every commit is on the disk before it is reported (WAL with synchronous=FULL). NORMAL would survive a killed
process but may forget the last commits when the power fails, and then a slot that was opened, or a mail that was
sent, is unknown at the next start. At a few commits a second the extra fsync costs nothing that matters.
"""

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

from sqlalchemy import URL, AsyncAdaptedQueuePool, Connection, event
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from store.protocol import StoreError, UnstorableError

_BUSY_MS = 10_000
_TRIES = 100
_BETWEEN_TRIES_S = 0.02
_PRAGMAS = (
    f"PRAGMA busy_timeout={_BUSY_MS}",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
)


class Database:
    """Connections to one SQLite file or one PostgreSQL database.

    `read` and `write` give a connection inside a transaction, which is committed when the block ends and rolled back
    when it raises, a cancellation included. A cancellation that arrives while the commit itself is under way may find
    it done.
    """

    def __init__(self, url: URL) -> None:
        self._name = _name(url)
        self._engine = _sqlite(url) if url.get_backend_name() == "sqlite" else _postgresql(url)
        self._reader, self._writer = _reader(self._engine), self._engine.execution_options(writes=True)
        # SQLite has one writer at a time: waiting in line here is fair and costs nothing, waiting in SQLite polls.
        self._turn = asyncio.Lock() if self._engine.dialect.name == "sqlite" else contextlib.nullcontext()
        self._closed = False

    @contextlib.asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection to which the database stands still, whatever others write meanwhile."""
        with self._errors():
            async with self._open(self._reader).begin() as connection:
                yield connection

    @contextlib.asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection whose changes become visible together, or not at all."""
        with self._errors():
            async with self._turn, self._open(self._writer).begin() as connection:
                yield connection
                # A cancellation asked for by now is delivered here, before the commit, rather than in its middle.
                await asyncio.sleep(0)

    async def close(self) -> None:
        """Close every connection."""
        self._closed = True
        with self._errors():
            await self._engine.dispose()

    def _open(self, engine: AsyncEngine) -> AsyncEngine:
        if self._closed:
            raise StoreError(f"the store {self._name} is closed")
        return engine

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (DataError, IntegrityError) as error:
            raise UnstorableError(f"the store {self._name} takes no such value: {_first_line(error.orig)}") from error
        except OverflowError as error:  # SQLite's driver
            raise UnstorableError(f"the store {self._name} takes no such value: {error}") from error
        except DBAPIError as error:
            raise StoreError(f"the store {self._name} failed: {_first_line(error.orig)}") from error
        except RuntimeError as error:
            if "start new thread" not in str(error):
                raise
            raise StoreError(f"the store {self._name} gets no thread for a connection") from error
        except (SQLAlchemyError, OSError) as error:
            raise StoreError(f"the store {self._name} failed: {_first_line(error)}") from error


def _name(url: URL) -> str:
    """Return what people call the database: never a password, which a URL may hold in two places."""
    return str(url.database) if url.get_backend_name() == "sqlite" else f"postgresql://{url.host or ''}/{url.database}"


def _first_line(error: BaseException | None) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _reader(engine: AsyncEngine) -> AsyncEngine:
    if engine.dialect.name == "sqlite":
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _sqlite(url: URL) -> AsyncEngine:
    # isolation_level None: sqlite3 starts no transaction by itself, so that ours begin as we say and hold DDL too.
    settings = {"isolation_level": None, "timeout": _BUSY_MS / 1000}
    engine = create_async_engine(url, connect_args=settings, poolclass=AsyncAdaptedQueuePool)
    event.listen(engine.sync_engine, "connect", _prepare)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        _execute(cursor, pragma)
    cursor.close()


def _execute(cursor: Any, pragma: str) -> None:
    """Set a pragma; while another process turns a new file to WAL, SQLite is busy at once despite busy_timeout."""
    for _ in range(_TRIES):
        try:
            cursor.execute(pragma)
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            time.sleep(_BETWEEN_TRIES_S)
        else:
            return
    cursor.execute(pragma)


def _begin(connection: Connection) -> None:
    # A reader that turns writer half-way is refused when another wrote meanwhile, so a writer says so at the start.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgresql(url: URL) -> AsyncEngine:
    # Keep-alives: a server that vanished without a word must not be waited for until the kernel gives up after hours.
    arguments = {
        "connect_timeout": 10,
        "application_name": "dvcwatch",
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 20_000,
    }
    given = {name: value for name, value in arguments.items() if name not in url.query}
    # Pre-ping: after a restart of the server the first use must not fail.
    return create_async_engine(url, connect_args=given, pool_pre_ping=True)
