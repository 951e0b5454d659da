"""What the reference takes at rest: low but not lucky, remembered for a week, and only for what it was measured on."""

from pathlib import Path

import pytest

from agent.baseline import KEPT_HOURS, Baseline

HOUR_S = 3600.0


def test_nothing_is_known_before_two_were_measured() -> None:
    baseline = Baseline("a")
    baseline.take(0.2, 0.0)
    assert baseline.slowdown(0.4) is None
    baseline.take(0.2, 1.0)
    assert baseline.slowdown(0.4) == pytest.approx(2.0)


def test_the_quickest_of_each_hour_is_kept_and_a_fifth_of_them_lie_below() -> None:
    baseline = Baseline("a")
    for hour in range(10):
        for took_s in (0.3, 0.2 + hour / 100, 0.5):
            baseline.take(took_s, hour * HOUR_S)
    assert baseline.rest_s == pytest.approx(0.22)


def test_one_lucky_moment_makes_nothing_slow() -> None:
    baseline = Baseline("a")
    for hour in range(10):
        baseline.take(0.2 if hour else 0.1, hour * HOUR_S)
    assert baseline.rest_s == pytest.approx(0.2)


def test_what_is_older_than_a_week_is_forgotten() -> None:
    baseline = Baseline("a")
    for hour in range(KEPT_HOURS + 50):
        baseline.take(0.1 if hour < 50 else 0.2, hour * HOUR_S)
    assert len(baseline.best) == KEPT_HOURS
    assert baseline.rest_s == pytest.approx(0.2)


def test_it_outlives_the_agent_and_not_the_browser(tmp_path: Path) -> None:
    path = tmp_path / "reference.json"
    baseline = Baseline("browser 1, 2 cores")
    for now_s in (0.0, HOUR_S):
        baseline.take(0.2, now_s)
    baseline.write(path)
    assert Baseline.read(path, "browser 1, 2 cores") == baseline
    assert Baseline.read(path, "browser 2, 2 cores").rest_s is None
    assert Baseline.read(None, "browser 1, 2 cores").rest_s is None


@pytest.mark.parametrize(
    "kept",
    ["", "[]", "null", '{"key": "a"}', '{"key": "a", "best": {"1": -1}, "count": 9}', '{"key": "a", "best": 7}'],
)
def test_a_file_that_holds_no_baseline_starts_a_new_one(tmp_path: Path, kept: str) -> None:
    path = tmp_path / "reference.json"
    path.write_text(kept, encoding="utf-8")
    assert Baseline.read(path, "a") == Baseline("a")


def test_a_disk_that_takes_nothing_is_survived(tmp_path: Path) -> None:
    Baseline("a").write(tmp_path / "no-such-folder" / "reference.json")
