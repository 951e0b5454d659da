"""What a browser would roughly show of a page, without one: title, words, fields, whose frames, scripts and captchas.

Read from left to right and never back, so that no page, however hostile, takes longer than its length.
"""

import re
from dataclasses import dataclass, field

from probes.blocked import Shown
from probes.page_text import page_text, unescaped

_LOOKED_AT = 100_000
_FIELDS = frozenset({"input", "select", "textarea"})
_NO_FIELDS = frozenset({"hidden", "submit", "button"})
_WIDGETS = frozenset({"g-recaptcha", "h-captcha", "cf-turnstile"})
_MOST_SOURCES, _LONGEST = 60, 2000
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/<>]{0,40})")
_ATTRIBUTE = re.compile(r"""([^\s"'=<>/]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'<>]+))?|[\s"'=/]+""")
_CLOSED = {
    tag: re.compile(f"</{tag}", re.IGNORECASE) for tag in ("script", "style", "noscript", "template", "svg", "title")
}
"""What is in these is no text of the page: it ends where their end stands, whatever looks like a tag before."""


def seen_in(body: bytes, charset: str | None) -> Shown:
    """Read the first 100 kB of a page, of which nothing but that is known; takes CPU time: meant for a thread."""
    reader = _Reader(page_text(body[:_LOOKED_AT], charset, is_html=False).written)
    reader.read()
    return Shown(
        unescaped("".join(reader.title)),
        unescaped(" ".join(reader.text)),
        frames=_addresses(reader.frames),
        scripts=_addresses(reader.scripts),
        widgets=tuple(reader.widgets[:_MOST_SOURCES]),
        fields=reader.fields,
    )


def _addresses(written: list[str]) -> tuple[str, ...]:
    return tuple(unescaped(one[:_LONGEST]) for one in written[:_MOST_SOURCES])


@dataclass(slots=True)
class _Reader:
    """Reads `page`; what it gathers still has its character references."""

    page: str
    title: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    frames: list[str] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)
    widgets: list[str] = field(default_factory=list)
    fields: int = 0

    def read(self) -> None:
        at = 0
        while (sign := self.page.find("<", at)) >= 0:
            self._said(self.page[at:sign])
            at = self._markup(sign)
        self._said(self.page[at:])

    def _said(self, text: str) -> None:
        if text:
            self.text.append(text)

    def _markup(self, at: int) -> int:
        """Take what begins at a `<`; return where it ends."""
        if self.page.startswith("<!--", at):
            return self._past("-->", at + 4)
        if self.page.startswith(("<!", "<?"), at):
            return self._past(">", at)
        tag = _TAG.match(self.page, at)
        if tag is None:
            self._said("<")
            return at + 1
        if tag[1]:
            return self._past(">", at)
        return self._begun(tag[2].lower(), tag.end())

    def _begun(self, tag: str, at: int) -> int:
        given: dict[str, str] = {}
        while (part := _ATTRIBUTE.match(self.page, at)) is not None:
            if part[1]:
                given.setdefault(part[1].lower(), (part[2] or "").strip("\"'"))
            at = part.end()
        if tag in ("iframe", "script") and given.get("src"):
            (self.frames if tag == "iframe" else self.scripts).append(given["src"])
        if tag != "button" and "class" in given and given.get("data-size", "").lower() != "invisible":
            self.widgets += _WIDGETS.intersection(given["class"].lower().split())
        self.fields += tag in _FIELDS and given.get("type", "").lower() not in _NO_FIELDS
        inside = at + self.page.startswith(">", at)
        return self._closed(tag, inside) if tag in _CLOSED else inside

    def _closed(self, tag: str, at: int) -> int:
        end = _CLOSED[tag].search(self.page, at)
        if tag == "title":
            self.title.append(self.page[at : end.start() if end is not None else len(self.page)])
        return end.start() if end is not None else len(self.page)

    def _past(self, sign: str, at: int) -> int:
        end = self.page.find(sign, at)
        return end + len(sign) if end >= 0 else len(self.page)
