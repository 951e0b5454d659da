"""Accessibility in the ranking: severe violations of the newest complete audit of the period, and of nobody else."""

from datetime import UTC, datetime
from typing import Any

import pytest

from checks.audit import Audit, Violation
from ranking.rank import rank
from ranking.result import Ranking
from tests import samples
from tests.ranking import province
from tests.ranking.province import NOVEMBER
from tests.ranking.single import line, share
from tests.samples import violation


def looked(day: int, *found: Violation, **fields: Any) -> Audit:
    """Make an audit of the one journey on a day of November."""
    at = datetime(2026, 11, day, 3, tzinfo=UTC)
    mine = [one if one.owner.startswith("dependency") else one.evolve(owner="system:mot-cua") for one in found]
    return samples.audit(at, *mine, **({"system": "mot-cua"} | fields))


def ranking(*audits: Audit) -> Ranking:
    config = province.one_system()
    journey, page = config.targets.values()
    return rank([*province.month(journey), *province.month(page)], config, NOVEMBER, audits=audits)


@pytest.mark.parametrize(("severe", "part"), [(0, 1.0), (5, 0.75), (20, 0.0), (90, 0.0)])
def test_points_fall_from_none_to_twenty_severe_violations(severe: int, part: float) -> None:
    found = [violation(count=severe)] if severe else []
    (unit,) = ranking(looked(9, *found)).units
    assert (line(unit, "axe").value, line(unit, "axe").samples) == (severe, 1)
    assert share(line(unit, "axe")) == pytest.approx(part)


def test_only_what_the_named_standard_asks_of_the_system_itself_counts() -> None:
    (unit,) = ranking(
        looked(
            9,
            violation("label", "critical", 2),
            violation("color-contrast", "serious", 3),
            violation("list", "moderate", 50),
            violation("target-size", "serious", 50, wcag="2.2"),
            violation("aria-dialog-name", "serious", 50, wcag=None),
            violation("label", "critical", 50, owner="dependency:dinh-danh"),
        )
    ).units
    assert line(unit, "axe").value == 5


def test_the_newest_complete_audit_of_the_period_counts_in_whatever_order_they_come() -> None:
    outside = samples.audit(datetime(2026, 12, 1, tzinfo=UTC), system="mot-cua")
    audits = (looked(3, violation(count=9)), looked(20, violation(count=4)), looked(28, complete=False), outside)
    for order in (audits, audits[::-1]):
        (unit,) = ranking(*order).units
        assert line(unit, "axe").value == 4


def test_without_an_audit_nothing_is_said_and_nothing_changes() -> None:
    unknown = looked(9, violation(), check="khac")
    assert ranking(unknown, looked(9, complete=False)) == ranking()
    (unit,) = ranking().units
    assert line(unit, "axe").value is None


def test_an_audit_that_counted_is_part_of_the_digest() -> None:
    one, other = ranking(looked(9)), ranking(looked(9, violation()))
    assert len({one.runs_digest, other.runs_digest, ranking().runs_digest}) == 3
    assert one == ranking(looked(9), looked(2, violation()))
