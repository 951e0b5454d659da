"""Files kept as proof, served so that nothing in them can run: they came from pages that nobody here wrote."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from checks.run import Evidence

_IMAGES: Final[Mapping[str, str]] = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
}
_ARCHIVES: Final[Mapping[str, str]] = {".zip": "application/zip", ".gz": "application/gzip"}
_TEXTS: Final = frozenset({".txt", ".log", ".json", ".jsonl", ".html", ".htm", ".xml", ".svg", ".md", ".har"})

TEXT_SHOWN: Final = 20_000

POLICY: Final = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox"
"""A browser's own viewer of pictures and text needs inline style; nothing else is allowed, and no script at all."""


@dataclass(frozen=True, slots=True)
class Proof:
    """One file that may be sent, and as what."""

    path: Path
    content_type: str
    inline: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """One file as a page shows it: `path` None when it was pruned; the beginning of a text, and whether it goes on."""

    evidence: Evidence
    path: Path | None
    text: str = ""
    cut: bool = False


def kept(root: Path, evidence: Sequence[Evidence], most: int = TEXT_SHOWN) -> tuple[Kept, ...]:
    """Look the files up and read up to `most` octets of those that are text; reads the disk, meant for a thread."""
    return tuple(_kept(root, one, most) for one in evidence)


def _kept(root: Path, evidence: Evidence, most: int) -> Kept:
    proof = find(root, evidence.path)
    if proof is None:
        return Kept(evidence, None)
    if not proof.content_type.startswith("text/"):
        return Kept(evidence, proof.path)
    try:
        with proof.path.open("rb") as file:
            read = file.read(most + 1)
    except OSError:  # pruned a moment ago
        return Kept(evidence, None)
    return Kept(evidence, proof.path, read[:most].decode("utf-8", "replace"), len(read) > most)


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
