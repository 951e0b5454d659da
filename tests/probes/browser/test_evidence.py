"""Proof of a failure: written, harmless, and without what was typed."""

from pathlib import Path

import pytest
from aiohttp import web

from checks.run import Reason, Verdict
from tests.probes.browser.conftest import Walker
from tests.probes.browser.portal import Portal, step

_SECRET = "Chim-Hoàng-Yến-7781"


async def test_a_failure_leaves_picture_outline_console_and_requests(
    walk: Walker, site: Portal, tmp_path: Path
) -> None:
    site.pages["/"] = "<h1>Trang chủ</h1><button>Tiếp</button><img src=/mat.png><script>console.error('hỏng')</script>"
    found = await walk(
        step("Mở", {"goto": site.url + "/"}, until={"text": "Không có"}), evidence=tmp_path, step_timeout="1s"
    )
    assert {proof.kind for proof in found.evidence} == {"screenshot", "dom", "console", "requests"}
    for proof in found.evidence:
        assert (tmp_path / proof.path).stat().st_size == proof.bytes > 0
    assert (tmp_path / "screenshot.png").read_bytes().startswith(b"\x89PNG")
    assert 'button "Tiếp"' in (tmp_path / "dom.txt").read_text(encoding="utf-8")
    assert "hỏng" in (tmp_path / "console.txt").read_text(encoding="utf-8")
    assert "404 image system:mot-cua-tinh" in (tmp_path / "requests.txt").read_text(encoding="utf-8")


async def test_a_good_walk_leaves_nothing(walk: Walker, site: Portal, tmp_path: Path) -> None:
    site.pages["/"] = "<h1>Trang chủ</h1>"
    found = await walk(step("Mở", {"goto": site.url + "/"}, until={"text": "Trang chủ"}), evidence=tmp_path)
    assert found.evidence == ()
    assert _files(tmp_path) == []


async def test_what_was_typed_is_in_no_message_and_no_file(walk: Walker, site: Portal, tmp_path: Path) -> None:
    site.pages["/"] = """<label>Mật khẩu <input type=password name=mk></label><label>Tên <input></label><p id=p></p>
      <script>document.querySelector("input").oninput = (e) => {
        console.error("gõ " + e.target.value); p.innerHTML = `<button>Vào bằng ${e.target.value}</button>`;
        fetch("/loi?mk=" + e.target.value); };</script>"""
    found = await walk(
        step(
            "Vào",
            {"goto": site.url + "/"},
            {"fill": {"label": "Mật khẩu", "value": "${env:MAT_KHAU}"}},
            {"fill": {"label": "Tên", "value": "${env:MAT_KHAU}"}},
            {"click": {"role": "button", "name": "Vào bằng tài khoản"}},
        ),
        evidence=tmp_path,
        step_timeout="1500ms",
    )
    assert found.verdict is Verdict.FAILED
    assert "Vào bằng •••" in found.message
    written = found.model_dump_json() + "".join(
        path.read_text(encoding="utf-8") for path in _files(tmp_path) if path.suffix == ".txt"
    )
    for part in (_SECRET, _SECRET[:8], "Ho%C3%A0ng"):
        assert part not in written


@pytest.mark.parametrize("before", [60, 70, 440, 460, 480])
async def test_a_secret_at_a_cut_is_masked_before_the_cut(
    walk: Walker, site: Portal, tmp_path: Path, before: int
) -> None:
    site.pages["/"] = f"""<input aria-label=o><script>document.querySelector("input").oninput = (e) => {{
        const told = "x".repeat({before}) + e.target.value;
        console.error(told); fetch("/" + told); alert(told); }};</script>"""
    found = await walk(
        step(
            "Vào",
            {"goto": site.url + "/"},
            {"dialog": {"answer": "accept", "text": "Xin chào"}},
            {"fill": {"label": "o", "value": "${env:MAT_KHAU}"}},
            {"expect": {"text": "Không có"}},
        ),
        evidence=tmp_path,
        step_timeout="1500ms",
    )
    assert found.reason is Reason.DIALOG
    written = found.message + "".join(
        path.read_text(encoding="utf-8") for path in _files(tmp_path) if path.suffix == ".txt"
    )
    assert "xxxx" in written
    for size in range(4, len(_SECRET)):
        assert _SECRET[:size] not in written


async def test_fields_are_masked_in_the_picture_frames_included(walk: Walker, site: Portal, tmp_path: Path) -> None:
    green = "* { margin: 0; border: 0 } input { display: block; width: 100vw; height: 50vh; background: #0f0 }"
    site.pages |= {
        "/": f"<style>{green} iframe {{ width: 100vw; height: 50vh }}</style><input><iframe src=/trong></iframe>",
        "/trong": f"<style>{green}</style><input>",
        "/xem": """<img src=/anh.png><script>onload = () => {
            const picture = document.querySelector("img"), canvas = document.createElement("canvas");
            canvas.width = picture.width; canvas.height = picture.height;
            const paper = canvas.getContext("2d"); paper.drawImage(picture, 0, 0);
            const dots = paper.getImageData(0, 0, canvas.width, canvas.height).data;
            let green = 0, masked = 0;
            for (let i = 0; i < dots.length; i += 4) {
              green += dots[i] < 50 && dots[i + 1] > 200;
              masked += dots[i] > 200 && dots[i + 1] < 50;
            }
            document.body.append(`xanh ${green} che ${masked > 500000}`); };</script>""",
    }
    await walk(step("Mở", {"goto": site.url + "/"}, until={"text": "Không có"}), evidence=tmp_path, step_timeout="1s")

    async def picture(_request: web.Request) -> web.Response:
        return web.Response(body=(tmp_path / "screenshot.png").read_bytes(), content_type="image/png")

    site.pages["/anh.png"] = picture
    seen = await walk(step("Xem", {"goto": site.url + "/xem"}, until={"text": "xanh 0 che true"}))
    assert seen.verdict is Verdict.OK, seen.message


async def test_hostile_text_is_one_harmless_capped_line(walk: Walker, site: Portal) -> None:
    site.pages["/"] = (
        f"<button>Tiếp\u202e\u0007 theo<script>x</script>{'A' * 5000}</button>"
        f"<script>document.title = 'T'.repeat(1e6); document.querySelector('button').append('\\u0000<b>')</script>"
    )
    found = await walk(
        step("Đi", {"goto": site.url + "/"}, {"click": {"role": "button", "name": "Tiếp tục ngay"}}),
        step_timeout="1s",
    )
    assert found.verdict is Verdict.FAILED
    assert found.message.isprintable()
    assert len(found.message) <= 500


def _files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())
