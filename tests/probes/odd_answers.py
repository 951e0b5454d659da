"""Answers that are not quite HTTP, as servers send them; each is a page of five letters, if a browser shows it."""

PAGE = "hello"
_LENGTH = b"Content-Length: 5\r\n"
_CHUNKED = b"Transfer-Encoding: chunked\r\n"
_CHUNKS = b"5\r\nhello\r\n0\r\n\r\n"
_OK = b"HTTP/1.1 200 OK\r\n"

SHOWN_BY_BROWSERS_ONLY = {
    "a length beside chunks": _OK + _LENGTH + _CHUNKED + b"\r\n" + _CHUNKS,
    "chunks beside a length": _OK + _CHUNKED + _LENGTH + b"\r\n" + _CHUNKS,
    "the same length twice": _OK + _LENGTH + _LENGTH + b"\r\nhello",
    "the same length twice in one line": _OK + b"Content-Length: 5, 5\r\n\r\nhello",
    "a length that is no number": _OK + b"Content-Length: abc\r\n\r\nhello",
    "no length in its line": _OK + b"Content-Length:\r\n\r\nhello",
    "a space before the colon": _OK + b"X-Foo : 1\r\n" + _LENGTH + b"\r\nhello",
    "a line without a colon": _OK + b"X-Foo\r\n" + _LENGTH + b"\r\nhello",
    "a line without a name": _OK + b": 1\r\n" + _LENGTH + b"\r\nhello",
    "a name with an accent": _OK + "X-Việt: 1\r\n".encode() + _LENGTH + b"\r\nhello",
    "a carriage return in a value": _OK + b"X-Foo: a\rb\r\n" + _LENGTH + b"\r\nhello",
    "a version nobody knows": b"HTTP/1.2 200 OK\r\n" + _LENGTH + b"\r\nhello",
    "small letters": b"http/1.1 200 OK\r\n" + _LENGTH + b"\r\nhello",
    "letters before it": b"ab" + _OK + _LENGTH + b"\r\nhello",
    "two spaces": b"HTTP/1.1  200 OK\r\n" + _LENGTH + b"\r\nhello",
    "no code": b"HTTP/1.1 OK\r\n" + _LENGTH + b"\r\nhello",
    "lines of chunks that end with a line feed": _OK + _CHUNKED + b"\r\n5\nhello\n0\n\n",
    "a trailer without a colon": _OK + _CHUNKED + b"\r\n5\r\nhello\r\n0\r\nfoo bar\r\n\r\n",
}
"""Browsers show them; our parser does not read them."""

SHOWN = {
    "octets behind the body of a line that closes": _OK + b"Connection: close\r\n" + _LENGTH + b"\r\nhelloMORE",
    "octets behind the body of a line that stays": _OK + _LENGTH + b"\r\nhelloMORE",
    "a thousand lines": _OK + b"".join(b"X-%d: 1\r\n" % n for n in range(1000)) + _LENGTH + b"\r\nhello",
    "a control character in a value": _OK + b"X-Foo: a\x01b\r\n" + _LENGTH + b"\r\nhello",
    "a folded line": _OK + b"X-Foo: a\r\n b\r\n" + _LENGTH + b"\r\nhello",
    "lines that end with a line feed": b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
}
"""Browsers show them, and our parser reads them."""

REFUSED = {
    "a greeting of ssh": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    "a page without a head": b"<html><p>hello</html>",
    "an alert of TLS": b"\x15\x03\x01\x00\x02\x02\x46",
    "a line of 300,000 letters": _OK + b"X-Foo: " + b"a" * 300_000 + b"\r\n" + _LENGTH + b"\r\nhello",
    "a chunk without its size": _OK + _CHUNKED + b"\r\nzz\r\nhello\r\n0\r\n\r\n",
    "a chunk longer than its size": _OK + _CHUNKED + b"\r\n3\r\nhello\r\n0\r\n\r\n",
}
"""Nobody reads them."""
