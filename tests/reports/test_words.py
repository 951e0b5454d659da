import pytest

from checks.ranking import INDICATORS, IndicatorId
from ranking.change import Change
from reports import words


@pytest.mark.parametrize(
    ("share", "said"),
    [(None, "–"), (1.0, "100 %"), (0.0, "0 %"), (0.842, "84,2 %"), (0.99999, "99,9 %"), (0.00001, "0,1 %")],
)
def test_a_share_is_never_rounded_to_all_or_nothing(share: float | None, said: str) -> None:
    assert words.percent(share) == said


@pytest.mark.parametrize(
    ("name", "full", "zero"),
    [
        ("journey_completion", "99 %", "90 %"),
        ("page_availability", "99,5 %", "95 %"),
        ("longest_outage", "30 phút", "8 giờ"),
        ("apdex", "0,94", "0,5"),
        ("lcp_p75", "2,5 giây", "10 giây"),
        ("clicks_to_find", "3", "8"),
        ("handling_time", "1 lần", "2 lần"),
        ("axe", "0", "20"),
    ],
)
def test_anchors_are_written_without_needless_digits(name: IndicatorId, full: str, zero: str) -> None:
    indicator = INDICATORS[name]
    assert (words.anchor(indicator, indicator.full), words.anchor(indicator, indicator.zero)) == (full, zero)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (None, "–"),
        (Change(-7.26, "falling"), "−7,3 (giảm)"),
        (Change(6, "rising"), "+6,0 (tăng)"),
        (Change(0.04, "steady"), "0,0 (trong sai số)"),
    ],
)
def test_a_change_says_whether_it_is_real(change: Change | None, said: str) -> None:
    assert words.change(change) == said


def test_times_have_their_unit() -> None:
    assert [words.seconds(value) for value in (0, 2.54, 119.9, 120, 28800)] == [
        "0 giây",
        "2,5 giây",
        "119,9 giây",
        "2 phút",
        "8 giờ",
    ]
