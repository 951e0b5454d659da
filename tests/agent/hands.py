"""A clock by hand."""

from dataclasses import dataclass


@dataclass
class Hands:
    """A clock that stands until it is moved."""

    at: float = 100.0

    def monotonic(self) -> float:
        return self.at
