r"""Where a secret stands in a text, however the text writes it.

A text is read over and over: as it is, then with one layer of URL, JSON, JavaScript and HTML writing taken off, until
nothing changes; a pattern that a locator is made of is read as what it looks for. Each reading is compared without
case, white space, `+` and invisible letters, in composed letters (NFC). Every step is a plain search, so that no text,
however hostile, takes longer than its length.
"""

import base64
import html
import json
import re
import unicodedata
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Self
from urllib.parse import quote, quote_plus

SHORTEST = 4
"""A value with fewer letters than this, white space and `+` not counted, cannot be told from ordinary text."""

_LAYERS = 6
_ESCAPE = re.compile(
    r"%u[0-9a-f]{4}"
    r"|%[c-f][0-9a-f](?:%[89ab][0-9a-f]){1,3}|%[0-9a-f]{2}"
    r"|\\u\{[0-9a-f]{1,6}\}|\\u[Dd][89ab][0-9a-f]{2}\\u[Dd][c-f][0-9a-f]{2}|\\u[0-9a-f]{4}"
    r"|\\x[c-f][0-9a-f](?:\\x[89ab][0-9a-f]){1,3}|\\x[0-9a-f]{2}"
    r"|\\s\+|\(\?:[^()|\s]{1,4}(?:\|[^()|\s]{1,4}){1,30}\)"
    r"|\\[^ux\s0-9]"
    r"|&\#x[0-9a-f]{1,8};?|&\#[0-9]{1,8};?|&[a-z][a-z0-9]{1,31};?",
    re.IGNORECASE,
)
_CONTROLS = frozenset("bfnrtv")
_GAP = re.compile(r"[\s+\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]+")
_MARKED = re.compile(r"\w[\u0300-\u036f]+")
_NO_FILE_NAME = re.compile(r'[<>:"/\\|?*~\x00-\x1f]')
_BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_")
_BITS, _OCTET = 6, 8


def _read(escape: str) -> str:
    """Return what one escape stands for."""
    if escape[0] == "&":
        return html.unescape(escape)
    if escape[0] == "(":  # the spellings of one letter; each stands for all
        return escape[3 : escape.index("|")]
    if escape[0] == "\\" and escape[1] not in "ux":
        return " " if escape[1] in _CONTROLS or escape == r"\s+" else escape[1]
    return _by_number(escape)


def _by_number(escape: str) -> str:
    if escape[1] in "uU":
        units = re.findall(r"[0-9a-fA-F]{4,6}|(?<=\{)[0-9a-fA-F]+", escape)
        halves = "".join(_letter(int(unit, 16)) for unit in units)
        return halves.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    octets = bytes.fromhex(re.sub(r"%|\\[xX]", "", escape))
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("latin-1")


def _letter(point: int) -> str:
    return chr(point) if point <= 0x10FFFF else "\ufffd"  # noqa: PLR2004 -- the last letter there is


def _without_layer(text: str) -> str:
    return _ESCAPE.sub(lambda match: _read(match[0]), text)


def _readings(text: str) -> Iterator[str]:
    for _ in range(_LAYERS):
        yield text
        inner = _without_layer(text)
        if inner == text:
            return
        text = inner


def _folded(text: str) -> str:
    return _GAP.sub("", unicodedata.normalize("NFC", text).replace("İ", "i").lower())


def _file_name(value: str) -> str:
    """Return what browsers make of a value in the name of a file."""
    return _NO_FILE_NAME.sub("_", value)


def _url_unsafe(text: str) -> str:
    return text.replace("-", "+").replace("_", "/")


def _cores(octets: bytes) -> Iterator[str]:
    """Yield what base64 makes of `octets` in a longer text: three alignments, without what the neighbours decide."""
    for before in range(3):
        bits = _OCTET * before
        coded = base64.b64encode(b"\0" * before + octets).decode("ascii")
        yield coded[-(-bits // _BITS) : (bits + _OCTET * len(octets)) // _BITS]


def _written(value: str) -> set[bytes]:
    """Return the octets that may have gone into base64."""
    written = {value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], html.escape(value)}
    written |= {quote(value), quote(value, safe=""), quote_plus(value)}
    composed = {unicodedata.normalize(form, text) for text in written for form in ("NFC", "NFD")} | written
    return {text.encode("utf-8", "surrogatepass") for text in composed} | {value.encode("utf-16-le", "surrogatepass")}


@dataclass(frozen=True, slots=True)
class _Reading:
    """A text derived from another; its letter `i` stood there from `starts[i]` to `ends[i]`."""

    text: str
    starts: "array[int]"
    ends: "array[int]"

    @classmethod
    def of(cls, text: str) -> Self:
        places = array("L", range(len(text) + 1))
        return cls(text, places[:-1], places[1:])

    def rewritten(self, pattern: re.Pattern[str], into: Callable[[str], str]) -> "_Reading":
        """Replace every match; all letters of a replacement stand where the match stood."""
        parts: list[str] = []
        starts, ends = array("L"), array("L")
        at = 0
        for match in pattern.finditer(self.text):
            new, (begin, end) = into(match[0]), match.span()
            parts += (self.text[at:begin], new)
            starts.extend(self.starts[at:begin])
            ends.extend(self.ends[at:begin])
            starts.extend([self.starts[begin]] * len(new))
            ends.extend([self.ends[end - 1]] * len(new))
            at = end
        starts.extend(self.starts[at:])
        ends.extend(self.ends[at:])
        return _Reading("".join((*parts, self.text[at:])), starts, ends)

    def layers(self) -> Iterator["_Reading"]:
        reading = self
        for _ in range(_LAYERS):
            yield reading
            inner = reading.rewritten(_ESCAPE, _read)
            if inner.text == reading.text:
                return
            reading = inner

    def folded(self) -> "_Reading":
        composed = self.rewritten(_MARKED, lambda letter: unicodedata.normalize("NFC", letter))
        lower = _Reading(composed.text.replace("İ", "i").lower(), composed.starts, composed.ends)
        return lower.rewritten(_GAP, lambda _: "")

    def spans(self, words: Iterable[str]) -> Iterator[tuple[int, int]]:
        for word in words:
            at = self.text.find(word)
            while at >= 0:
                yield self.starts[at], self.ends[at + len(word) - 1]
                at = self.text.find(word, at + 1)


def countable(value: str) -> int:
    """Return how many letters of `value` can be looked for."""
    return len(_folded(value))


@dataclass(frozen=True, slots=True)
class Disguises:
    """All forms of some values: `folded` as they are read, `coded` in base64."""

    folded: tuple[str, ...]
    coded: tuple[str, ...]
    octets: tuple[bytes, ...]

    @classmethod
    def of(cls, values: Iterable[str]) -> Self:
        """Prepare to look for `values`; those that are too short are left out."""
        known = [value for value in values if countable(value) >= SHORTEST]
        told = {one for value in known for one in (value, _file_name(value))}
        folded = {_folded(reading) for one in told for reading in _readings(one)}
        coded = {core for value in known for octets in _written(value) for core in _cores(octets)}
        wide = {value.encode(code, "surrogatepass") for value in known for code in ("utf-16-le", "utf-16-be")}
        return cls(
            tuple(sorted(form for form in folded if len(form) >= SHORTEST)),
            tuple(sorted({_url_unsafe(core) for core in coded})),
            tuple(sorted(wide)),
        )

    def stand_in(self, text: str) -> bool:
        """Whether `text` holds one of the values."""
        for reading in _readings(text):
            folded = _folded(reading)
            if any(form in folded for form in self.folded):
                return True
            alike = _url_unsafe(reading)
            if any(core in alike for core in self.coded):
                return True
        return False

    def places(self, text: str) -> list[tuple[int, int]]:
        """Return where the values stand in `text`: spans that do not overlap, in order."""
        found: list[tuple[int, int]] = []
        for layer in _Reading.of(text).layers():
            found += layer.folded().spans(self.folded)
            alike = _Reading(_url_unsafe(layer.text), layer.starts, layer.ends)
            found += (_whole(text, span) for span in alike.spans(self.coded))
        return list(_merged(sorted(found), slack=0))

    def covered(self, text: str, mask: str) -> str:
        """Return `text` with `mask` in the place of every value."""
        if not self.stand_in(text):
            return text
        spans = self.places(text)
        if not spans:  # seen, but nobody can say where
            return mask
        ends = [0, *chain.from_iterable(_merged(spans, slack=1)), len(text)]
        return mask.join(text[begin:end] for begin, end in zip(ends[::2], ends[1::2], strict=True))


def _whole(text: str, span: tuple[int, int]) -> tuple[int, int]:
    """Widen a place in base64 by the letters at its ends that hold a few bits of the value too."""
    begin, end = span
    while begin > max(0, span[0] - 2) and text[begin - 1] in _BASE64:
        begin -= 1
    while end < min(len(text), span[1] + 2) and text[end] in _BASE64:
        end += 1
    return begin, end


def _merged(spans: Iterable[tuple[int, int]], *, slack: int) -> Iterator[tuple[int, int]]:
    """Join spans that overlap; with a `slack` of 1 also those that touch."""
    begin = end = -1
    for first, last in spans:
        if first < end + slack:
            end = max(end, last)
            continue
        if end >= 0:
            yield begin, end
        begin, end = first, last
    if end >= 0:
        yield begin, end
