"""Audits of shipped walks: what axe finds in the practice province against what the province got wrong on purpose."""

import os
from pathlib import Path
from typing import cast

import pytest

from checks.audit import Audited, AuditScreen
from checks.config import Target
from checks.load import load
from checks.model import BrowserCheck
from checks.secrets import Secrets
from probes.browser import BrowserProbe, Chromium
from sandbox.catalogue import SERVICES
from sandbox.catalogue.model import FormPage, Service
from sandbox.province import Province, Settings
from tests.sandbox.conftest import before_noon
from tests.shipped import shipped_checks

BY_ID = {service.id: service for service in SERVICES}
GOOD = ("khai-sinh", next(service.id for service in SERVICES if service.presentation == "framed"))
BARE = next(service.id for service in SERVICES if not service.quality.accessible)


async def audited(chromium: Chromium, folder: Path, service: str) -> Audited:
    async with Province(Settings(data=folder / "province", base_port=0), now=before_noon) as province:
        config = load(shipped_checks(province, folder, lambda document: only(document, service)))
        sign_on = frozenset(one.id for one in config.dependencies.values() if one.sign_on)
        probe = BrowserProbe(
            chromium, Secrets(os.environ, folder), sign_on, wall=lambda: province.world.now().timestamp()
        )
        return await probe.audit(cast("Target[BrowserCheck]", config.targets[service]), within_s=200)


def only(document: dict[str, object], service: str) -> dict[str, object]:
    checks = cast("list[dict[str, object]]", document["checks"])
    return document | {"checks": [check for check in checks if check["id"] == service]}


def unnamed(screen: AuditScreen) -> tuple[int, int]:
    """Return how many inputs, and how many lists, have no name."""
    counts = {one.rule: one.count for one in screen.violations}
    return counts.get("label", 0), counts.get("select-name", 0)


def without_label(page: FormPage) -> tuple[int, int]:
    """Return how many inputs, and how many lists, a page of bare controls shows; each radio button is one."""
    lists = sum(field.kind == "select" for field in page.fields)
    return sum(len(field.options) if field.kind == "radio" else field.kind != "select" for field in page.fields), lists


def forms_of(service: Service, seen: Audited) -> list[tuple[AuditScreen, FormPage]]:
    """Pair each page of the form with the screen that was it."""
    paths = {screen.url.rpartition("/")[2]: screen for screen in seen.screens}
    return [(paths[f"to-khai-{n}"], page) for n, page in enumerate(service.pages, 1)]


async def test_every_control_that_the_province_left_without_a_name_is_found(chromium: Chromium, tmp_path: Path) -> None:
    seen = await audited(chromium, tmp_path, BARE)
    assert seen.complete, seen.message
    for screen, page in forms_of(BY_ID[BARE], seen):
        assert unnamed(screen) == without_label(page), screen.step
        assert "color-contrast" in {one.rule for one in screen.violations}, screen.step


@pytest.mark.parametrize("service", GOOD)
async def test_a_form_that_names_everything_is_not_accused(chromium: Chromium, tmp_path: Path, service: str) -> None:
    seen = await audited(chromium, tmp_path, service)
    assert seen.complete, seen.message
    assert {unnamed(screen) for screen in seen.screens} == {(0, 0)}
