"""Proof of a failure, written after the clock has stopped: picture, outline, console, failed requests."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import structlog

from checks.run import Evidence, clean_message
from probes.browser.picture import picture
from probes.browser.stage import Stage

_log = structlog.get_logger(__name__)

_PICTURE_S = 3.0
_TEXT_CAP = 200_000
_MOST_REQUESTS = 100

Kind = Literal["dom", "console", "requests"]

_CAPTIONS: dict[Kind, str] = {
    "dom": "Vai trò và tên của mọi phần trên trang",
    "console": "Những gì trang ghi vào nhật ký",
    "requests": "Lỗi hoặc chưa xong",
}


async def collect(stage: Stage, folder: Path, outline: str, within_s: float) -> tuple[Evidence, ...]:
    """Write what can be had in `within_s` seconds into `folder`; return what was written."""
    texts: dict[Kind, str] = {
        "dom": outline,
        "console": "\n".join(_console(stage)),
        "requests": "\n".join(_requests(stage)),
    }
    written = [one for kind, text in texts.items() if text for one in _write(stage, folder, kind, text)]
    shot = await _picture(stage, folder / "screenshot.png", min(_PICTURE_S, within_s))
    return (*shot, *written)


async def _picture(stage: Stage, path: Path, within_s: float) -> tuple[Evidence, ...]:
    png = await picture(stage.page, stage.secrets, within_s)
    if png is None or not await asyncio.to_thread(_stored, path, png):
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
        with suppress(OSError):  # on a disk that nobody can write, nothing can be taken away either
            path.unlink(missing_ok=True)
        return False
    return True
