"""Files made for the walk: valid, of the wanted kind and size, the same bytes every time."""

import struct
import zlib
from collections.abc import Callable

from checks.targets import GeneratedFile

MIME = {"pdf": "application/pdf", "png": "image/png", "jpg": "image/jpeg", "txt": "text/plain"}

_JPEG = bytes.fromhex(
    "ffd8ffe000104a46494600010100000100010000ffdb004300"
    + "01" * 64
    + "ffc0000b080001000101011100ffc40014000100000000000000000000000000000000ffc4001410010000000000000000000000000000"
    "0000ffda0008010100003f00d2cf20ffd9"
)


def content(file: GeneratedFile) -> bytes:
    """Return a file that opens, of exactly `file.size` bytes, or of its smallest valid size if that is more."""
    return _MAKERS[file.type](file.size)


def _txt(size: int) -> bytes:
    line = b"Tai lieu thu nghiem cua dvcwatch, khong co gia tri phap ly.\n"
    return (line * (size // len(line) + 1))[:size]


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(size: int) -> bytes:
    head = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    tail = _chunk(b"IDAT", zlib.compress(b"\x00\xff")) + _chunk(b"IEND", b"")
    padding = size - len(head) - len(tail) - 12
    # A private ancillary chunk: readers skip what they do not know.
    return head + (_chunk(b"dvCw", bytes(padding)) if padding >= 0 else b"") + tail


def _jpg(size: int) -> bytes:
    filled = b""
    padding = size - len(_JPEG)
    while padding >= 4:  # noqa: PLR2004 -- marker and length of a comment segment
        length = min(padding - 2, 0xFFFF)
        if 0 < padding - 2 - length < 4:  # noqa: PLR2004 -- never leave a rest too short for its own marker
            length -= 4
        filled += b"\xff\xfe" + struct.pack(">H", length) + bytes(length - 2)
        padding -= length + 2
    return _JPEG[:2] + filled + _JPEG[2:]


def _pdf(size: int) -> bytes:
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
    ]
    smallest = len(_pdf_of([*objects, _stream(0)]))
    room = max(0, size - smallest)
    made = _pdf_of([*objects, _stream(room)])
    return made if len(made) <= max(size, smallest) else _pdf_of([*objects, _stream(room - (len(made) - size))])


def _stream(length: int) -> bytes:
    return b"<</Length %010d>>stream\n" % length + b" " * length + b"\nendstream"


def _pdf_of(objects: list[bytes]) -> bytes:
    body, offsets = b"%PDF-1.4\n", []
    for number, data in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj" % number + data + b"endobj\n"
    rows = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    table = b"xref\n0 %d\n0000000000 65535 f \n" % size + rows
    return body + table + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%010d\n%%%%EOF\n" % (size, len(body))


_MAKERS: dict[str, Callable[[int], bytes]] = {"pdf": _pdf, "png": _png, "jpg": _jpg, "txt": _txt}
