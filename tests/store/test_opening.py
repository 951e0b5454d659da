import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from store.open import open_store
from store.protocol import StoreError
from store.schema import VERSION_TABLE
from store.sql import SqlStore
from store.tables import METADATA
from tests.postgres import PostgresServer
from tests.samples import run


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return list(compare_metadata(context, METADATA))


async def test_the_migrations_lead_from_nothing_to_the_tables_we_use(store: SqlStore) -> None:
    async with store._database.read() as connection:
        assert await connection.run_sync(differences) == []


async def test_a_store_opened_again_still_has_what_was_saved(store_url: str) -> None:
    for expected in (1, 0):
        store = await open_store(store_url)
        assert await store.save_many([run()]) == expected
        await store.close()


async def test_programs_that_open_a_new_store_at_the_same_time_all_succeed(store_url: str) -> None:
    stores = await asyncio.gather(*(open_store(store_url) for _ in range(8)))
    assert sum(await asyncio.gather(*(store.save_many([run()]) for store in stores))) == 1
    for store in stores:
        await store.close()


async def test_a_store_of_a_newer_version_is_refused_and_left_alone(store_url: str) -> None:
    store = await open_store(store_url)
    async with store._database.write() as connection:
        await connection.execute(text("UPDATE schema_version SET version_num = '9999'"))
    await store.close()
    with pytest.raises(StoreError, match=r"newer dvcwatch \(schema 9999, this one knows up to 0003\)"):
        await open_store(store_url)


async def test_a_migration_that_fails_half_way_leaves_nothing_behind(store_url: str) -> None:
    store = await open_store(store_url)
    async with store._database.write() as connection:
        for table in (*reversed(METADATA.sorted_tables), VERSION_TABLE):
            await connection.execute(text(f"DROP TABLE {table}"))
        await connection.execute(text("CREATE TABLE outbox (of_somebody_else INTEGER)"))
    await store.close()
    for _ in range(2):
        with pytest.raises(StoreError, match="outbox"):
            await open_store(store_url)
    async with store._database._engine.begin() as connection:
        assert await connection.run_sync(lambda c: inspect(c).get_table_names()) == ["outbox"]
    await store._database._engine.dispose()


async def test_a_closed_store_says_so(store: SqlStore) -> None:
    await store.close()
    with pytest.raises(StoreError, match="is closed"):
        await store.latest()
    with pytest.raises(StoreError, match="is closed"):
        await store.save_many([run()])


@pytest.mark.parametrize("form", ["{}", "sqlite:///{}"])
async def test_a_file_is_made_with_its_folder_wherever_the_path_points(tmp_path: Path, form: str) -> None:
    file = tmp_path / "dữ liệu 100%?#" / "a b.db"
    store = await open_store(form.format(file))
    await store.save_many([run()])
    await store.close()
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT count(*) FROM runs").fetchone() == (1,)


async def test_a_commit_to_a_file_waits_for_the_disk(tmp_path: Path) -> None:
    store = await open_store(str(tmp_path / "x.db"))
    async with store._database.write() as connection:
        settings = [
            (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
    await store.close()
    assert settings == ["wal", 2, 1, 10_000]


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://watch:s3cret@db/x", "not mysql://"),
        ("postgresql://watch:s3cret@db:port/x", "not a PostgreSQL address"),
        ("postgresql://watch:s3cret@127.0.0.1:1/x", "postgresql://127.0.0.1/x failed: .*refused"),
        ("postgresql:///x?host=127.0.0.1&port=1&password=s3cret", "postgresql:///x failed: .*refused"),
        ("sqlite:///:memory:", "needs a file"),
        ("sqlite:///", "needs a file"),
        ("", "needs a file"),
    ],
)
async def test_an_address_that_cannot_work_is_refused_without_repeating_its_password(url: str, message: str) -> None:
    with pytest.raises(StoreError, match=message) as refusal:
        await open_store(url)
    assert "s3cret" not in str(refusal.value)


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "notes.db"
    file.write_text("không phải cơ sở dữ liệu" * 100, encoding="utf-8")
    with pytest.raises(StoreError, match=r"notes\.db failed: file is not a database"):
        await open_store(str(file))


async def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file", encoding="utf-8")
    with pytest.raises(StoreError, match="folder of the store cannot be created"):
        await open_store(str(tmp_path / "data" / "x.db"))
    with pytest.raises(StoreError, match="unable to open database file"):
        await open_store(str(tmp_path))


async def test_a_database_that_cannot_hold_vietnamese_is_refused(postgres_server: PostgresServer) -> None:
    latin = "ENCODING 'LATIN1' LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0"
    with postgres_server.new_database(latin) as url, pytest.raises(StoreError, match="LATIN1"):
        await open_store(url)


async def test_connections_that_the_server_dropped_are_replaced(postgres_url: str) -> None:
    store, other = await open_store(postgres_url), await open_store(postgres_url)
    await asyncio.gather(*(store.latest() for _ in range(4)))
    async with other._database.write() as connection:
        await connection.execute(
            text(
                "SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    assert await asyncio.gather(*(store.latest() for _ in range(4))) == [{}] * 4
    await store.close()
    await other.close()
