"""A store, a post office and a clock for every test that sends."""

import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from store.open import open_store
from store.protocol import Store
from tests.alerting.post_office import PostOffice, free_socket
from tests.samples import NOON


@dataclass
class Clock:
    """A clock that stands still until it is told to go on."""

    at: datetime = NOON + timedelta(hours=1)

    def now(self) -> datetime:
        """Return the moment it shows."""
        return self.at

    def go(self, **span: float) -> datetime:
        """Go on by a timedelta given in its own words; return the new moment."""
        self.at += timedelta(**span)
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await open_store(str(tmp_path / "dvcwatch.db"))
    yield opened
    await opened.close()


@pytest.fixture
def office() -> PostOffice:
    return PostOffice()


@pytest.fixture
def owned() -> Iterator[socket.socket]:
    with free_socket() as owned:
        yield owned
