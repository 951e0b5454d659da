"""How often a walk's screens are looked at for accessibility."""

from typing import Annotated

from pydantic import AfterValidator, Field

from checks.frozen import Frozen
from checks.limits import Every
from checks.text import spoken

_HOUR_S = 3600.0
_DAY_S = 86400.0


def _not_hourly(interval: float) -> float:
    if interval < _HOUR_S:
        raise ValueError(f"must be at least {spoken(_HOUR_S)}: a look at accessibility is one walk more")
    return interval


class Accessibility(Frozen):
    """Each screen of a walk is looked at with axe, in a walk of its own that is not timed."""

    enabled: bool = Field(default=True, description="`false`: never.")
    every: Annotated[Every, AfterValidator(_not_hourly)] = Field(
        default=_DAY_S, description="Time from one look to the next, at least `1h`."
    )
