"""The words and numbers that officials read."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from checks.incident import State
from checks.run import AGENT, NETWORK, NOBODY, SYSTEM, Reason, Verdict
from checks.words_vi import (
    blame_phrase,
    blame_word,
    clock,
    day,
    decimal,
    moment,
    number,
    reason_sentence,
    reason_word,
    span,
    state_word,
    verdict_sentence,
    verdict_word,
)
from tests.samples import DEPENDENCY

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
DEPENDENCIES = {DEPENDENCY.id: DEPENDENCY}


def test_every_verdict_reason_blame_and_state_has_words() -> None:
    words = [verdict_word(v) for v in Verdict] + [reason_word(r) for r in Reason] + [state_word(s) for s in State]
    words += [blame_word(b, {}) for b in (NOBODY, SYSTEM, NETWORK, AGENT)]
    sentences = [verdict_sentence(v) for v in Verdict] + [reason_sentence(r) for r in Reason]
    assert all(word[0].isupper() and not word.endswith(".") for word in words)
    assert all(sentence[0].isupper() and sentence.endswith(".") for sentence in sentences)
    assert len({verdict_word(v) for v in Verdict}) == len(Verdict)
    assert len({reason_word(r) for r in Reason}) == len(Reason)


def test_a_dependency_is_named_and_the_watched_system_is_cleared() -> None:
    phrase = blame_phrase("dependency:dinh-danh", DEPENDENCIES)
    assert "“Định danh điện tử”" in phrase
    assert "không ghi lỗi cho hệ thống được kiểm tra" in phrase
    assert blame_word("dependency:dinh-danh", DEPENDENCIES) == "Định danh điện tử"


def test_a_dependency_that_left_the_configuration_is_named_by_its_id() -> None:
    assert blame_word("dependency:cong-cu", DEPENDENCIES) == "cong-cu"


@pytest.mark.parametrize(
    ("value", "places", "written"),
    [(84.2, 1, "84,2"), (1234.5, 1, "1.234,5"), (0.049, 2, "0,05"), (-0.01, 1, "0,0"), (1234567.0, 0, "1.234.567")],
)
def test_numbers_have_a_decimal_comma_and_thousands_dots(value: float, places: int, written: str) -> None:
    assert decimal(value, places) == written
    assert number(12345) == "12.345"


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0, "dưới 1 giây"),
        (42, "42 giây"),
        (59.6, "1 phút"),
        (125, "2 phút 5 giây"),
        (7500, "2 giờ 5 phút"),
        (7199, "2 giờ"),
        (86399, "1 ngày"),
        (93600, "1 ngày 2 giờ"),
        (40 * 86400, "40 ngày"),
    ],
)
def test_spans_are_written_in_their_two_largest_units(seconds: float, written: str) -> None:
    assert span(seconds) == written


def test_moments_are_written_in_the_zone_of_the_reader() -> None:
    late = datetime(2026, 11, 9, 17, 5, tzinfo=UTC)
    assert moment(late, HANOI) == "10/11/2026 00:05"
    assert (day(late + timedelta(hours=7), HANOI), clock(late, HANOI)) == ("10/11/2026", "00:05")
