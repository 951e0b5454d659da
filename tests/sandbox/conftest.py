from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from sandbox.province import Province, Settings
from tests.sandbox.citizen import Citizen


@pytest.fixture
async def province(tmp_path: Path) -> AsyncIterator[Province]:
    async with Province(Settings(data=tmp_path, base_port=0)) as running:
        yield running


@pytest.fixture
async def citizen(province: Province) -> AsyncIterator[Citizen]:
    jar = aiohttp.CookieJar(unsafe=True)  # cookies of an IP address
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        yield Citizen(province, session)
