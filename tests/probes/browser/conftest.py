"""One browser for each test that walks, on portals of its own."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from checks.journey import Step
from checks.model import BrowserCheck, BrowserSettings, Dependency
from checks.run import Finding
from checks.secrets import Secrets
from probes.browser import BrowserProbe, Chromium
from tests import samples
from tests.probes.browser.portal import Portal, portal

Walker = Callable[..., Awaitable[Finding]]


@pytest.fixture
def browser_settings() -> BrowserSettings:
    """Chromium refuses its sandbox to root; test_sandbox.py walks with it as somebody else."""
    return BrowserSettings(sandbox=os.geteuid() != 0)


@pytest.fixture
async def chromium(browser_settings: BrowserSettings) -> AsyncIterator[Chromium]:
    async with Chromium(browser_settings, "dvcwatch/1 (+so-khcn@anbinh.example)") as browser:
        yield browser


@pytest.fixture
def secrets(tmp_path: Path) -> Secrets:
    return Secrets({"MAT_KHAU": "Chim-Hoàng-Yến-7781"}, tmp_path)


@pytest.fixture
async def site() -> AsyncIterator[Portal]:
    async with portal() as made:
        yield made


@pytest.fixture
async def outside() -> AsyncIterator[Portal]:
    """A second portal that belongs to a dependency: sign-on and CDN of these tests."""
    async with portal() as made:
        yield made


@pytest.fixture
def walk(chromium: Chromium, secrets: Secrets, site: Portal, outside: Portal) -> Walker:
    """Walk steps written as in checks.yaml, `/path` meaning the test's own portal."""

    async def go(
        *steps: dict[str, Any], evidence: Path | None = None, environment: str = "test", **fields: Any
    ) -> Finding:
        system = samples.SYSTEM.evolve(url=site.url, hosts=(site.host,), environment=environment)
        dependency = Dependency(id="dinh-danh", name="Định danh", hosts=(outside.host,), sign_on=True)
        check = samples.check(BrowserCheck, **({"journey": "di", "step_timeout": "5s"} | fields))
        target = samples.target(
            check, system=system, steps=[Step.model_validate(step) for step in steps], dependencies=[dependency]
        )
        probe = BrowserProbe(chromium, secrets, sign_on=frozenset({"dinh-danh"}))
        return await probe.run(target, evidence)

    return go
