"""A real PostgreSQL for tests: one throw-away server per test session, one fresh database per test.

Use it from a `conftest.py`: `from tests.postgres import postgres_server, postgres_url`.
"""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg
import pytest

_HOW_TO_INSTALL = (
    "these tests need the PostgreSQL server programs (initdb, pg_ctl), found neither on PATH nor in "
    "/usr/lib/postgresql/*/bin; on Debian and Ubuntu: apt-get install postgresql; on Fedora: dnf install "
    "postgresql-server; on macOS: brew install postgresql"
)
# Durability is not what is tested here: a server that is stopped in a test had all its pages in the kernel.
_SETTINGS = {"listen_addresses": "", "fsync": "off", "shared_buffers": "32MB", "max_connections": "60"}


def _programs() -> Path:
    on_path = shutil.which("initdb")
    if on_path is not None:
        return Path(on_path).resolve().parent
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: path.parts[-3].zfill(4))
    if not found:
        pytest.fail(_HOW_TO_INSTALL, pytrace=False)
    return found[-1].parent


@dataclass(frozen=True)
class PostgresServer:
    """A running server that listens only on a socket in `folder`, so that no port can be taken."""

    folder: Path
    _control: Callable[..., None] = field(repr=False)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def url(self, database: str) -> str:
        """Return the address of a database of this server."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    @contextlib.contextmanager
    def new_database(self, options: str = "") -> Iterator[str]:
        """Create an empty database, give its address, drop it at the end."""
        name = f"test_{next(self._numbers)}"
        self._run(f'CREATE DATABASE "{name}" {options}')
        try:
            yield self.url(name)
        finally:
            self._run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def stop(self) -> None:
        """Stop the server as a power cut would."""
        self._control("-m", "immediate", "stop")

    def start(self) -> None:
        """Start it again."""
        self._control("start")

    def _run(self, sql: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.encode())


def _checked(command: list[str], folder: Path, user: str | None = None) -> None:
    groups: list[str] | None = [] if user else None
    done = subprocess.run(
        command, cwd=folder, user=user, group=user, extra_groups=groups, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"


def _unprivileged_user() -> str | None:
    """Return whom to run as when we are root, which PostgreSQL refuses; None to run as ourselves."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextlib.contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """Set up and start a server in a temporary folder; stop it and delete the folder at the end."""
    programs, user = _programs(), _unprivileged_user()
    # Not under pytest's own folder: that is closed to other users, and too long a path for a socket.
    folder = Path(tempfile.mkdtemp(prefix="dvcwatch-pg-"))
    data, log = folder / "data", folder / "log"
    settings = " ".join(f"-c {name}='{value}'" for name, value in _SETTINGS.items()) + f" -k {folder}"

    def control(*command: str) -> None:
        arguments = ["-D", str(data), "-w", "-l", str(log), "-o", settings]
        _checked([str(programs / "pg_ctl"), *arguments, *command], folder, user)

    try:
        if user:
            shutil.chown(folder, user)
        # Vietnamese order, as a province's server may have it: nothing of ours may depend on it.
        locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=vi"]
        initdb = [str(programs / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "--no-sync", *locale]
        _checked(initdb, folder, user)
        server = PostgresServer(folder, control)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The session's server."""
    with running_postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The address of an empty database of this test's own."""
    with postgres_server.new_database() as url:
        yield url
