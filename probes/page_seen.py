"""What a browser would roughly show of a page, without one: title, words, fields, and whose scripts it has."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

from probes.page_text import page_text

_LOOKED_AT = 100_000
_SILENT = frozenset({"script", "style", "noscript", "template", "svg"})
_FIELDS = frozenset({"input", "select", "textarea"})
_MOST_SOURCES = 60


@dataclass(frozen=True, slots=True)
class Seen:
    """A page's title and words, the addresses of its frames and scripts, and how many fields it has."""

    title: str = ""
    text: str = ""
    sources: tuple[str, ...] = ()
    fields: int = 0


def seen_in(body: bytes, charset: str | None) -> Seen:
    """Read the first 100 kB of a page; takes CPU time, and is meant for a thread."""
    reader = _Reader()
    reader.feed(page_text(body[:_LOOKED_AT], charset, is_html=False).written)
    reader.close()
    return Seen("".join(reader.title), " ".join(reader.text), tuple(reader.sources[:_MOST_SOURCES]), reader.fields)


@dataclass
class _Reader(HTMLParser):
    title: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    fields: int = 0
    _within: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("iframe", "script") and given.get("src"):
            self.sources.append(given["src"] or "")
        self.fields += tag in _FIELDS and given.get("type") not in ("hidden", "submit", "button")
        if tag in _SILENT or tag == "title":
            self._within = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == self._within:
            self._within = ""

    def handle_data(self, data: str) -> None:
        if self._within == "title":
            self.title.append(data)
        elif self._within not in _SILENT:
            self.text.append(data)
