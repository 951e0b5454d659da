"""What a benchmark brings back."""

from dataclasses import dataclass
from math import nan


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value beside the one it is compared with: a bound of ours, or bare work that must be done anyway."""

    what: str
    value: float
    unit: str
    compared: float
    with_what: str

    @property
    def ratio(self) -> float:
        """How many times the value it is compared with; not a number when that is nothing."""
        return self.value / self.compared if self.compared else nan
