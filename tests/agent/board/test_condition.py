"""The limits beside the agent's values, on the page of a run and of the agent."""

from dataclasses import replace

import pytest

from agent import health as limits
from agent.board.board import Board
from agent.board.condition import readings
from agent.health import Condition, told
from checks.incident import Changes
from checks.run import Cause, Health, Outcome
from tests.agent.board.conftest import FACTS, Site, serve
from tests.agent.board.province import BROKEN, BUSY_RUN, NOW, Seeded
from tests.agent.board.test_pages import words
from tests.samples import run

AT_THE_LIMITS = Condition(
    span_s=1.0,
    loop_lag_s=limits.LAG_LIMIT_S,
    cpu_pressure=limits.PRESSURE_LIMIT,
    memory_pressure=limits.MEMORY_PRESSURE_LIMIT,
    steal=limits.STEAL_LIMIT,
    throttled=limits.THROTTLED_LIMIT,
    memory_free_bytes=limits.MEMORY_LIMIT_BYTES,
    load_1m=1.0,
    slowdown=limits.SLOWDOWN_LIMIT,
)
FIELDS = ("loop_lag_s", "cpu_pressure", "steal", "throttled", "memory_pressure", "memory_free_bytes", "slowdown")


def test_every_limit_that_degrades_a_run_has_a_reading() -> None:
    told_of = {one.cause for one in readings(told(AT_THE_LIMITS))}
    assert told_of == set(Cause) - {Cause.UNCALIBRATED}, "uncalibrated is no limit"


@pytest.mark.parametrize("field", FIELDS)
def test_a_reading_passes_its_limit_exactly_when_the_judge_of_runs_says_so(field: str) -> None:
    worse = 0.9 if field == "memory_free_bytes" else 1.1
    passed = replace(AT_THE_LIMITS, **{field: getattr(AT_THE_LIMITS, field) * worse})
    for condition in (AT_THE_LIMITS, passed):
        health = told(condition)
        assert tuple(one.cause for one in readings(health) if not one.within) == health.causes


def test_what_nobody_knows_is_left_out_unless_it_is_asked_for_or_was_the_cause() -> None:
    assert readings(Health()) == ()
    (asked,) = readings(Health(), always=(Cause.SLOWDOWN,))
    assert (asked.value, asked.within, asked.limit) == (None, True, 1.5)
    (cause,) = readings(Health(degraded=True, causes=(Cause.SLOWDOWN,)))
    assert cause.is_cause


async def test_a_good_run_shows_its_values_within_their_limits(site: Site) -> None:
    said = words(await site.text("/runs/" + site.seeded.runs[BROKEN].id))
    assert "Tình trạng bình thường Độ trễ vòng lặp 3 ms giới hạn 0,25 s" in said
    assert "Phần thời gian phải chờ bộ xử lý 12,0 % giới hạn 80 %" in said
    assert "Bộ xử lý bị máy khác lấy 0,0 % giới hạn 10 %" in said
    assert "Bộ nhớ còn trống 3,1 GB ít nhất 200 MB" in said
    assert "Chậm hơn khi rảnh 1,04 lần giới hạn 1,5 lần" in said
    assert "quá giới hạn" not in said


async def test_a_degraded_run_says_which_values_passed_their_limits(site: Site) -> None:
    said = words(await site.text(f"/runs/{BUSY_RUN}"))
    english = words(await site.text(f"/runs/{BUSY_RUN}?lang=en"))
    assert "Độ trễ vòng lặp 0,12 s giới hạn 0,25 s Phần thời gian phải chờ bộ xử lý" in said
    assert "91,0 % giới hạn 80 % quá giới hạn" in said
    assert "2,31 lần giới hạn 1,5 lần quá giới hạn" in said
    assert "2.31 times limit 1.5 times over the limit" in english


async def test_a_walk_whose_slowdown_nobody_knows_says_so_and_a_light_check_has_none(
    seeded: tuple[Board, Seeded],
) -> None:
    board, written = seeded
    walk, light = run(NOW, check=BROKEN), run(NOW, check="cong-quoc-gia-trang", type="http")
    await board.store.save_many([walk, light])
    async with serve(board, written) as site:
        assert "Chậm hơn khi rảnh chưa rõ giới hạn 1,5 lần" in words(await site.text(f"/runs/{walk.id}"))
        assert "Chậm hơn khi rảnh" not in words(await site.text(f"/runs/{light.id}"))


async def test_a_lag_within_its_limit_that_alone_broke_a_budget_is_told_as_the_cause(
    seeded: tuple[Board, Seeded],
) -> None:
    board, written = seeded
    late = run(NOW, check=BROKEN, health=Health(degraded=True, causes=(Cause.LAG,), loop_lag_s=0.05))
    await board.store.save(Outcome(run=late), Changes())
    async with serve(board, written) as site:
        said = words(await site.text(f"/runs/{late.id}"))
    assert "Độ trễ vòng lặp 50 ms giới hạn 0,25 s đủ để làm vỡ ngưỡng" in said


async def test_the_agent_page_shows_the_limits_of_now(seeded: tuple[Board, Seeded]) -> None:
    board, written = seeded
    slowed = replace(FACTS, degraded=True, causes=(Cause.STEAL,), steal=0.31, slowdown=1.2)
    async with serve(replace(board, facts=lambda: slowed), written) as site:
        said = words(await site.text("/agent"))
    assert "Bộ xử lý bị máy khác lấy 31,0 % giới hạn 10 % quá giới hạn" in said
    assert "Chậm hơn khi rảnh 1,20 lần giới hạn 1,5 lần Tình trạng bị chậm" in said


async def test_the_page_of_measures_names_every_limit(site: Site) -> None:
    page = await site.text("/measures")
    said = words(page[page.index('id="degraded"') :].partition("</section>")[0])
    for limit in ("Độ trễ vòng lặp giới hạn 0,25 s", "Bị giới hạn bộ xử lý giữ lại giới hạn 5 %",
                  "Phần thời gian phải chờ bộ nhớ giới hạn 10 %", "Bộ nhớ còn trống ít nhất 200 MB"):  # fmt: skip
        assert limit in said
