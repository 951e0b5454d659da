"""When an announced stop excuses a service."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from checks.maintenance import covers, excuses, working_days
from checks.model import Maintenance
from tests import samples
from tests.samples import NOON

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def stop(**fields: object) -> Maintenance:
    base = {
        "id": "nang-cap",
        "systems": ["mot-cua-tinh"],
        "starts": NOON,
        "ends": NOON + timedelta(hours=2),
        "announced": NOON - timedelta(days=20),
        "note": "Nâng cấp",
    }
    return Maintenance.model_validate(base | fields)


@pytest.mark.parametrize(
    ("announced", "starts", "days"),
    [
        (date(2026, 10, 30), date(2026, 11, 10), 7),  # Friday to Tuesday after next
        (date(2026, 10, 31), date(2026, 11, 10), 7),  # Saturday is as good as Friday
        (date(2026, 11, 2), date(2026, 11, 10), 6),
        (date(2026, 11, 10), date(2026, 11, 10), 0),
        (date(2026, 11, 11), date(2026, 11, 10), 0),
    ],
)
def test_working_days_are_counted_after_the_announcement(announced: date, starts: date, days: int) -> None:
    assert working_days(announced, starts) == days


def test_a_stop_excuses_with_enough_notice_or_by_force_majeure() -> None:
    assert excuses(stop(), ZONE, 7)
    assert not excuses(stop(announced=NOON - timedelta(days=2)), ZONE, 7)
    assert excuses(stop(announced=NOON + timedelta(hours=1), force_majeure=True), ZONE, 7)


def test_days_are_those_of_the_province() -> None:
    # 10/11/2026 is a Tuesday; 20:00 UTC on Thursday 29/10 is Friday 30/10 in Việt Nam.
    announced = NOON.replace(month=10, day=29, hour=20)
    assert excuses(stop(announced=announced), ZONE, 7)
    assert not excuses(stop(announced=announced), ZONE, 8)


def test_a_stop_covers_its_systems_and_services_until_its_end() -> None:
    assert covers(stop(), samples.run(NOON))
    assert not covers(stop(), samples.run(NOON + timedelta(hours=2)))
    assert not covers(stop(), samples.run(NOON - timedelta(seconds=1)))
    assert covers(stop(systems=[], services=["khai-sinh"]), samples.run(NOON))
    assert not covers(stop(systems=["khac"]), samples.run(NOON))
    assert not covers(stop(systems=[]), samples.run(NOON, service=None))
