"""Every shipped walk through the practice province: the engine's counts against the province's own."""

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, cast

import pytest
import pytest_asyncio

from checks.config import Config, Target
from checks.load import load
from checks.model import BrowserCheck
from checks.run import Finding, Verdict
from checks.secrets import Secrets
from probes.browser import BrowserProbe, Chromium
from sandbox.province import Province, Settings
from tests.sandbox.conftest import before_noon
from tests.shipped import ROOT, shipped_checks

# What the province cannot count: values given again (by eye, from the journey), clicks until the form is open.
BY_HAND = {
    "khai-sinh": (0, 7),
    "khai-sinh-binh-minh": (0, 7),
    "khai-sinh-di-dong": (0, 7),
    "khai-tu": (0, 7),
    "ket-hon": (0, 7),
    "chung-thuc-ban-sao": (0, 7),
    "tro-cap-xa-hoi": (0, 7),
    "trich-luc-ho-tich": (0, 7),
    "tinh-trang-hon-nhan": (0, 7),
    # The owner's name, her number (first typed to sign in) and her telephone.
    "giay-phep-xay-dung": (3, 7),
    "bien-dong-dat-dai": (0, 7),
    "ho-kinh-doanh": (0, 7),
    "dang-ky-dau-tu": (0, 7),
    "hanh-nghe-y": (0, 7),
    "chuyen-truong": (0, 7),
    "ly-lich-tu-phap": (0, 7),
    "giay-phep-lai-xe": (0, 8),
    "giay-phep-lai-xe-di-dong": (0, 8),
    "phan-anh-kien-nghi": (0, 1),
    "tra-cuu-tinh": (0, 0),
    "tra-cuu-xa": (0, 0),
}
WALKS = [name for name, target in load(ROOT / "checks.yaml").targets.items() if isinstance(target.check, BrowserCheck)]


@dataclass(frozen=True, slots=True)
class Walked:
    """One walk and what the province counted meanwhile, for the only visitor it had."""

    target: Target[BrowserCheck]
    found: Finding
    visitor: dict[str, int]


@dataclass(slots=True)
class Shipped:
    """The province, and the shipped checks as they stand on its ports."""

    province: Province
    config: Config
    probe: BrowserProbe

    async def walk(self, name: str) -> Walked:
        target = cast("Target[BrowserCheck]", self.config.targets[name])
        self.province.counters.reset()
        found = await self.probe.run(target)
        assert found.verdict in (Verdict.OK, Verdict.SLOW), found.message
        (visitor,) = self.province.counters.visitors.as_json()
        return Walked(target, found, visitor)


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def shipped(chromium: Chromium, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shipped]:
    folder = tmp_path_factory.mktemp("shipped")
    async with Province(Settings(data=folder / "province", base_port=0), now=before_noon) as province:
        config = load(shipped_checks(province, folder, only_walks))
        sign_on = frozenset(one.id for one in config.dependencies.values() if one.sign_on)
        probe = BrowserProbe(
            chromium, Secrets(os.environ, folder), sign_on, wall=lambda: province.world.now().timestamp()
        )
        yield Shipped(province, config, probe)


def only_walks(document: dict[str, Any]) -> dict[str, Any]:
    return document | {"checks": [check for check in document["checks"] if check["type"] == "browser"]}


def test_the_table_names_every_shipped_walk() -> None:
    assert sorted(BY_HAND) == sorted(WALKS)


@pytest.mark.parametrize("name", WALKS)
async def test_the_province_counts_what_the_engine_counts(shipped: Shipped, name: str) -> None:
    walked = await shipped.walk(name)
    ux, province = walked.found.ux, walked.visitor
    assert {
        "clicks": ux.clicks,
        "drags": ux.drags,
        "fields": ux.fields,
        "keystrokes": ux.keystrokes,
        "choices": ux.choices,
        "uploads": (ux.uploads, ux.uploads),
        "screens": ux.screens,
        "redirects": ux.redirects,
        "dialogs": ux.dialogs,
        "new_tabs": ux.new_tabs,
        "otp": ux.otp,
    } == {
        "clicks": province["clicks"],
        "drags": province["drags"],
        "fields": province["fields"],
        "keystrokes": province["keystrokes"],
        "choices": province["choices"],
        "uploads": (province["files"], province["uploads"]),
        "screens": province["documents"] + province["routes"],
        "redirects": province["redirects"],
        "dialogs": province["dialogs"],
        "new_tabs": province["new_tabs"],
        "otp": province["otps"],
    }
    assert (ux.re_entry, ux.clicks_to_find) == BY_HAND[name]
    assert ux.steps == len(walked.target.steps)
    assert province["submissions"] == (walked.target.check.depth == "L4")

    # Keystroke-level model of docs/measures.md, with the hand changes that the province saw.
    assert ux.forced_wait_s == pytest.approx(sum(step.ux.forced_wait_s for step in walked.found.steps))
    assert all(0 <= step.ux.forced_wait_s <= step.duration_s + step.observe_s for step in walked.found.steps)
    pointing = 1.2 * (ux.clicks + ux.drags)
    thought = 1.35 * (ux.steps + ux.choices)
    hands = 0.4 * province["hand_changes"]
    assert ux.handling_s == pytest.approx(0.28 * ux.keystrokes + pointing + hands + thought + ux.forced_wait_s)
