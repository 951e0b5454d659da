"""How elements of a page are named without what is in them: no typed value, no data, no text of the page."""

import json
import re
from html.parser import HTMLParser

_NAMING = frozenset(
    {"id", "class", "name", "type", "role", "lang", "for", "scope", "tabindex", "autocomplete", "href", "src"}
)
"""Attributes whose contents may be shown: they are written by whoever made the page and tell elements apart."""

_TELLING = ("aria-label", "aria-description", "aria-placeholder", "aria-roledescription", "aria-value")
"""ARIA attributes that hold text or values."""

_ATTRIBUTE = re.compile(
    r"\[\s*(?P<name>[\w:.-]+)\s*(?P<rest>[~|^$*]?=\s*(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|[^\]]*))\s*\]", re.DOTALL
)
_QUERY = re.compile(r"[?#][^\"']*")
_TAG = re.compile(r"<\s*([a-zA-Z][\w:-]{0,40})")
_CAP = 300


def opening_tag(html: str) -> str:
    """Return the first tag of hostile `html` with the contents of naming attributes only."""
    reader = _FirstTag()
    reader.feed(html)
    if reader.tag is None:
        cut = _TAG.search(html)
        return f"<{cut[1].lower()} …>" if cut else ""
    written = [f'{name}="{_shown(name, value)}"' if value and _naming(name) else name for name, value in reader.attrs]
    return _capped(f"<{' '.join([reader.tag, *written])}>")


def selector(target: str) -> str:
    """Return axe's target (JSON: selectors of frames, then of the element; lists are shadow roots) as one text."""
    return _capped(" ▸ ".join(_without_contents(_flat(part)) for part in json.loads(target)))


def _flat(part: object) -> str:
    return " ▸ ".join(str(inner) for inner in part) if isinstance(part, list) else str(part)


def _without_contents(text: str) -> str:
    def kept(match: re.Match[str]) -> str:
        name = match["name"].lower()
        return f"[{name}{_QUERY.sub('', match['rest'])}]" if _naming(name) else f"[{name}]"

    return _ATTRIBUTE.sub(kept, text)


def _naming(name: str) -> bool:
    return name in _NAMING or (name.startswith("aria-") and not name.startswith(_TELLING))


def _shown(name: str, value: str) -> str:
    text = _QUERY.sub("", value) if name in ("href", "src") else value
    return text.replace('"', "'")[:80]


def _capped(text: str) -> str:
    return text if len(text) <= _CAP else text[: _CAP - 1] + "…"


class _FirstTag(HTMLParser):
    tag: str | None = None

    def __init__(self) -> None:
        super().__init__()
        self.attrs: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.tag is None:
            self.tag, self.attrs = tag, attrs
