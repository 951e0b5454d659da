"""Secrets that are not there on this machine: no fault of the file, and worth knowing before the first walk."""

import re
from collections.abc import Iterator, Mapping

from checks.bind import strings
from checks.lint.finding import Finding
from checks.load import Loaded
from checks.text import references


def look(whole: Loaded, environment: Mapping[str, str]) -> Iterator[Finding]:
    """Yield each secret reference that leads to nothing here; values are never looked at."""
    folder = whole.config.path.parent
    for section in ("journeys", "checks", "alerts"):
        for path, text in strings(whole.source.data.get(section), (section,)):
            for name in references(text):
                kind, _, where = name.partition(":")
                if kind == "env" and where not in environment:
                    yield Finding(path, f"environment variable {_plain(where)} is not set here", info=True)
                elif kind == "file" and not (folder / where).is_file():
                    yield Finding(path, f"secret file {_plain(where)} is not here", info=True)


def _plain(name: str) -> str:
    return re.sub(r"[^\w./-]", "?", name)[:100]
