"""Generated files open in the programs that read them, and have the size that was asked for."""

import asyncio
from pathlib import Path
from typing import Literal

import pytest
from aiohttp import web

from checks.run import Reason, Verdict
from checks.targets import GeneratedFile
from probes.browser.attachment import content
from tests.probes.browser.conftest import Walker
from tests.probes.browser.portal import Portal, step

_Kind = Literal["pdf", "png", "jpg", "txt"]


@pytest.mark.parametrize("kind", ["pdf", "png", "jpg", "txt"])
@pytest.mark.parametrize("size", [1_000, 20_000, 65_700, 200_001, 1_000_000])
def test_a_file_has_exactly_the_size_asked_for_and_always_the_same_bytes(kind: _Kind, size: int) -> None:
    file = GeneratedFile(type=kind, size=size)
    assert len(content(file)) == size
    assert content(file) == content(file)


@pytest.mark.parametrize("kind", ["pdf", "png", "jpg"])
def test_a_file_is_never_smaller_than_a_valid_one(kind: _Kind) -> None:
    assert content(GeneratedFile(type=kind, size=1)) == content(GeneratedFile(type=kind, size=2))


@pytest.mark.parametrize("size", [1, 20_000])
async def test_a_pdf_is_read_by_a_pdf_reader(tmp_path: Path, size: int) -> None:
    (tmp_path / "a.pdf").write_bytes(content(GeneratedFile(type="pdf", size=size)))
    process = await asyncio.create_subprocess_exec(
        "pdfinfo", str(tmp_path / "a.pdf"), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    assert b"Pages:           1" in out.replace(b"Pages:          1", b"Pages:           1"), (out, err)
    assert err == b""


@pytest.mark.parametrize("size", [1, 20_000, 65_700])
@pytest.mark.parametrize("kind", ["png", "jpg"])
async def test_a_picture_is_shown_by_a_browser(walk: Walker, site: Portal, kind: _Kind, size: int) -> None:
    async def picture(_request: web.Request) -> web.Response:
        return web.Response(body=content(GeneratedFile(type=kind, size=size)), content_type=f"image/{kind}")

    site.pages |= {
        "/": "<img src=/anh><script>onload = async () => { const i = document.querySelector('img');"
        " await i.decode(); document.body.append('rộng ' + i.naturalWidth); }</script>",
        "/anh": picture,
    }
    found = await walk(step("Xem", {"goto": site.url + "/"}, until={"text": "rộng 1"}), step_timeout="2s")
    assert found.verdict is Verdict.OK, found.message


_ATTACH = """<form method=post action=/tai enctype=multipart/form-data>
  <label>Giấy tờ <input type=file name=gt hidden></label><button>Tiếp</button></form>"""


@pytest.fixture
def got(site: Portal) -> list[tuple[str, str, bytes]]:
    """What a form with a file field has sent: name, kind and content."""
    files: list[tuple[str, str, bytes]] = []

    async def take(request: web.Request) -> web.Response:
        form = await request.post()
        file = form["gt"]
        assert isinstance(file, web.FileField)
        files.append((file.filename, file.content_type, file.file.read()))
        return web.Response(text="<h1>Đã nhận</h1>", content_type="text/html")

    site.pages |= {"/": _ATTACH, "/tai": take}
    return files


async def test_the_server_receives_the_file_with_its_name_and_kind(
    walk: Walker, site: Portal, got: list[tuple[str, str, bytes]]
) -> None:
    attach = {"upload": {"css": "input[type=file]", "file": {"type": "pdf", "size": "300KB", "name": "khai-sinh"}}}
    found = await walk(
        step("Đính kèm", {"goto": site.url + "/"}, attach, {"click": {"role": "button"}}, until={"text": "Đã nhận"})
    )
    assert found.verdict is Verdict.OK, found.message
    assert [(name, kind, len(data)) for name, kind, data in got] == [("khai-sinh.pdf", "application/pdf", 300_000)]


async def test_a_file_beside_checks_yaml_is_attached(
    walk: Walker, site: Portal, tmp_path: Path, got: list[tuple[str, str, bytes]]
) -> None:
    (tmp_path / "mau").mkdir()
    (tmp_path / "mau" / "tờ khai.pdf").write_bytes(b"%PDF-1.4 mau")
    attach = {"upload": {"css": "input[type=file]", "path": "mau/tờ khai.pdf"}}
    found = await walk(
        step("Đính kèm", {"goto": site.url + "/"}, attach, {"click": {"role": "button"}}, until={"text": "Đã nhận"})
    )
    assert found.verdict is Verdict.OK, found.message
    assert found.ux.uploads == 1
    assert got == [("tờ khai.pdf", "application/pdf", b"%PDF-1.4 mau")]


async def test_a_file_that_was_put_elsewhere_meanwhile_is_nobodys_outage(
    walk: Walker, site: Portal, tmp_path: Path, got: list[tuple[str, str, bytes]]
) -> None:
    (tmp_path / "to-khai.pdf").symlink_to("/etc/hostname")
    for path in ("to-khai.pdf", "khong-con.pdf"):
        attach = {"upload": {"css": "input[type=file]", "path": path}}
        found = await walk(step("Đính kèm", {"goto": site.url + "/"}, attach, {"click": {"role": "button"}}))
        assert (found.verdict, found.reason) == (Verdict.INCONCLUSIVE, Reason.CONFIG), found.message
    assert got == []
