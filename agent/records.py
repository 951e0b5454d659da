"""What has to reach the store, in order: slots that were begun, and what became of them."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from checks.run import AGENT, Outcome, Reason, Run, Slot, Verdict

Span = tuple[datetime, datetime]
"""The first and the last slot of a check whose records went."""

_NOT_KEPT = "Lỗi nội bộ của máy đo: không lưu được kết quả của lượt này."


@dataclass(frozen=True, slots=True)
class Begun:
    """Slots that are due and want their rows; `walked` is told which of them may be walked."""

    slots: tuple[Slot, ...]
    walked: asyncio.Future[frozenset[str]] | None = field(default=None, compare=False)

    def answer(self, ids: frozenset[str]) -> None:
        """Tell whoever waits which slots to walk; the first answer counts."""
        if self.walked is not None and not self.walked.done():
            self.walked.set_result(ids)


@dataclass(frozen=True, slots=True)
class Passed:
    """Slots that the clock, or a sleep, passed over: nobody could walk them, and `words` say why to people."""

    slots: tuple[Slot, ...]
    reason: Reason
    words: str


Record = Begun | Passed | Outcome


def weight(record: Record) -> int:
    """Return how many slots the record is about."""
    return 1 if isinstance(record, Outcome) else len(record.slots)


def slots_of(record: Record) -> Iterable[tuple[str, datetime]]:
    """Yield check and moment of every slot that the record is about."""
    if not isinstance(record, Outcome):
        return ((slot.check, slot.due_at) for slot in record.slots)
    return ((record.run.check, record.run.scheduled_at),)


def merged(spans: Mapping[str, Span], records: Iterable[Record]) -> dict[str, Span]:
    """Return the spans widened by the slots of `records`."""
    wider = dict(spans)
    for record in records:
        for check, due in slots_of(record):
            first, last = wider.get(check, (due, due))
            wider[check] = (min(first, due), max(last, due))
    return wider


def unkept(outcome: Outcome) -> Outcome:
    """Return what a slot gets whose own outcome cannot be stored: our fault, with nothing in it that could harm."""
    run = outcome.run
    names = (
        "id",
        "check",
        "type",
        "service",
        "system",
        "agency",
        "location",
        "agent",
        "config_hash",
        "depth",
        "device",
    )
    moments = ("scheduled_at", "started_at", "finished_at")
    return Outcome(
        run=Run(
            **{name: getattr(run, name) for name in (*names, *moments, "cache")},
            verdict=Verdict.INCONCLUSIVE,
            blame=AGENT,
            reason=Reason.INTERNAL,
            message=_NOT_KEPT,
        )
    )
