"""Proof of a failure: written, harmless, and without what was typed."""

import asyncio
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


async def test_proof_that_can_neither_be_written_nor_taken_away_again_costs_the_proof_only(
    walk: Walker, site: Portal, tmp_path: Path
) -> None:
    site.pages["/"] = "<h1>Trang chủ</h1>"
    for name in ("dom.txt", "screenshot.png", "trace.zip"):
        (tmp_path / name / "a").mkdir(parents=True)
    found = await walk(
        step("Mở", {"goto": site.url + "/"}, until={"text": "Không có"}),
        evidence=tmp_path,
        trace=True,
        step_timeout="1s",
    )
    assert (found.verdict, found.reason, found.evidence) == (Verdict.FAILED, Reason.ASSERTION, ())


async def test_a_page_too_vast_to_look_through_is_judged_without_picture_and_outline(
    walk: Walker, site: Portal, tmp_path: Path
) -> None:
    site.pages["/"] = "<h1>Danh mục</h1>" + "<i></i>" * 21_000
    found = await walk(
        step("Mở", {"goto": site.url + "/"}, until={"text": "Không có"}), evidence=tmp_path, step_timeout="1s"
    )
    assert (found.verdict, found.reason, found.evidence) == (Verdict.FAILED, Reason.ASSERTION, ())


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


_COLOURS = """<img src=/anh.png><script>onload = () => {
    const picture = document.querySelector("img"), canvas = document.createElement("canvas");
    canvas.width = picture.width; canvas.height = picture.height;
    const paper = canvas.getContext("2d"); paper.drawImage(picture, 0, 0);
    const dots = paper.getImageData(0, 0, canvas.width, canvas.height).data;
    let green = 0, blue = 0, masked = 0;
    for (let i = 0; i < dots.length; i += 4) {
      green += dots[i] < 50 && dots[i + 1] > 200;
      blue += dots[i] < 50 && dots[i + 1] < 50 && dots[i + 2] > 200;
      masked += dots[i] > 200 && dots[i + 1] < 50;
    }
    document.body.append(`xanh ${green} lam ${blue > 1000} che ${masked > 1000}`); };</script>"""


async def _seen(walk: Walker, site: Portal, picture: Path, expected: str) -> None:
    """Look at a picture: is green (what must be covered), blue (what may be seen) and the mask in it?"""

    async def shown(_request: web.Request) -> web.Response:
        return web.Response(body=await asyncio.to_thread(picture.read_bytes), content_type="image/png")

    site.pages |= {"/xem": _COLOURS, "/anh.png": shown}
    seen = await walk(step("Xem", {"goto": site.url + "/xem"}, until={"text": expected}), step_timeout="3s")
    assert seen.verdict is Verdict.OK, seen.message


async def test_fields_are_masked_in_the_picture_frames_included(walk: Walker, site: Portal, tmp_path: Path) -> None:
    green = "* { margin: 0; border: 0 } input { display: block; width: 100vw; height: 50vh; background: #0f0 }"
    site.pages |= {
        "/": f"<style>{green} iframe {{ width: 100vw; height: 50vh }}</style><input><iframe src=/trong></iframe>",
        "/trong": f"<style>{green}</style><input>",
    }
    await walk(step("Mở", {"goto": site.url + "/"}, until={"text": "Không có"}), evidence=tmp_path, step_timeout="1s")
    await _seen(walk, site, tmp_path / "screenshot.png", "xanh 0 lam false che true")


_ECHOES = {
    "in a text": "<p class=xanh>Xin chào ${x}</p>",
    "in pieces": "<div class=xanh><b>${x.slice(0, 9)}</b><i>${x.slice(9)}</i></div>",
    "in capitals and encoded": "<p class=xanh>${encodeURIComponent(x).toUpperCase()}</p>",
    "on a button": "<input type=button class=xanh value='Thoát ${x}'>",
    "drawn by a style": "<p class='xanh ve' data-x='${x}'></p>",
    "beyond its box": "<p class=xanh style='width: 1px; overflow: visible; white-space: nowrap'>${x}</p>",
    "without a box": "<div style='display: contents' class=xanh>${x}</div>",
    "in a frame": "<iframe class=khung srcdoc='<p style=background:#0f0>${x}'></iframe>",
    "in an open root": "<div id=goc></div>",
    "in a closed root": "<div id=goc></div>",
    "typed into a closed root": "<div id=goc></div>",
    "written into the page": "<p class=xanh contenteditable=plaintext-only>viết</p>",
}


@pytest.mark.parametrize("how", _ECHOES)
async def test_a_secret_that_the_page_shows_is_masked_in_the_picture(
    walk: Walker, site: Portal, tmp_path: Path, how: str
) -> None:
    mode = "open" if "open" in how else "closed"
    inner = "<input style='background: #0f0; color: #0f0'>" if "typed" in how else "<p style='background:#0f0'>${x}</p>"
    site.pages["/"] = f"""<style>.xanh {{ background: #0f0; color: #0f0 }} .ve::before {{ content: attr(data-x) }}
        .khung {{ border: 0 }} * {{ border-color: white; outline: 0 }}</style>
      <p style="background: #00f; height: 50px"></p><input aria-label=o>
      <main></main><script>document.querySelector("input").oninput = (e) => {{
        const x = e.target.value; document.querySelector("main").innerHTML = `{_ECHOES[how]}`;
        document.querySelector("#goc")?.attachShadow({{ mode: "{mode}" }}).append(
          document.createRange().createContextualFragment(`{inner}`)); }};</script>"""
    await walk(
        step(
            "Vào",
            {"goto": site.url + "/"},
            {"fill": {"label": "o", "value": "${env:MAT_KHAU}"}},
            {"expect": {"text": "Không có"}},
        ),
        evidence=tmp_path,
        step_timeout="1s",
    )
    await _seen(walk, site, tmp_path / "screenshot.png", "xanh 0 lam true che true")


async def test_a_secret_in_the_frame_of_another_site_is_masked_in_the_picture(
    walk: Walker, site: Portal, outside: Portal, tmp_path: Path
) -> None:
    other = outside.url.replace("127.0.0.1", "localhost")
    outside.pages["/trong"] = "<p style='background: #0f0'>Chim-Hoàng-Yến-7781</p>"
    site.pages["/"] = f"""<style>iframe {{ border: 0 }}</style><p style="background: #00f; height: 50px"></p>
      <input aria-label=o><iframe src="{other}/trong"></iframe>"""
    await walk(
        step(
            "Vào",
            {"goto": site.url + "/"},
            {"fill": {"label": "o", "value": "${env:MAT_KHAU}"}},
            {"expect": {"text": "Không có"}},
        ),
        evidence=tmp_path,
        step_timeout="1s",
    )
    await _seen(walk, site, tmp_path / "screenshot.png", "xanh 0 lam true che true")


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
