"""Proof of a failure, written after the clock has stopped: picture, outline, console, failed requests."""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import structlog
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page

from checks.run import Evidence, clean_message
from probes.browser.stage import Stage

_log = structlog.get_logger(__name__)

_MASKED = (
    "input:not([type=submit], [type=button], [type=reset], [type=image], [type=checkbox], [type=radio]), "
    "textarea, select, [contenteditable='true'], [contenteditable='']"
)
_PICTURE_S = 3.0
_TEXT_CAP = 200_000
_MOST_REQUESTS = 100

Kind = Literal["dom", "console", "requests"]

_CAPTIONS: dict[Kind, str] = {
    "dom": "Cấu trúc trang",
    "console": "Bảng điều khiển của trình duyệt",
    "requests": "Yêu cầu lỗi hoặc chưa xong",
}


async def collect(stage: Stage, folder: Path, outline: str, within_s: float) -> tuple[Evidence, ...]:
    """Write what can be had in `within_s` seconds into `folder`; return what was written."""
    texts: dict[Kind, str] = {
        "dom": outline,
        "console": "\n".join(_console(stage)),
        "requests": "\n".join(_requests(stage)),
    }
    written = [one for kind, text in texts.items() if text for one in _write(stage, folder, kind, text)]
    picture = await _picture(stage.page, folder / "screenshot.png", min(_PICTURE_S, within_s))
    return (*picture, *written)


async def _picture(page: Page, path: Path, within_s: float) -> tuple[Evidence, ...]:
    if within_s <= 0:
        return ()
    masks = [frame.locator(_MASKED) for frame in page.frames]
    try:
        async with asyncio.timeout(within_s):
            png = await page.screenshot(mask=masks, timeout=within_s * 1000, animations="disabled")
    except (PlaywrightError, TimeoutError):  # a hung or crashed page has no picture
        return ()
    if not await asyncio.to_thread(_stored, path, png):
        return ()
    return (Evidence(kind="screenshot", path=path.name, bytes=len(png), caption="Ảnh màn hình lúc lỗi"),)


def _console(stage: Stage) -> Iterable[str]:
    return (f"{line.step + 1}. {line.kind}: {clean_message(line.text)}" for line in stage.watch.lines)


def _requests(stage: Stage) -> Iterable[str]:
    bad = [sent for sent in stage.traffic.sent if sent.failed or sent.pending]
    for sent in bad[:_MOST_REQUESTS]:
        parts = urlsplit(sent.url)
        # Without the query: a form sent by GET has what was typed in there.
        address = stage.secrets.excerpt(f"{parts.scheme}://{sent.host}{parts.path}")
        state = sent.error or (str(sent.status) if sent.status is not None else "pending")
        yield f"{sent.step + 1}. {state} {sent.kind} {sent.owner} {clean_message(address)}"


def _write(stage: Stage, folder: Path, kind: Kind, text: str) -> tuple[Evidence, ...]:
    name = f"{kind}.txt"
    safe = stage.secrets.excerpt(text, _TEXT_CAP)
    data = "".join(c if c.isprintable() or c == "\n" else " " for c in safe).encode("utf-8", "replace")
    if not _stored(folder / name, data):
        return ()
    return (Evidence(kind=kind, path=name, bytes=len(data), caption=_CAPTIONS[kind]),)


def _stored(path: Path, data: bytes) -> bool:
    """Write a file of proof; a full disk costs the proof, never the verdict."""
    try:
        path.write_bytes(data)
    except OSError as error:
        _log.error("evidence_lost", file=path.name, error=str(error))  # says all there is
        path.unlink(missing_ok=True)
        return False
    return True
