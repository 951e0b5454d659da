"""Spans in which one check was bad slot after slot."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

_LATE = 1.01  # slots lie on a grid; one per cent forgives rounding, not a missing slot


@dataclass(frozen=True, slots=True)
class Outage:
    """From the first bad slot to one interval after the last one in a row."""

    check: str
    began_at: datetime
    slots: int
    seconds: float


def outages(check: str, slots: Iterable[tuple[datetime, bool]], every_s: float) -> list[Outage]:
    """Join consecutive bad slots; `slots` are (due, bad) in time order.

    A slot that is not bad ends the span, and so does a due slot that is not there: what nobody saw is not charged.
    """
    found: list[Outage] = []
    previous: datetime | None = None
    for due, bad in slots:
        if not bad:
            previous = None
            continue
        joined = previous is not None and (due - previous).total_seconds() <= every_s * _LATE
        if joined:
            last = found.pop()
            length = (due - last.began_at).total_seconds() + every_s
            found.append(Outage(check, last.began_at, last.slots + 1, length))
        else:
            found.append(Outage(check, due, 1, every_s))
        previous = due
    return found
