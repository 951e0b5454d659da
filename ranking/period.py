"""The span a ranking is about, exact to the second, in the province's own time."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Period:
    """A calendar month, or the part of it that has passed; `since` <= moment < `until`.

    Attributes:
        label: `2026-11`.
        since: First moment, local midnight.
        end: First moment after the whole month.
        until: First moment that is not judged: `end`, or the caller's now while the month still runs.
        zone: Time zone of the province; days are cut here.
    """

    label: str
    since: datetime
    end: datetime
    until: datetime
    zone: ZoneInfo

    @classmethod
    def parse(cls, text: str, timezone: str, now: datetime | None = None) -> "Period":
        """Read `2026-11`; with `now`, a month that still runs ends there.

        Raises:
            ValueError: It is not written that way, or has not begun at `now`.
        """
        match = _MONTH.fullmatch(text)
        if match is None:
            raise ValueError(f"a period is a month such as 2026-11, not {text!r}")
        zone = ZoneInfo(timezone)
        year, month = int(match[1]), int(match[2])
        since = datetime(year, month, 1, tzinfo=zone)
        end = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=zone)
        until = end if now is None else min(end, now.astimezone(zone))
        if until <= since:
            raise ValueError(f"{text} has not begun")
        return cls(text, since, end, until, zone)

    @property
    def complete(self) -> bool:
        """Whether the whole month is judged."""
        return self.until == self.end

    @property
    def days(self) -> int:
        """How many calendar days the judged span touches."""
        last = self.until.astimezone(self.zone)
        whole = (last.date() - self.since.date()).days
        at_midnight = (last.hour, last.minute, last.second, last.microsecond) == (0, 0, 0, 0)
        return whole if at_midnight else whole + 1

    @property
    def seconds(self) -> float:
        """Length of the judged span."""
        return self.until.timestamp() - self.since.timestamp()

    def covers(self, moment: datetime) -> bool:
        """Whether `moment` lies in the judged span."""
        return self.since <= moment < self.until

    def day_of(self, moment: datetime) -> int:
        """Return the 0-based local day of a moment that the span covers."""
        return (self.date_of(moment) - self.since.date()).days

    def date_of(self, moment: datetime) -> date:
        """Return the local date of a moment."""
        return moment.astimezone(self.zone).date()
