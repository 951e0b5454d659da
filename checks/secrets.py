"""Secrets by reference: looked up when a walk starts, and taken out of every text that leaves it."""

import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from functools import cache
from pathlib import Path
from types import NoneType
from typing import Any, Literal, TypeVar, get_args, get_origin

from checks.disguise import SHORTEST, Disguises, countable
from checks.errors import SecretError
from checks.frozen import Value

_SECRET = re.compile(r"\$\{(env|file):([^}]+)\}")
_MOST_KNOWN = 256
_MOST_PASSING = 32
_READ = 50_000
_LONGEST_WRITING = 12
"""Letters that one letter of a secret may be written with: `&amp;#x1EAD;`."""
MASK = "•••"

_OUR_WORDS = frozenset({"blame", "owner", "path", "kind", "rule", "impact"})
"""Fields whose texts are names of ours; masking one would break the value without hiding anything."""

_SILENT = (int, float, NoneType, datetime, Enum)
"""What holds no text but names of ours."""

Redact = Callable[[str], str]
F = TypeVar("F", bound=Value)


@dataclass(slots=True)
class Secrets:
    """Resolves `${env:NAME}` and `${file:PATH}` (relative to checks.yaml) and remembers what to hide.

    One value of it serves the whole program: what one walk has resolved is hidden wherever anything is written.
    """

    environment: Mapping[str, str]
    folder: Path
    _known: OrderedDict[str, None] = field(default_factory=OrderedDict)
    _passing: OrderedDict[str, None] = field(default_factory=OrderedDict)
    _learnt: int = 0
    _disguises: tuple[int, Disguises] = (0, Disguises.of(()))
    """What is looked for, and how much was known when it was made up: recordings are cleared in other threads."""

    def resolve(self, text: str) -> str:
        """Return `text` with every secret reference replaced by its value.

        Raises:
            SecretError: A variable is not set, a file cannot be read, or a value is too short to be hidden. The value
                is never in the message.
        """
        return _SECRET.sub(self._value, text)

    def _value(self, match: re.Match[str]) -> str:
        value = self._from_environment(match[2]) if match[1] == "env" else self._from_file(match[2])
        if countable(value) < SHORTEST:
            name = f"environment variable {match[2]}" if match[1] == "env" else f"secret file {match[2]}"
            raise SecretError(
                f"{name} holds fewer than {SHORTEST} letters: too short to be hidden in logs and evidence"
            )
        self.learn(value)
        return value

    def _from_environment(self, name: str) -> str:
        if name not in self.environment:
            raise SecretError(f"environment variable {name} is not set")
        return self.environment[name]

    def _from_file(self, path: str) -> str:
        try:
            return (self.folder / path).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise SecretError(f"secret file {path} cannot be read: {type(error).__name__}") from None

    def learn(self, value: str, *, passing: bool = False) -> None:
        """Hide `value` from now on; a `passing` one, such as a one-time password, until 32 others came after it."""
        values, most = (self._passing, _MOST_PASSING) if passing else (self._known, _MOST_KNOWN)
        if value in values:
            values.move_to_end(value)
            return
        values[value] = None
        if len(values) > most:
            values.popitem(last=False)
        self._learnt += 1

    def redact(self, text: str) -> str:
        """Return `text` with every value known so far masked, in whatever form `checks.disguise` recognises.

        Must come before a text is cut: half a secret is not recognised. `excerpt` does both.
        """
        return self._hidden().covered(text, MASK)

    def places(self, text: str) -> list[tuple[int, int]]:
        """Return where values known so far stand in `text`."""
        hidden = self._hidden()
        return hidden.places(text) if hidden.stand_in(text) else []

    def excerpt(self, text: str, most: int = 500) -> str:
        """Return the first `most` letters of the redacted `text`, in bounded time however long it is."""
        bound = max(_READ, 4 * most)
        if len(text) <= bound:
            return self.redact(text)[:most]
        said = self.redact(text[:bound])
        # What stands at the bound may be the first half of a secret.
        longest = max(map(len, (*self._known, *self._passing)), default=0)
        return said[: min(most, max(0, len(said) - _LONGEST_WRITING * longest))]

    def redact_bytes(self, data: bytes) -> bytes:
        """Return `data`, text or not, with every value known so far masked."""
        text = data.decode("utf-8", "surrogateescape")
        hidden = self._hidden()
        masked = hidden.covered(text, MASK)
        data = data if masked == text else masked.encode("utf-8", "surrogateescape")
        for wide in hidden.octets:
            data = data.replace(wide, b"")
        return data

    def _hidden(self) -> Disguises:
        learnt, (made, hidden) = self._learnt, self._disguises
        if made != learnt:
            hidden = Disguises.of((*self._known, *self._passing))
            self._disguises = (learnt, hidden)
        return hidden


def masked(value: F, redact: Redact) -> F:
    """Return `value` with every text in it passed through `redact`, however deep; names of ours stay."""
    parts = {name: getattr(value, name) for name in _speaking(type(value))}
    changed = {name: said for name, part in parts.items() if (said := _masked(part, redact)) is not part}
    return value.evolve(**changed) if changed else value


@cache
def _speaking(kind: type[Value]) -> tuple[str, ...]:
    """Return the fields of such a value that may hold a text, however deep: most of a finding are numbers."""
    fields = kind.model_fields.items()
    return tuple(name for name, field in fields if name not in _OUR_WORDS and _may_speak(field.annotation))


def _may_speak(annotation: Any) -> bool:
    """Whether a text may stand where this is expected; whatever is not known to hold none may."""
    parts = [part for part in get_args(annotation) if part is not Ellipsis]
    if parts and get_origin(annotation) is not Literal:
        return any(map(_may_speak, parts))
    if not isinstance(annotation, type):
        return True
    return bool(_speaking(annotation)) if issubclass(annotation, Value) else not issubclass(annotation, _SILENT)


def _masked(part: Any, redact: Redact) -> Any:
    if isinstance(part, Value):
        return masked(part, redact)
    if isinstance(part, tuple):
        return tuple(_masked(one, redact) for one in part)
    return redact(part) if type(part) is str else part  # an enumeration is a name of ours
