"""The recording of a walk: there when it failed, readable, without what was typed; and its times count for nothing."""

import asyncio
import json
import os
import signal
import sys
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiohttp import web
from playwright.async_api import BrowserContext

from checks.run import Reason, Verdict
from checks.secrets import MASK, Secrets
from probes.browser import Chromium
from probes.browser.scrub import TooMuchError, scrub
from probes.browser.trace import Recording
from tests.probes.browser.conftest import Walker
from tests.probes.browser.portal import Portal, step

_SECRET = "Chim-Hoàng-Yến-7781"
_FORM = """<link rel=stylesheet href=/kieu.css><h1>Hồ sơ</h1><form>
  <label>Mật khẩu <input type=password></label><label>Tên <input name=ten value="Người Khác"></label>
  <label>Ghi chú <textarea>Chuyện riêng</textarea></label><p contenteditable>Đang viết</p><p id=p></p>
  <select aria-label=Xã><option>Bắc</option><option selected>Nam</option></select></form>
  <script>document.querySelector("input").oninput = (e) => { p.textContent = "Xin chào " + e.target.value;
    document.cookie = "phien=ve-vao-cua"; fetch("/nhan?t=" + e.target.value, {method: "POST", body: "than-thu-gui"}); };
  </script>"""


async def _style(_request: web.Request) -> web.Response:
    return web.Response(text="h1 { color: green }", content_type="text/css")


def _walked(site: Portal) -> tuple[dict[str, Any], ...]:
    site.pages |= {"/": _FORM, "/kieu.css": _style, "/nhan": '{"tra": "than-thu-ve"}'}
    return (
        step(
            "Đăng nhập",
            {"goto": site.url + "/?ma=ve-mot-lan"},
            {"fill": {"label": "Mật khẩu", "value": "${env:MAT_KHAU}"}},
            {"fill": {"label": "Tên", "value": "Nguyễn Thị Thử"}},
            {"press": {"key": "Q"}},
            until={"text": "Không có"},
        ),
    )


def _texts(trace: Path) -> str:
    with zipfile.ZipFile(trace) as archive:
        assert archive.testzip() is None
        return "\n".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())


async def test_a_failed_recorded_walk_leaves_a_trace_without_what_was_typed(
    walk: Walker, site: Portal, tmp_path: Path
) -> None:
    found = await walk(*_walked(site), evidence=tmp_path, trace=True, step_timeout="2s")
    assert found.verdict is Verdict.FAILED
    (trace,) = (proof for proof in found.evidence if proof.kind == "trace")
    assert (tmp_path / trace.path).stat().st_size == trace.bytes > 0
    told = _texts(tmp_path / trace.path)
    for word in ("Xin chào •••", '"method":"keyboardInsertText"', "/nhan?•••", "color: green"):
        assert word in told
    for word in (_SECRET, "Ho%C3%A0ng", "Nguyễn Thị Thử", "Người Khác", "Chuyện riêng", "Đang viết", "than-thu"):
        assert word not in told
    for word in ("ve-vao-cua", "ve-mot-lan", '"key":"Q"', "site-packages", str(Path.home())):
        assert word not in told


async def test_a_recorded_walk_keeps_every_snapshot_in_its_shape(walk: Walker, site: Portal, tmp_path: Path) -> None:
    await walk(*_walked(site), evidence=tmp_path, trace=True, step_timeout="2s")
    with zipfile.ZipFile(tmp_path / "trace.zip") as archive:
        events = [json.loads(line) for line in archive.read("trace.trace").splitlines()]
        named = {one["response"]["content"].get("_file") for one in _requests(archive)} - {None}
        assert named <= set(archive.namelist())
    first = next(e["snapshot"]["html"] for e in events if "Hồ sơ" in json.dumps(e, ensure_ascii=False))
    assert first[0] == "HTML"
    assert {"before", "after", "frame-snapshot", "log"} <= {event["type"] for event in events}


def _requests(archive: zipfile.ZipFile) -> list[dict[str, Any]]:
    return [json.loads(line)["snapshot"] for line in archive.read("trace.network").splitlines()]


async def test_the_recording_opens_in_the_viewer_that_comes_with_playwright(
    walk: Walker, chromium: Chromium, site: Portal, tmp_path: Path
) -> None:
    await walk(*_walked(site), evidence=tmp_path, trace=True, step_timeout="2s")
    async with _viewer(tmp_path / "trace.zip") as url, chromium.context("desktop") as looking:
        page = await looking.context.new_page()
        broken: list[str] = []
        page.on("pageerror", lambda error: broken.append(str(error)))
        await page.goto(url)
        await page.get_by_text("Navigate").first.wait_for()
        assert broken == []


@asynccontextmanager
async def _viewer(trace: Path) -> AsyncIterator[str]:
    """Serve Playwright's viewer on a free port."""
    command = ("-m", "playwright", "show-trace", "--host", "127.0.0.1", "--port", "0", trace)
    process = await asyncio.create_subprocess_exec(
        sys.executable, *map(str, command), start_new_session=True,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        async with asyncio.timeout(30):
            while b"http://" not in (line := await process.stdout.readline()):
                assert line, "the viewer ended"
        yield line.decode().split()[-1]
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # the command and the driver that it has started
        await process.wait()


async def test_a_recorded_walk_that_goes_well_leaves_nothing_and_is_never_slow(
    walk: Walker, site: Portal, tmp_path: Path
) -> None:
    site.pages["/"] = "<h1>Trang chủ</h1>"
    opened = step("Mở", {"goto": site.url + "/"}, until={"text": "Trang chủ"})
    assert (await walk(opened, budget="1ms", step_budget="1ms")).verdict is Verdict.SLOW
    found = await walk(opened, evidence=tmp_path, trace=True, budget="1ms", step_budget="1ms")
    assert (found.verdict, found.reason, found.steps[0].verdict) == (Verdict.OK, None, Verdict.OK)
    assert found.evidence == ()
    assert not os.listdir(tmp_path)  # noqa: PTH208 -- a test may look at its folder


async def test_a_recording_that_finds_no_room_costs_the_recording_only(
    walk: Walker, site: Portal, tmp_path: Path
) -> None:
    (tmp_path / "trace.zip").symlink_to("/dev/full")
    found = await walk(*_walked(site), evidence=tmp_path, trace=True, step_timeout="2s")
    assert found.reason is Reason.ELEMENT_MISSING or found.verdict is Verdict.FAILED
    assert {proof.kind for proof in found.evidence} >= {"screenshot", "dom"}
    assert "trace" not in {proof.kind for proof in found.evidence}


class Recorder:
    """The part of a browser's driver that hands a recording over."""

    handed: Path

    async def stop(self, path: Path) -> None:
        self.handed = _raw(path, {"type": "log", "message": "một"})


async def test_what_was_recorded_never_lies_where_a_killed_agent_would_leave_it(tmp_path: Path) -> None:
    room, kept, recorder = tmp_path / "room", tmp_path / "kept", Recorder()
    for folder in (room, kept):
        folder.mkdir()
    context = cast("BrowserContext", SimpleNamespace(tracing=recorder))
    (proof,) = await Recording(context, room, running=True).keep(kept, Secrets({}, tmp_path), 9.0)
    assert (kept / proof.path).exists()
    assert recorder.handed.is_relative_to(room)
    assert list(room.iterdir()) == []


def _raw(path: Path, *events: object) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("trace.trace", "\n".join(json.dumps(event) for event in events))
        archive.writestr("trace.network", "")
        archive.writestr("trace.stacks", '{"files": ["/home/ai-do/walk.py"]}')
    return path


def test_what_is_not_known_to_be_harmless_is_left_out(tmp_path: Path) -> None:
    events = (
        {"type": "screencast-frame", "file": "anh.jpeg"},
        {
            "type": "before",
            "method": "x",
            "params": {"url": "http://a/", "moi": "riêng", "arg": {"s": "riêng"}, "key": "Enter"},
        },
        {"type": "after", "callId": "1", "result": "riêng", "error": {"message": "hết giờ\nriêng", "stack": "riêng"}},
        {"type": "log", "message": '  fill("riêng")'},
        {"type": "log", "message": "resolved to <b>riêng</b>, trying again"},
    )
    kept = tmp_path / "kept.zip"
    scrub(_raw(tmp_path / "raw.zip", *events), kept, Secrets({}, tmp_path), until=float("inf"))
    with zipfile.ZipFile(kept) as archive:
        assert sorted(archive.namelist()) == ["trace.network", "trace.trace"]
        before, after, *logs = (json.loads(line) for line in archive.read("trace.trace").splitlines())
    assert before["params"] == {"url": "http://a/", "moi": MASK, "key": "Enter"}
    assert after == {"type": "after", "callId": "1", "error": {"name": None, "message": "hết giờ"}}
    assert [log["message"] for log in logs] == [f"  fill({MASK})", "resolved to <…>, trying again"]


def test_a_recording_is_given_up_when_its_time_is_over(tmp_path: Path) -> None:
    raw = _raw(tmp_path / "raw.zip", {"type": "log", "message": "một"})
    with pytest.raises(TooMuchError):
        scrub(raw, tmp_path / "kept.zip", Secrets({}, tmp_path), until=0.0)
