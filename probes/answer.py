"""An answer as it comes in, and whether one that aiohttp's parser refuses is an answer for browsers.

What browsers do was tried with Chromium (tests/probes/browser/test_odd_answers.py).
"""

import re
from asyncio import AbstractEventLoop

from aiohttp.client_proto import ResponseHandler

_HEAD_ENDS = b"\r\n\r\n"
_BEGINNING = 8  # "http" may stand behind up to four other octets, as in Chromium
_REFUSED_BY_BROWSERS = ("Got more than", "Invalid character in chunk size", "Expected LF after chunk data")
_QUOTATION = re.compile(r":\n|: b['\"]")  # from here on the parser's words are the server's


class AnswerError(Exception):
    """The parser refused an answer; `flaw` is its own word for why, without anything that the server wrote."""

    def __init__(self, flaw: str) -> None:
        super().__init__(flaw)
        self.flaw = flaw


class NotHttpError(AnswerError):
    """Browsers show an error instead."""


class LooseHttpError(AnswerError):
    """Browsers overlook it: a citizen sees the page that we cannot read."""


class AnswerHandler(ResponseHandler):
    """Is fed what the server sends, and keeps apart what aiohttp's own would mix up.

    A fault behind the head cannot swallow the head, nor one behind the body the body; one in the midst of the body
    reaches whoever reads that, who would else wait until the time is up.
    """

    def __init__(self, loop: AbstractEventLoop) -> None:
        super().__init__(loop)
        self._beginning = b""
        self._in_head = True

    def data_received(self, data: bytes) -> None:
        """Take octets from the line."""
        self._beginning += data[: _BEGINNING - len(self._beginning)]
        for piece in self._apart(data):
            super().data_received(piece)
            error = self.exception()
            if error is not None:
                # aiohttp's own field: it has no other way to the body. A test fails when it goes.
                if self._payload is not None and not self._payload.is_eof():
                    self._payload.set_exception(error)
                return

    def _apart(self, data: bytes) -> tuple[bytes, ...]:
        if not self._in_head:
            return (data,)
        head, gap, rest = data.partition(_HEAD_ENDS)
        self._in_head = not gap
        return (head + gap, rest) if rest else (data,)

    def refused(self, said: str) -> AnswerError:
        """Return what it means that the parser refused this answer with these words."""
        flaw = _QUOTATION.split(said)[0]
        http = b"http" in self._beginning.lower()
        return (NotHttpError if not http or flaw.startswith(_REFUSED_BY_BROWSERS) else LooseHttpError)(flaw)
