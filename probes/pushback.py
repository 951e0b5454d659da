"""What a server says when it was asked too much, and for how long it wants to be left alone."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from checks.run import Pushback
from checks.visits import host_of_url

_TOO_MANY, _UNAVAILABLE = 429, 503
_LONGEST_NUMBER = 10


def pushback(url: str, status: int, retry_after: str | None, now: datetime) -> Pushback | None:
    """Return the word of a server to come later; None when its answer says no such thing.

    A 503 without a Retry-After that can be read is an outage and asks for nothing.
    """
    wait_s = retry_after_s(retry_after or "", now)
    if status == _TOO_MANY or (status == _UNAVAILABLE and wait_s is not None):
        return Pushback(host=host_of_url(url), status=status, retry_after_s=wait_s)
    return None


def retry_after_s(text: str, now: datetime) -> float | None:
    """Return the seconds that a Retry-After field means at the aware moment `now`; None when it cannot be read."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return float(text[:_LONGEST_NUMBER])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())
