"""Looks at a downloaded file: is it what the citizen was promised?"""

from pathlib import Path

from checks.elements_vi import quoted
from checks.secrets import Redact
from checks.targets import ExpectedFile
from probes.browser.locate import folded

_ZIP = b"PK\x03\x04"
_BEGINNINGS = {
    "pdf": b"%PDF-",
    "png": b"\x89PNG\r\n",
    "jpg": b"\xff\xd8\xff",
    "docx": _ZIP,
    "xlsx": _ZIP,
    "zip": _ZIP,
}


def fault(expected: ExpectedFile, part_of_name: str | None, name: str, path: Path, redact: Redact) -> str:
    """Say in Vietnamese what is wrong with a file; empty when nothing is. `part_of_name` is the name expected."""
    if part_of_name is not None and folded(part_of_name) not in folded(name):
        return f"tệp tải về tên là {quoted(redact(name))}, không chứa {quoted(redact(part_of_name))}"
    size = path.stat().st_size
    if size < expected.at_least:
        return f"tệp tải về chỉ có {size} byte, ít hơn {expected.at_least}"
    if expected.at_most is not None and size > expected.at_most:
        return f"tệp tải về có {size} byte, nhiều hơn {expected.at_most}"
    if expected.type is not None:
        with path.open("rb") as file:
            if not file.read(16).startswith(_BEGINNINGS[expected.type]):
                return f"tệp tải về không phải là tệp {expected.type}"
    return ""
