"""Secrets by reference: looked up when a walk starts, and taken out of every text that leaves it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from checks.errors import SecretError

_SECRET = re.compile(r"\$\{(env|file):([^}]+)\}")
_SHORTEST_HIDDEN = 4
MASK = "•••"


@dataclass(slots=True)
class Secrets:
    """Resolves `${env:NAME}` and `${file:PATH}` (relative to checks.yaml) and remembers what to hide."""

    environment: Mapping[str, str]
    folder: Path
    _known: set[str] = field(default_factory=set)

    def resolve(self, text: str) -> str:
        """Return `text` with every secret reference replaced by its value.

        Raises:
            SecretError: A variable is not set, or a file cannot be read. The value is never in the message.
        """
        return _SECRET.sub(self._value, text)

    def _value(self, match: re.Match[str]) -> str:
        value = self._from_environment(match[2]) if match[1] == "env" else self._from_file(match[2])
        if len(value) >= _SHORTEST_HIDDEN:
            self._known.add(value)
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

    def redact(self, text: str) -> str:
        """Return `text` with every secret value resolved so far masked, longest first."""
        for value in sorted(self._known, key=len, reverse=True):
            text = text.replace(value, MASK)
        return text
