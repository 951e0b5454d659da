"""The fault campaign: a quick part of it. All of it: `make faults`."""

from pathlib import Path

from tests.faults.campaign import run
from tests.faults.catalogue import FAULTS
from tests.faults.table import row

QUICK = {
    "refused-http", "black-hole-http", "short-http", "expired", "handshake-cut", "mute-names", "500-http",
    "503-later-http", "redirect-loop-http", "gzip-http", "captcha-http", "429-http", "slow-http", "few-files",
    "no-secret",     "browser-missing",
}  # fmt: skip


async def test_the_quick_part_of_the_campaign_accuses_and_explains_rightly(tmp_path: Path) -> None:
    chosen = [fault for fault in FAULTS if fault.id in QUICK]
    assert len(chosen) == len(QUICK)
    results = await run(chosen, tmp_path, lambda _: None)
    assert [(row(one), one.message) for one in results if not one.right] == []


def test_every_fault_has_an_id_of_its_own() -> None:
    assert len({fault.id for fault in FAULTS}) == len(FAULTS) >= 50
