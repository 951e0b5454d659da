"""One browser for all tests of this package; every test walks on portals of its own."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from checks.config import Target
from checks.journey import Step
from checks.model import BrowserCheck, BrowserSettings, Dependency
from checks.run import Finding
from checks.secrets import Secrets
from probes.browser import BrowserProbe, Chromium
from probes.probe import Proof
from tests import samples
from tests.probes.browser.portal import Portal, portal

Walker = Callable[..., Awaitable[Finding]]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All walks of this package share one event loop, because they share one browser."""
    here = Path(__file__).parent
    for item in items:
        if isinstance(item, pytest.Function) and item.path.is_relative_to(here) and iscoroutinefunction(item.function):
            item.add_marker(pytest.mark.asyncio(loop_scope="package"), append=False)


@pytest.fixture(scope="package")
def browser_settings() -> BrowserSettings:
    """Chromium refuses its sandbox to root; test_sandbox.py walks with it as somebody else."""
    return BrowserSettings(sandbox=os.geteuid() != 0)


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def chromium(browser_settings: BrowserSettings) -> AsyncIterator[Chromium]:
    async with Chromium(browser_settings, "dvcwatch/1 (+so-khcn@anbinh.example)") as browser:
        yield browser


@pytest.fixture
def secrets(tmp_path: Path) -> Secrets:
    return Secrets({"MAT_KHAU": "Chim-Hoàng-Yến-7781"}, tmp_path)


@pytest_asyncio.fixture(loop_scope="package")
async def site() -> AsyncIterator[Portal]:
    async with portal() as made:
        yield made


@pytest_asyncio.fixture(loop_scope="package")
async def outside() -> AsyncIterator[Portal]:
    """A second portal that belongs to a dependency: sign-on and CDN of these tests."""
    async with portal() as made:
        yield made


def a_target(
    site: Portal,
    steps: Sequence[dict[str, Any]],
    outside: Portal | None = None,
    environment: str = "test",
    always: Sequence[dict[str, Any]] = (),
    **fields: Any,
) -> Target[BrowserCheck]:
    """Put steps written as in checks.yaml into a check on `site`; `outside` is a sign-on dependency."""
    system = samples.SYSTEM.evolve(url=site.url, hosts=(site.host,), environment=environment)
    hosts = (outside.host,) if outside is not None else ("dinh-danh.example",)
    target = samples.target(
        samples.check(BrowserCheck, **({"journey": "di", "step_timeout": "5s"} | fields)),
        system=system,
        steps=[Step.model_validate(one) for one in steps],
        dependencies=[Dependency(id="dinh-danh", name="Định danh", hosts=hosts, sign_on=True)],
    )
    return replace(target, always=tuple(Step.model_validate(one) for one in always))


@pytest.fixture
def walk(chromium: Chromium, secrets: Secrets, site: Portal, outside: Portal) -> Walker:
    """Walk steps written as in checks.yaml on the test's own portals."""

    async def go(*steps: dict[str, Any], evidence: Path | None = None, trace: bool = False, **fields: Any) -> Finding:
        probe = BrowserProbe(chromium, secrets, sign_on=frozenset({"dinh-danh"}), folder=secrets.folder)
        return await probe.run(a_target(site, steps, outside, **fields), Proof(evidence, trace=trace))

    return go
