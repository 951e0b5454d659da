"""A recording in the words of checks.yaml, whoever recorded it: one moment after the other."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from checks.errors import ConfigError, Problem
from checks.locator import WAYS

Written = dict[str, Any]
"""A piece of a journey as it would stand in checks.yaml."""


@dataclass(frozen=True, slots=True)
class Landing:
    """The page that a moment led to; empty where the recording does not tell."""

    url: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that was recorded: something done, something expected, or something `lost` in translation.

    Attributes:
        line: where it stands in the recording's file.
        said: how people call the place, as in `step 3`; empty where the line is enough.
        action: what was done; a fill holds the value as it was typed.
        expects: a condition that was asserted.
        lands: the page it led to, where the recording tells.
        lost: why it is not in the journey, in a few words.
    """

    line: int
    said: str = ""
    action: Written | None = None
    expects: Written | None = None
    lands: Landing | None = None
    lost: str = ""

    @property
    def kind(self) -> str:
        """The action's key; empty when nothing was done."""
        return next(iter(self.action)) if self.action is not None else ""

    @property
    def target(self) -> Written:
        """The action's target; empty when it has none."""
        target = self.action[self.kind] if self.action is not None else None
        return target if isinstance(target, dict) else {}


@dataclass(slots=True)
class Recording:
    """A whole recording. `file` is how messages name it; `notes` are about the journey as it is, by line."""

    file: str
    title: str = ""
    device: str = "desktop"
    moments: list[Moment] = field(default_factory=list)
    notes: list[tuple[int, str]] = field(default_factory=list)

    def note(self, line: int, message: str) -> None:
        """Tell the author something about what stands on `line`."""
        self.notes.append((line, message))

    @property
    def navigates(self) -> bool:
        """Whether the recording tells of pages that were reached by something else than an address."""
        return any(moment.lands is not None and moment.kind != "goto" for moment in self.moments)


def locator_of(target: Mapping[str, Any]) -> Written:
    """Return the part of a target that says where it is, without what is done to it."""
    return {key: target[key] for key in (*WAYS, "name", "exact", "nth", "within", "or") if key in target}


def name_of(target: Mapping[str, Any]) -> str:
    """Return what people call the target: its name, label or text; empty when only a program could name it."""
    words = (target.get(key) for key in ("name", "label", "placeholder", "text", "title"))
    return next((str(word) for word in words if word), "")


def refused(file: str, faults: Iterable[tuple[int, str]]) -> ConfigError:
    """Return the error of a recording that cannot be read at all."""
    return ConfigError([Problem(file, line, "", message) for line, message in faults])
