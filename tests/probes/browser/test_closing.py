"""What always follows a walk: done whatever happened, guarded, bounded, told apart and never held against anyone."""

import asyncio
import signal
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from checks.run import Finding, Reason, UxCounts, Verdict
from tests.probes.browser.conftest import Walker
from tests.probes.browser.portal import Portal, hang, html, step
from tests.probes.browser.processes import children

_OUT = step("Đăng xuất", {"click": {"role": "button", "name": "Đăng xuất"}}, until={"text": "Đã ra"})
_PAGE = "<h1>Trang chủ</h1><button onclick=\"location = '/ra'\">Đăng xuất</button>"


def _open(site: Portal, **until: str) -> dict[str, Any]:
    return step("Mở", {"goto": site.url + "/"}, until=until or {"text": "Trang chủ"})


def _after(found: Finding) -> list[tuple[str, Verdict]]:
    return [(one.name, one.verdict) for one in found.after]


@pytest.fixture(autouse=True)
def pages(site: Portal) -> None:
    site.pages |= {"/": _PAGE, "/ra": "<h1>Đã ra</h1>"}


async def test_what_always_follows_a_walk_is_done_and_told_apart(walk: Walker, site: Portal) -> None:
    left = asyncio.Event()

    async def slow(_request: web.Request) -> web.Response:
        await asyncio.sleep(0.7)
        left.set()
        return html("<h1>Đã ra</h1>")

    site.pages["/ra"] = slow
    found = await walk(_open(site), always=[_OUT])
    assert left.is_set()
    assert found.verdict is Verdict.OK, found.message
    assert _after(found) == [("Đăng xuất", Verdict.OK)]
    assert found.after[0].duration_s > 0.7
    assert found.duration_s < 0.7
    assert [one.name for one in found.steps] == ["Mở"]
    assert found.ux == found.steps[0].ux
    assert (found.ux.clicks, found.ux.screens, found.ux.steps) == (0, 1, 1)


async def test_it_follows_a_failure_whose_proof_is_collected_before(walk: Walker, site: Portal, tmp_path: Path) -> None:
    found = await walk(
        _open(site, text="Không có"), step("Sau", {"press": {"key": "A"}}), always=[_OUT],
        evidence=tmp_path, step_timeout="1s",
    )  # fmt: skip
    assert (found.verdict, found.reason, found.blame) == (Verdict.FAILED, Reason.ASSERTION, "system")
    assert [one.verdict for one in found.steps] == [Verdict.FAILED, Verdict.SKIPPED]
    assert _after(found) == [("Đăng xuất", Verdict.OK)]
    assert "Trang chủ" in (tmp_path / "dom.txt").read_text(encoding="utf-8")
    assert {proof.kind for proof in found.evidence} >= {"screenshot", "dom"}


async def test_each_step_of_it_is_done_and_none_is_held_against_anyone(walk: Walker, site: Portal) -> None:
    site.pages["/loi"] = "<script>alert('Đã xoá')</script><p>Hỏng</p>"
    clean = step("Dọn", {"goto": site.url + "/loi"}, until={"text": "Đã dọn"}, timeout="500ms")
    found = await walk(_open(site), always=[clean, step("Về", {"goto": site.url + "/"}), _OUT])
    assert (found.verdict, found.blame, found.reason) == (Verdict.OK, "none", None)
    assert _after(found) == [("Dọn", Verdict.FAILED), ("Về", Verdict.OK), ("Đăng xuất", Verdict.OK)]
    assert found.after[0].message.startswith("trang không hiện chữ “Đã dọn”")
    assert (found.ux.dialogs, found.vitals.console_errors) == (0, 0)


async def test_nothing_is_filed_in_it(walk: Walker, site: Portal) -> None:
    site.pages["/"] = _PAGE + "<form method=post action=/nop><button>Nộp hồ sơ</button></form>"
    file = step("Nộp", {"click": {"role": "button", "name": "Nộp hồ sơ"}})
    found = await walk(_open(site), always=[file, _OUT], depth="L4")
    assert found.verdict is Verdict.OK
    assert _after(found) == [("Nộp", Verdict.INCONCLUSIVE), ("Đăng xuất", Verdict.OK)]
    assert ("POST", "/nop") not in site.asked


async def test_it_follows_a_walk_that_the_guard_has_ended(walk: Walker, site: Portal) -> None:
    site.pages["/"] = _PAGE + "<form method=post action=/nop><button>Nộp hồ sơ</button></form>"
    found = await walk(_open(site), step("Nộp", {"click": {"role": "button", "name": "Nộp"}}), always=[_OUT])
    assert (found.verdict, found.reason) == (Verdict.INCONCLUSIVE, Reason.CONFIG)
    assert _after(found) == [("Đăng xuất", Verdict.OK)]


async def test_it_follows_a_crash_in_a_tab_of_its_own(walk: Walker, site: Portal) -> None:
    site.pages["/"] = "<p>…</p>"
    walking = asyncio.ensure_future(walk(_open(site), always=[step("Ra", {"goto": site.url + "/ra"}), _OUT]))
    await site.visited.wait()
    for renderer in children("--type=renderer"):
        renderer.send_signal(signal.SIGSEGV)
    found = await walking
    assert (found.verdict, found.reason) == (Verdict.FAILED, Reason.PAGE_CRASH)
    assert _after(found)[0] == ("Ra", Verdict.OK)


async def test_it_has_a_time_of_its_own_inside_the_deadline(walk: Walker, site: Portal) -> None:
    site.pages["/treo"] = hang
    found = await walk(
        _open(site, text="Không có"), always=[step("Treo", {"goto": site.url + "/treo"}), _OUT],
        deadline="5s", step_timeout="30s",
    )  # fmt: skip
    assert (found.verdict, found.reason) == (Verdict.FAILED, Reason.DEADLINE)
    assert found.duration_s < 4
    assert _after(found) == [("Treo", Verdict.SKIPPED), ("Đăng xuất", Verdict.SKIPPED)]
    assert found.after[0].message == "không kịp làm xong"


async def test_a_step_of_it_is_left_out_when_the_walk_did_not_store_what_it_needs(walk: Walker, site: Portal) -> None:
    site.pages["/"] = _PAGE + "<p id=ma>H12</p>"
    store = {"store": {"css": "#ma", "as": "ma-moi"}}
    delete = step("Xóa", {"goto": site.url + "/xoa/${ma-moi}"})
    found = await walk(_open(site, text="Không có"), step("Lưu", store), always=[delete, _OUT], step_timeout="600ms")
    assert _after(found) == [("Xóa", Verdict.SKIPPED), ("Đăng xuất", Verdict.OK)]
    assert found.after[0].message == "lượt đi chưa tới chỗ ghi nhớ ma-moi"
    site.pages["/xoa/H12"] = _PAGE
    found = await walk(_open(site), step("Lưu", store), always=[delete, _OUT])
    assert _after(found) == [("Xóa", Verdict.OK), ("Đăng xuất", Verdict.OK)]


async def test_it_follows_a_rehearsal_too_but_for_what_files(walk: Walker, site: Portal) -> None:
    site.pages["/"] = _PAGE + "<form method=post action=/nop><button>Nộp hồ sơ</button></form>"
    site.pages["/nop"] = _PAGE
    file = step("Nộp", {"click": {"role": "button", "name": "Nộp hồ sơ", "submits": True}})
    found = await walk(_open(site), always=[file, _OUT], depth="L4", cache="warm")
    assert found.verdict is Verdict.OK, found.message
    assert _after(found) == [("Nộp", Verdict.OK), ("Đăng xuất", Verdict.OK)]
    assert [path for _, path in site.asked] == ["/", "/ra", "/", "/nop", "/ra"]


async def test_a_secret_that_is_missing_there_costs_nothing_but_the_step(walk: Walker, site: Portal) -> None:
    found = await walk(_open(site), always=[step("Ra", {"goto": "${env:KHONG_CO}"}), _OUT])
    assert found.verdict is Verdict.OK
    assert _after(found) == [("Ra", Verdict.INCONCLUSIVE), ("Đăng xuất", Verdict.OK)]


async def test_without_it_nothing_is_told(walk: Walker, site: Portal) -> None:
    found = await walk(_open(site))
    assert found.after == ()
    assert found.ux.evolve(handling_s=0, forced_wait_s=0) == UxCounts(screens=1, steps=1)
