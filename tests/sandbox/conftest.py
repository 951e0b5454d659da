from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import aiohttp
import pytest

from sandbox.pace import LOCAL_TIME
from sandbox.province import Province, Settings
from tests.sandbox.citizen import Citizen


def before_noon() -> datetime:
    """Today at an hour in which nothing is flaky: what a test sees must not depend on when it runs."""
    return datetime.now(LOCAL_TIME).replace(hour=11)


@pytest.fixture
async def province(tmp_path: Path) -> AsyncIterator[Province]:
    async with Province(Settings(data=tmp_path, base_port=0), now=before_noon) as running:
        yield running


@pytest.fixture
async def citizen(province: Province) -> AsyncIterator[Citizen]:
    jar = aiohttp.CookieJar(unsafe=True)  # cookies of an IP address
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        yield Citizen(province, session)
