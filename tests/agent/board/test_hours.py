"""The agent's own last day: what the store counted becomes figures and columns, and the page that shows them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from agent.board.board import Board
from agent.board.hours import HOURS, Spread, build_day, first_hour, spread
from checks.run import AGENT, Cause, Health, Reason, Verdict
from store.open import open_store
from store.protocol import HourOfRuns
from tests.agent.board.conftest import FACTS, Site, serve
from tests.agent.board.province import NOW, Seeded
from tests.agent.board.test_pages import words
from tests.samples import NOON, run

HOUR = timedelta(hours=1)
QUIET = HourOfRuns(NOON, runs=0, skipped=0, inconclusive=0, degraded=0, causes={}, slowdowns={}, lags_ms={})


def day_of(*last: HourOfRuns) -> list[HourOfRuns]:
    """Return a day whose last hours are these; nothing was measured before."""
    hours = [*[QUIET] * (HOURS - len(last)), *last]
    return [replace(one, began=NOON + place * HOUR) for place, one in enumerate(hours)]


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        ({}, None),
        ({1.0: 1}, Spread(1.0, 1.0, 1.0)),
        ({3.0: 1, 1.0: 19}, Spread(1.0, 1.0, 3.0)),
        ({1.0: 18, 2.0: 1, 3.0: 1}, Spread(1.0, 2.0, 3.0)),
        ({1.0: 1, 2.0: 1}, Spread(1.0, 2.0, 2.0)),
    ],
)
def test_a_spread_counts_every_run_that_kept_a_value(kept: dict[float, int], expected: Spread | None) -> None:
    assert spread(kept) == expected


def test_a_day_is_told_as_a_whole_from_all_its_runs_not_from_its_hours() -> None:
    busy = replace(QUIET, runs=10, degraded=5, causes={Cause.STEAL: 1, Cause.LAG: 5}, slowdowns={2.0: 10})
    calm = replace(QUIET, runs=190, skipped=10, inconclusive=10, slowdowns={1.0: 190}, lags_ms={4: 190})
    whole = build_day(day_of(busy, calm)).whole
    assert (whole.runs, whole.degraded_share, whole.lost_share) == (200, 0.025, 20 / 210)
    assert whole.causes == ((Cause.LAG, 5), (Cause.STEAL, 1))
    assert whole.slowdown == Spread(1.0, 1.0, 2.0)
    assert whole.lag_s == Spread(0.004, 0.004, 0.004)


def test_columns_stand_where_their_hours_are_and_hours_without_runs_have_none() -> None:
    half = replace(QUIET, runs=8, degraded=4)
    picture = build_day(day_of(half, QUIET)).degraded
    (columns,) = picture.columns
    assert (picture.top, picture.highest) == (0.5, (0.5, NOON + 22 * HOUR))
    assert columns.path == "M921.7 100h31.7v-100h-31.7z"
    nothing = build_day(day_of(QUIET)).degraded
    assert (nothing.columns[0].path, nothing.highest) == ("", None)


@pytest.mark.parametrize(
    ("slowdown", "top", "cut", "limit_y"), [(1.1, 1.8, False, 16.7), (2.9, 3.0, False, 50.0), (40.0, 6.0, True, 75.0)]
)
def test_the_limit_is_always_inside_the_picture_and_a_column_never_leaves_it(
    slowdown: float, top: float, cut: bool, limit_y: float
) -> None:
    picture = build_day(day_of(replace(QUIET, runs=1, slowdowns={slowdown: 1}))).slowdown
    assert picture.top == pytest.approx(top)
    assert (picture.cut, picture.limit_y) == (cut, limit_y)
    assert all(f"v-{100 * min(slowdown / top, 1.0):.4g}h" in one.path for one in picture.columns)


def test_hours_begin_when_the_clocks_of_the_province_strike() -> None:
    now = datetime(2026, 11, 23, 3, 7, 20, tzinfo=UTC)
    assert first_hour(now, ZoneInfo("Asia/Ho_Chi_Minh")) == datetime(2026, 11, 22, 4, tzinfo=UTC)
    assert first_hour(now, ZoneInfo("Asia/Kolkata")) == datetime(2026, 11, 22, 3, 30, tzinfo=UTC)


async def test_the_agent_page_tells_how_the_agent_was_in_the_last_day(site: Site) -> None:
    page = await site.text("/agent")
    said = words(page)
    assert "Lượt đo khi máy bị chậm 1,6 % 24 trong 1.488 lượt" in said
    assert "Chưa kết luận hoặc bỏ lượt 0,1 % 2 chưa kết luận, 0 bỏ lượt" in said
    assert "Chậm hơn khi rảnh 1,04 lần 95 % số lượt không quá 1,04 lần; giới hạn 1,5 lần" in said
    assert "Độ trễ vòng lặp 3 ms 95 % số lượt không quá 3 ms; giới hạn 0,25 s" in said
    assert "Vì sao bị chậm phải chờ bộ xử lý quá nhiều 24 lượt" in said
    assert "10:00 16 0 1 0 1,04 lần 1,04 lần 3 ms 3 ms 09:00" in said
    assert "03:00 64 12 0 0 1,04 lần 2,31 lần 3 ms 0,41 s phải chờ bộ xử lý quá nhiều (12), đi trang đối" in said
    assert said.count("03:00 64") == 1
    assert 'aria-label="Phần lượt bị chậm của từng giờ: cao nhất 18,7 % trong giờ từ 03:00"' in page


async def test_the_agent_page_tells_its_day_in_english_too(site: Site) -> None:
    said = words(await site.text("/agent?lang=en"))
    assert "Slower than when idle 1.04 times 95 % of the runs at most 1.04 times; limit 1.5 times" in said
    assert "Runs of a slowed agent 1.6 % 24 of 1,488 runs" in said


async def test_what_other_agents_measured_is_not_this_ones_day(seeded: tuple[Board, Seeded], tmp_path: Path) -> None:
    board, written = seeded
    store = await open_store(f"sqlite:///{tmp_path}/other.db")
    await store.save_many([run(NOW - HOUR, location="quang-ngai")])
    async with serve(replace(board, store=store), written) as site:
        assert "Chưa có lượt nào trong 24 giờ qua." in words(await site.text("/agent"))
    await store.close()


async def test_a_day_of_skipped_slots_and_unknown_values_says_so(seeded: tuple[Board, Seeded], tmp_path: Path) -> None:
    board, written = seeded
    store = await open_store(f"sqlite:///{tmp_path}/other.db")
    lost = run(NOW - HOUR, Verdict.SKIPPED, blame=AGENT, reason=Reason.AGENT_OVERLOAD)
    await store.save_many([lost.evolve(location="an-binh")])
    async with serve(replace(board, store=store), written) as site:
        said = words(await site.text("/agent"))
    assert "Chưa kết luận hoặc bỏ lượt 100 % 0 chưa kết luận, 1 bỏ lượt" in said
    assert "Chậm hơn khi rảnh chưa rõ Độ trễ vòng lặp chưa rõ" in said
    await store.close()


async def test_an_hour_beyond_the_picture_is_drawn_to_its_edge_and_told_in_full(
    seeded: tuple[Board, Seeded], tmp_path: Path
) -> None:
    board, written = seeded
    store = await open_store(f"sqlite:///{tmp_path}/other.db")
    await store.save_many([run(NOW - HOUR, health=Health(slowdown=41.5, loop_lag_s=12.0))])
    async with serve(replace(board, store=store), written) as site:
        said = words(await site.text("/agent"))
    assert "≥ 6,0 lần" in said
    assert "95 % số lượt không quá 41,50 lần" in said
    await store.close()


async def test_the_agent_page_stays_when_the_store_is_away(storeless_site: Site) -> None:
    said = words(await storeless_site.text("/agent"))
    assert "Kho dữ liệu không trả lời nên chưa đọc được" in said
    assert "Chromium 142.0.7444.60" in said


async def test_a_store_that_is_known_to_be_away_is_not_asked(seeded: tuple[Board, Seeded]) -> None:
    board, written = seeded
    away = replace(FACTS, store_up=False)
    async with serve(replace(board, facts=lambda: away), written) as site:
        assert "phần này hiện lại khi kho trở lại" in words(await site.text("/agent"))
