"""The octets of an answer as text that can be compared: unpacked, decoded, normalised; all of it bounded."""

import codecs
import html
import unicodedata
import zlib
from dataclasses import dataclass
from functools import cached_property

_GZIP, _ZLIB, _RAW_DEFLATE = 31, 15, -15

_CHARSETS = frozenset({"utf-8", "utf-16", "utf-16-le", "utf-16-be", "ascii", "cp1252", "cp1258"})
"""Charsets that are decoded as declared. Some codecs Python knows take quadratic time or run escapes: not those."""

ACCEPTED_ENCODINGS = "gzip, deflate"
KNOWN_ENCODINGS = ("", "identity", "gzip", "x-gzip", "deflate")


class Unpacker:
    """Unpacks an answer piece by piece, never to more than was asked for: a small answer can unpack to gigabytes."""

    def __init__(self, encoding: str) -> None:
        """Prepare for one of `KNOWN_ENCODINGS`."""
        self._encoding = encoding
        self._stream: zlib._Decompress | None = None

    def feed(self, piece: bytes, room: int) -> bytes:
        """Return at most `room` (> 0) octets unpacked from `piece`.

        Raises:
            zlib.error: The stream is broken.
        """
        if self._encoding in ("", "identity"):
            return piece[:room]
        if self._stream is None:
            self._stream = zlib.decompressobj(self._window(piece))
        return self._stream.decompress(piece, room)

    def _window(self, first: bytes) -> int:
        if self._encoding != "deflate":
            return _GZIP
        # "deflate" means zlib, but some servers send it bare; browsers look at the first octet too.
        return _ZLIB if first[:1] == b"\x78" else _RAW_DEFLATE


@dataclass(frozen=True)
class PageText:
    """A page's text in NFC, its white space as it came."""

    normal: str
    is_html: bool

    @cached_property
    def written(self) -> str:
        """The text as it was written, composed."""
        return _spaced(self.normal)

    @cached_property
    def read(self) -> str:
        """The text as it is read, composed: for HTML, with character references replaced."""
        return unescaped(self.written) if self.is_html else self.written

    def contains(self, expected: str) -> bool:
        """Whether `expected` stands in the page, whatever the normal form and white space of either."""
        wanted = composed(expected)
        # Where it stands as it is, its own spaces are single, so it stands in the composed text too; nearly every page
        # that is right ends here, and composing takes longer than all other judging.
        return wanted in self.normal or wanted in self.written or wanted in self.read


def page_text(body: bytes, charset: str | None, *, is_html: bool) -> PageText:
    """Decode a body; what does not fit the charset becomes U+FFFD, an unknown or unsafe charset is read as UTF-8."""
    decoded = body.decode(_codec(charset), errors="replace")
    return PageText(unicodedata.normalize("NFC", decoded), is_html)


def composed(text: str) -> str:
    """Return `text` in NFC with every run of white space as one space: `ê` has three spellings in Unicode."""
    return _spaced(unicodedata.normalize("NFC", text))


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _codec(charset: str | None) -> str:
    try:
        name = codecs.lookup(charset or "utf-8").name
    except (LookupError, ValueError):
        return "utf-8-sig"
    if name == "iso8859-1":
        return "cp1252"  # as browsers do
    return name if name in _CHARSETS and name != "utf-8" else "utf-8-sig"


def unescaped(text: str) -> str:
    """Return composed `text` with character references replaced; as it is where one of them is monstrous."""
    if "&" not in text:
        return text
    try:
        return composed(html.unescape(text))
    except ValueError:  # a number of thousands of digits as a character reference
        return text
