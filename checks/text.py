"""How single values are written in checks.yaml: durations, sizes, names, and texts with `${references}`."""

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, StringConstraints, ValidationInfo, WithJsonSchema

from checks.errors import shown

_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?)(B|KB|MB|GB)")
_BYTES = {"B": 1, "KB": 1000, "MB": 1000**2, "GB": 1000**3}
REFERENCE = re.compile(r"\$\{([^}]*)\}")
"""A reference in a text; its name is the first group."""

DURATION_PATTERN = r"^\d+(\.\d+)?(ms|s|m|h|d)$"
SIZE_PATTERN = r"^\d+(\.\d+)?(B|KB|MB|GB)$"
_LONGEST_S = 3660 * 86400.0
_LARGEST = 10_000 * 1000**3
WRITTEN = {"written": True}
"""Validation context of what stands in the file; without it, values that were read before are taken as they are."""

_USER_INFO = re.compile(r"(?:[^/?#]*(?:://?|:?[/\\]{2}))?[^/?#]*@")
_SECRET = re.compile(r"(?:\$\{(?:env|file):[^}]+\})+")


def seconds(text: object) -> float:
    """Read a duration such as `250ms`, `30s`, `10m`, `1.5h`, `7d`; a float is already in seconds.

    Raises:
        ValueError: It is not written that way, is zero, or is longer than ten years.
    """
    if isinstance(text, float):
        return text
    match = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError(f"must be a duration such as 250ms, 30s, 10m, 1h or 7d, not {text!r:.200}")
    value = float(match[1]) * _SECONDS[match[2]]
    if value == 0:
        raise ValueError("must be longer than zero")
    if value > _LONGEST_S:
        raise ValueError(f"must be at most {spoken(_LONGEST_S)}")
    return value


def _duration(text: object, info: ValidationInfo) -> float:
    # A bare number in the file says no unit.
    return seconds(str(text) if isinstance(text, float) and info.context == WRITTEN else text)


def octets(text: object) -> int:
    """Read a size such as `200KB` (decimal units); an int is already in bytes.

    Raises:
        ValueError: It is not written that way, is negative, or beyond 10,000 GB.
    """
    if isinstance(text, int) and not isinstance(text, bool):
        return _possible(text)
    match = _SIZE.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError(f"must be a size such as 200KB, 5MB or 1GB, not {text!r:.200}")
    return _possible(float(match[1]) * _BYTES[match[2]])


def _possible(size: float) -> int:
    if not 0 <= size <= _LARGEST:
        raise ValueError(f"must be between 0B and {spoken_size(_LARGEST)}")
    return int(size)


def spoken(duration_s: float) -> str:
    """Write a duration the way checks.yaml does: `90s` -> `90s`, `600.0` -> `10m`."""
    for unit in ("d", "h", "m"):
        count = duration_s / _SECONDS[unit]
        if count >= 1 and count == int(count) and duration_s != _SECONDS["m"]:
            return f"{int(count)}{unit}"
    return f"{duration_s:g}s"


def spoken_size(size: int) -> str:
    """Write a size the way checks.yaml does: `20000` -> `20KB`."""
    unit = max((unit for unit, one in _BYTES.items() if size % one == 0), key=lambda unit: _BYTES[unit])
    return f"{size // _BYTES[unit]}{unit}"


def references(text: str) -> list[str]:
    """Return the names inside every `${…}` of `text`, in order."""
    return REFERENCE.findall(text)


def is_unclosed(text: str) -> bool:
    """Whether a `${` in `text` has no `}`."""
    return "${" in REFERENCE.sub("", text)


def is_secret_reference(text: str) -> bool:
    """Whether `text` consists of nothing but `${env:NAME}` / `${file:PATH}` references."""
    return _SECRET.fullmatch(text) is not None


def _no_literal(text: object) -> object:
    if isinstance(text, str) and not is_secret_reference(text):
        # The text itself is never repeated: this message ends in terminals and logs.
        raise ValueError("a secret must be a reference (${env:NAME} or ${file:PATH}), not written out")
    return text


Duration = Annotated[
    float,
    BeforeValidator(_duration),
    WithJsonSchema({"type": "string", "pattern": DURATION_PATTERN, "examples": ["30s", "10m"]}),
]
"""Seconds, written as `30s`, `10m`, `1h`."""

Size = Annotated[
    int,
    BeforeValidator(octets),
    WithJsonSchema({"type": "string", "pattern": SIZE_PATTERN, "examples": ["200KB"]}),
]
"""Bytes, written as `200KB`, `5MB`."""

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
"""A name for machines: lower-case ASCII words joined by hyphens."""

Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
"""A name for people, usually Vietnamese."""

Text = Annotated[str, StringConstraints(max_length=10_000)]
"""A text that may hold `${parameter}`, `${system.url}`, `${env:NAME}` or `${file:PATH}` references."""

SecretText = Annotated[str, BeforeValidator(_no_literal)]
"""A text that must be a secret reference; a literal is refused."""


def _no_user(text: object) -> object:
    if isinstance(text, str) and _USER_INFO.match(text):
        # The text itself is never repeated: what stands there is a password.
        raise ValueError("must not hold a user name or password; use secret_headers")
    return text


def _has_host(text: str) -> str:
    try:
        parts = urlsplit(text)
        sound = text.startswith("${") or "${" in parts.netloc or (parts.hostname and parts.port != 0)
    except ValueError:  # brackets that do not match, a port beyond 65535
        sound = False
    if not sound:
        raise ValueError(f"names no host, or a port that is none: {shown(text)}")
    return text


def _no_reference(text: str) -> str:
    if "${" in text:
        raise ValueError("must be written out; references such as ${system.url} lead here")
    return text


Url = Annotated[
    str,
    StringConstraints(pattern=r"^(https?://|\$\{)[^\s]+$", max_length=2000),
    AfterValidator(_has_host),
    BeforeValidator(_no_user),
]
"""An http(s) address, or one that begins with a reference such as `${system.url}`."""

PlainUrl = Annotated[Url, AfterValidator(_no_reference)]
"""An http(s) address without references."""
