from datetime import UTC, datetime, timedelta

import pytest

from ranking.period import Period

ZONE = "Asia/Ho_Chi_Minh"


def test_a_month_begins_and_ends_at_local_midnight() -> None:
    period = Period.parse("2026-11", ZONE)
    assert period.since == datetime(2026, 10, 31, 17, tzinfo=UTC)
    assert period.until == period.end == datetime(2026, 11, 30, 17, tzinfo=UTC)
    assert period.days == 30
    assert period.complete


def test_december_ends_in_the_next_year() -> None:
    assert Period.parse("2026-12", ZONE).end == datetime(2026, 12, 31, 17, tzinfo=UTC)


def test_a_month_that_still_runs_ends_now() -> None:
    now = datetime(2026, 11, 10, 5, 0, tzinfo=UTC)
    period = Period.parse("2026-11", ZONE, now)
    assert period.until == now
    assert not period.complete
    assert period.days == 10
    assert period.covers(now - timedelta(seconds=1))
    assert not period.covers(now)


def test_a_month_that_has_passed_is_whole_whatever_the_hour() -> None:
    assert Period.parse("2026-11", ZONE, datetime(2027, 3, 1, tzinfo=UTC)).complete


def test_days_are_local_days() -> None:
    period = Period.parse("2026-11", ZONE)
    assert period.day_of(datetime(2026, 11, 1, 16, 59, tzinfo=UTC)) == 0
    assert period.day_of(datetime(2026, 11, 1, 17, 0, tzinfo=UTC)) == 1


@pytest.mark.parametrize("text", ["2026-13", "2026-1", "11/2026", "2026-11-01", ""])
def test_anything_but_a_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a period is a month such as 2026-11"):
        Period.parse(text, ZONE)


def test_a_month_that_has_not_begun_is_refused() -> None:
    with pytest.raises(ValueError, match="2026-12 has not begun"):
        Period.parse("2026-12", ZONE, datetime(2026, 11, 10, tzinfo=UTC))
