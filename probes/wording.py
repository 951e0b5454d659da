"""Numbers and days in messages, as officials read them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from checks.words_vi import day, decimal

_MS_BELOW_S = 0.1


def seconds(span_s: float) -> str:
    """Write a span: `19.04` -> `19,0 s`, and below a tenth of a second `0,004 s`."""
    return f"{decimal(span_s, 3 if span_s < _MS_BELOW_S else 1)} s"


def days(count: float) -> str:
    """Write a number of days: `5.25` -> `5,2 ngày`, `21.0` -> `21 ngày`."""
    return f"{decimal(count).removesuffix(',0')} ngày"


def megabytes(octets: int) -> str:
    """Write a size in decimal megabytes: `2_000_000` -> `2 MB`, `10_000` -> `0,01 MB`."""
    return f"{decimal(octets / 1e6, 3).rstrip('0').removesuffix(',')} MB"


def date(moment: datetime) -> str:
    """Write the day an aware moment is in Vietnam: `12/05/2026`."""
    return day(moment, ZoneInfo("Asia/Ho_Chi_Minh"))
