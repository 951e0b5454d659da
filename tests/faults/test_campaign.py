"""The fault campaign: a quick part of it, and what its page must hold. All of it: `make faults`."""

import re
from pathlib import Path

from tests.faults.campaign import run
from tests.faults.catalogue import FAULTS
from tests.faults.table import row

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
QUICK = {
    "refused-http", "black-hole-http", "short-http", "expired", "handshake-cut", "mute-names", "500-http",
    "503-later-http", "redirect-loop-http", "gzip-http", "captcha-http", "429-http", "slow-http", "few-files",
    "no-secret",
}  # fmt: skip


async def test_the_quick_part_of_the_campaign_accuses_and_explains_rightly(tmp_path: Path) -> None:
    chosen = [fault for fault in FAULTS if fault.id in QUICK]
    assert len(chosen) == len(QUICK)
    results = await run(chosen, tmp_path, lambda _: None)
    assert [(row(one), one.message) for one in results if not one.right] == []


def test_every_fault_has_an_id_of_its_own() -> None:
    assert len({fault.id for fault in FAULTS}) == len(FAULTS) >= 50


def test_the_page_of_the_campaign_holds_every_fault() -> None:
    listed = re.findall(r"^\| `([a-z0-9-]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted(fault.id for fault in FAULTS)
