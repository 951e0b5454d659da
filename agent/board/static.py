"""The stylesheet and the small script of the board, held in memory with a tag of their content."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

_TYPES: Final[Mapping[str, str]] = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file; `tag` changes when its content does."""

    body: bytes
    content_type: str
    tag: str


def load_static() -> Mapping[str, StaticFile]:
    """Read every file of `static/`, by name."""
    found = {}
    for entry in files("agent.board").joinpath("static").iterdir():
        kind = _TYPES.get(f".{entry.name.rpartition('.')[2]}")
        if kind is not None:
            body = entry.read_bytes()
            found[entry.name] = StaticFile(body, kind, hashlib.sha256(body).hexdigest()[:16])
    return found
