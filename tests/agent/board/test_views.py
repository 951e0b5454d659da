"""The pure parts: what cells and runs are turned into, without a server."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from agent.board.agent_page import AgentPage
from agent.board.bars import stack, waterfall
from agent.board.figures import figures
from agent.board.history import newest, walk
from agent.board.looks import Look, is_stale, look_now, worst
from agent.board.now import Known
from agent.board.overview import build_overview
from agent.board.render import Pages
from agent.board.speech import Speech
from agent.board.strips import bins, since_when, strip
from checks.run import StepRun, Verdict
from store.protocol import Cell
from tests.agent.board.conftest import FACTS
from tests.agent.board.province import CONFIG, EVERY, NOW, STOPPED
from tests.samples import NOON, run

TARGET = CONFIG.targets["khai-sinh"]
HOUR = timedelta(hours=1)


def cells(*verdicts: Verdict, check: str = "khai-sinh", last: datetime = NOW) -> list[Cell]:
    first = last - (len(verdicts) - 1) * EVERY
    return [
        Cell(f"{check}.{n}", check, first + n * EVERY, v, "system" if v is Verdict.FAILED else "none", 1.0, 1, False)
        for n, v in enumerate(verdicts)
    ]


OK, SLOW, FAILED = Verdict.OK, Verdict.SLOW, Verdict.FAILED
VOID, SKIPPED = Verdict.INCONCLUSIVE, Verdict.SKIPPED


def test_a_broken_check_is_broken_since_the_first_failure_of_the_latest_row() -> None:
    since = since_when(cells(OK, FAILED, OK, FAILED, FAILED), Look.BROKEN)
    assert since is not None
    assert (since.at, since.earlier) == (NOW - EVERY, False)


def test_a_void_result_neither_begins_nor_ends_a_failure() -> None:
    since = since_when(cells(OK, FAILED, VOID, SKIPPED, FAILED), Look.BROKEN)
    assert since is not None
    assert since.at == NOW - 3 * EVERY


def test_what_began_before_the_first_cell_is_said_to_be_older() -> None:
    since = since_when(cells(FAILED, FAILED), Look.BROKEN)
    assert since is not None
    assert since.earlier


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        ([], Look.PENDING),
        ([Look.GOOD, Look.PENDING], Look.GOOD),
        ([Look.GOOD, Look.OFF], Look.GOOD),
        ([Look.OFF], Look.OFF),
        ([Look.GOOD, Look.SLOW, Look.BROKEN], Look.BROKEN),
    ],
)
def test_the_worst_check_speaks_for_a_service(looks: Sequence[Look], expected: Look) -> None:
    assert worst(looks) is expected


def test_a_result_that_stopped_coming_does_not_stay_good() -> None:
    old = run(NOW - HOUR, check="khai-sinh")
    assert is_stale(TARGET, old, NOW)
    assert look_now(CONFIG, TARGET, old, NOW) is Look.UNKNOWN


def test_an_announced_stop_hides_what_is_measured_meanwhile() -> None:
    failed = run(NOW, FAILED, blame="system", check=STOPPED)
    assert look_now(CONFIG, CONFIG.targets[STOPPED], failed, NOW) is Look.MAINTENANCE


def test_a_strip_shows_the_worst_of_each_quarter_of_an_hour_and_leaves_gaps() -> None:
    since = NOON
    both = [*cells(OK, last=since), *cells(FAILED, last=since + timedelta(minutes=5))]
    states = bins(both, since, since + timedelta(days=1))
    drawn = strip(states, since, since + timedelta(days=1))
    assert states[0] is Look.BROKEN
    assert set(states[1:]) == {None}
    assert [(span.start, span.end) for span in drawn.spans] == [(since, since + timedelta(minutes=15))]
    assert [shape.path for shape in drawn.shapes] == ["M0 0h1v10h-1z"]


def test_availability_counts_only_what_speaks_for_or_against_the_service() -> None:
    known = cells(*[OK] * 60, *[FAILED] * 20, *[SLOW] * 10, *[VOID] * 6, last=NOW - EVERY)
    day = figures(CONFIG, [TARGET], {"khai-sinh": known}, NOW)[0]
    assert (day.counts.good, day.counts.bad, day.counts.slow, day.counts.inconclusive) == (70, 20, 10, 6)
    assert day.counts.availability == pytest.approx(70 / 90)
    assert day.counts.coverage == pytest.approx(90 / 96)
    assert day.enough


def test_runs_of_one_moment_stay_on_one_page() -> None:
    lists = [[run(NOON - n * EVERY, check=name) for n in range(3)] for name in ("a", "b")]
    page, more = newest(lists, 3)
    assert [r.scheduled_at for r in page] == [NOON, NOON, NOON - EVERY, NOON - EVERY]
    assert more


def test_medians_are_of_good_steps_and_failures_are_counted() -> None:
    def at(seconds: float, verdict: Verdict) -> StepRun:
        return StepRun(name="Tìm", verdict=verdict, duration_s=seconds)

    runs = [run(steps=(at(s, v),)) for s, v in ((1, OK), (3, SLOW), (30, FAILED))]
    (step,) = walk(["Tìm"], runs)
    assert (step.median_s, step.bad) == (2.0, 1)
    confirming = run(steps=(at(99, OK),), attempt=2, attempts=2)
    assert walk(["Tìm"], [*runs, confirming]) == (step,)
    (alone,) = walk(["Tìm"], [confirming])
    assert (alone.median_s, alone.clicks) == (None, 0)


def test_a_step_that_nobody_reached_has_no_figures() -> None:
    (step,) = walk(["Nộp"], [])
    assert step.median_s is None


def test_bars_stay_inside_the_picture() -> None:
    steps = (StepRun(name="a", verdict=OK, duration_s=7), StepRun(name="b", verdict=OK, duration_s=5))
    drawn = stack([run(steps=steps), run(NOON - EVERY, steps=steps[:1])])
    assert drawn is not None
    assert drawn.top_s == 15
    assert [layer.path for layer in drawn.layers] == [
        "M238 100h24v-46.67h-24zM738 100h24v-46.67h-24z",
        "M738 53.33h24v-33.33h-24z",
    ]
    assert drawn.values[0] == (7, None)


def test_a_waterfall_of_nothing_is_empty() -> None:
    assert waterfall(()) == ()
    assert stack([]) is None


def test_ninety_nine_point_nine_nine_is_not_rounded_up_to_everything() -> None:
    speech = Speech("vi", str, NOW, ZoneInfo("Asia/Ho_Chi_Minh"), {})
    assert speech.percent(0.99999, 2) == "99,99 %"
    assert speech.percent(1.0, 2) == "100 %"
    assert (speech.seconds(0.004), speech.seconds(0.42), speech.seconds(12.34)) == ("4 ms", "0,42 s", "12,3 s")
    assert speech.exact(NOW) == "23/11/2026 10:07:20 (UTC+07:00)"


def test_the_first_page_stays_light_with_five_hundred_checks() -> None:
    targets = {}
    for n in range(500):
        check = TARGET.check.evolve(id=f"dich-vu-cong-so-{n}", title=f"Đăng ký khai sinh tại xã, phường số {n}")
        targets[check.id] = type(TARGET)(check, TARGET.system, TARGET.agency, TARGET.service, (), TARGET.owners)
    config = type(CONFIG)(**{name: getattr(CONFIG, name) for name in CONFIG.__slots__} | {"targets": targets})
    latest = {name: run(NOW - EVERY, check=name) for name in targets}
    known = Known(config, NOW, {name: cells(*[OK] * 96, check=name) for name in targets}, latest, (), {})
    agent = AgentPage(FACTS, datetime(2026, 11, 1, tzinfo=UTC), "an-binh", config.digest, 500)
    speech = Speech("vi", str, NOW, ZoneInfo("Asia/Ho_Chi_Minh"), {})
    frame = {"province": "tỉnh An Bình", "path": "/", "other_language": "?lang=en"}
    tags = dict.fromkeys(("board.css", "refresh.js", "icon.svg"), "")
    page = Pages().render("overview.html", speech, frame | {"tags": tags, "page": build_overview(known, agent)})
    assert all(f'href="/checks/{name}"' in page for name in targets)
    assert len(page.encode()) < 100_000
