"""What most tests of the agent begin with: the configuration of their module, and an empty store."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from checks.config import Config
from checks.load import load
from store.open import open_store
from store.sql import SqlStore


@pytest.fixture
def config(tmp_path: Path, request: pytest.FixtureRequest) -> Config:
    """The configuration that the test's module writes down as CHECKS."""
    path = tmp_path / "checks.yaml"
    path.write_text(request.module.CHECKS, encoding="utf-8")
    return load(path)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    """A store of the test's own."""
    opened = await open_store(f"sqlite:///{tmp_path}/dvcwatch.db")
    yield opened
    await opened.close()
