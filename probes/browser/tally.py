"""Counts what the citizen had to do, from what happened and never from the length of the YAML."""

import unicodedata
from dataclasses import dataclass, field
from typing import Literal

from checks.run import UxCounts

_K, _P, _B, _H, _M = 0.28, 1.1, 0.1, 0.4, 1.35


def handling_s(ux: UxCounts, hand_changes: int) -> float:
    """Return the keystroke-level estimate of Card, Moran and Newell, with the waits that were measured.

    A pointer activation is one P and one B; M is paid per step and per choice.
    """
    pointing = (_P + _B) * (ux.clicks + ux.drags)
    thinking = _M * (ux.steps + ux.choices)
    return _K * ux.keystrokes + pointing + _H * hand_changes + thinking + ux.forced_wait_s


@dataclass(slots=True)
class StepTally:
    """The counts of one step while it is walked."""

    clicks: int = 0
    drags: int = 0
    fields: int = 0
    keystrokes: int = 0
    choices: int = 0
    uploads: int = 0
    dialogs: int = 0
    new_tabs: int = 0
    re_entry: int = 0
    otp: int = 0
    hand_changes: int = 0


@dataclass(slots=True)
class Tally:
    """The counts of a walk, step by step."""

    steps: list[StepTally] = field(default_factory=list)
    _hand: Literal["", "mouse", "keys"] = ""
    _given: set[str] = field(default_factory=set)

    def forget(self) -> None:
        """Start afresh, as after an unmeasured pass."""
        self.steps.clear()
        self._given.clear()
        self._hand = ""

    @property
    def now(self) -> StepTally:
        """The step being walked; what happens before the first one belongs to it."""
        if not self.steps:
            self.steps.append(StepTally())
        return self.steps[-1]

    def begin(self, step: int) -> None:
        """Count from now on for step number `step`."""
        while len(self.steps) <= step:
            self.steps.append(StepTally())

    def clicked(self) -> None:
        """One pointer activation."""
        self.now.clicks += 1
        self._use("mouse")

    def dragged(self) -> None:
        """One pointer drag."""
        self.now.drags += 1
        self._use("mouse")

    def typed(self, value: str) -> None:
        """A field was given `value` by typing."""
        self.now.fields += 1
        self.now.keystrokes += len(self._give(value))
        self._use("keys")

    def picked(self, value: str) -> None:
        """A date, time, colour or number was set in the browser's own picker."""
        self._give(value)
        self.chose()

    def typed_otp(self, code: str) -> None:
        """A one-time password was asked for and typed; it is never a value typed again."""
        self.now.otp += 1
        self.now.fields += 1
        self.now.keystrokes += len(code)
        self._use("keys")

    def pressed(self) -> None:
        """One key, with its modifiers; emptying a field is one."""
        self.now.keystrokes += 1
        self._use("keys")

    def chose(self) -> None:
        """A value was chosen from a list or in a picker."""
        self.now.choices += 1
        self._use("mouse")

    def attached(self) -> None:
        """A file was attached."""
        self.now.uploads += 1
        self._use("mouse")

    def total_clicks(self) -> int:
        """The clicks since the walk began."""
        return sum(step.clicks for step in self.steps)

    def counts(self, step: int, *, screens: int, redirects: int, forced_wait_s: float, to_find: int | None) -> UxCounts:
        """Return the counts of one step, with those that the page and the network know."""
        mine = self.steps[step]
        ux = UxCounts(
            clicks=mine.clicks,
            drags=mine.drags,
            fields=mine.fields,
            keystrokes=mine.keystrokes,
            choices=mine.choices,
            uploads=mine.uploads,
            screens=screens,
            redirects=redirects,
            dialogs=mine.dialogs,
            new_tabs=mine.new_tabs,
            otp=mine.otp,
            re_entry=mine.re_entry,
            steps=1,
            forced_wait_s=forced_wait_s,
            clicks_to_find=to_find,
        )
        return ux.evolve(handling_s=handling_s(ux, mine.hand_changes))

    def _give(self, value: str) -> str:
        """Return `value` composed; one that was given before in this walk had to be given again."""
        text = unicodedata.normalize("NFC", value)
        self.now.re_entry += bool(text) and text in self._given
        self._given.add(text)
        return text

    def _use(self, hand: Literal["mouse", "keys"]) -> None:
        self.now.hand_changes += self._hand not in ("", hand)
        self._hand = hand
