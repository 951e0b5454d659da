"""Keys that went down and up -> the combinations that a citizen would call one press."""

from dataclasses import dataclass, field

_MODIFIERS = {"Control": "Control", "Shift": "Shift", "Alt": "Alt", "Meta": "Meta", "AltGraph": "Alt"}
_SPELLED = {" ": "Space", "\r": "Enter", "\n": "Enter", "Spacebar": "Space", "Esc": "Escape", "Del": "Delete"}


@dataclass(slots=True)
class Keyboard:
    """Holds what is held down, and what was typed without anybody knowing yet into which field."""

    held: list[str] = field(default_factory=list)
    waiting: list[tuple[int, str, str]] = field(default_factory=list)

    def down(self, key: str, line: int, said: str) -> str:
        """Take a key that goes down; return the press it makes, or nothing for letters and modifiers."""
        if key in _MODIFIERS:
            if _MODIFIERS[key] not in self.held:
                self.held.append(_MODIFIERS[key])
            return ""
        spelled = _SPELLED.get(key, key)
        # A modifier may have been let go in another window; Shift alone makes a letter, not a combination.
        prefix = [held for held in self.held if held != "Shift" or len(spelled) > 1]
        if len(spelled) == 1 and not prefix:
            self.waiting.append((line, said, "typed"))
            return ""
        return "+".join([*prefix, spelled.upper() if prefix and len(spelled) == 1 else spelled])

    def up(self, key: str) -> None:
        """Take a key that comes up."""
        name = _MODIFIERS.get(key)
        if name in self.held:
            self.held.remove(name)

    def untold(self, before: str) -> list[tuple[int, str, str]]:
        """Return what was typed without a field, and forget it; typing that ends `before` a change is its value."""
        typed, self.waiting = self.waiting, []
        if not typed or before == "change":
            return []
        line, said, _ = typed[0]
        return [(line, said, f"{len(typed)} letters were typed, but not into a field that was recorded")]
