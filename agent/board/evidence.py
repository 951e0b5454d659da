"""Files kept as proof, served so that nothing in them can run: they came from pages that nobody here wrote."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_IMAGES: Final[Mapping[str, str]] = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
}
_ARCHIVES: Final[Mapping[str, str]] = {".zip": "application/zip", ".gz": "application/gzip"}
_TEXTS: Final = frozenset({".txt", ".log", ".json", ".jsonl", ".html", ".htm", ".xml", ".svg", ".md", ".har"})

POLICY: Final = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox"
"""A browser's own viewer of pictures and text needs inline style; nothing else is allowed, and no script at all."""


@dataclass(frozen=True, slots=True)
class Proof:
    """One file that may be sent, and as what."""

    path: Path
    content_type: str
    inline: bool


def find(root: Path, relative: str) -> Proof | None:
    """Return the file under `root`; None when there is none, or when the path or a link in it leads outside."""
    if "\0" in relative:
        return None
    home = root.resolve()
    path = (home / relative).resolve()
    if not path.is_relative_to(home) or not path.is_file():
        return None
    return Proof(path, *_kind(path.suffix.lower()))


def _kind(suffix: str) -> tuple[str, bool]:
    if suffix in _IMAGES:
        return _IMAGES[suffix], True
    if suffix in _TEXTS:  # also markup: shown as text, never as a page
        return "text/plain; charset=utf-8", True
    return _ARCHIVES.get(suffix, "application/octet-stream"), False
