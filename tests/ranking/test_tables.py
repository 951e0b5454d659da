"""Minimum data, announced stops, weights, order and grouping: from units to the tables of a month."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from checks.model import Maintenance
from checks.ranking import RankingMethod
from checks.run import Reason, Run, Verdict
from ranking.period import Period
from ranking.rank import rank
from ranking.result import Ranking
from tests.ranking import province
from tests.ranking.province import FAILED, NOVEMBER, Slots
from tests.ranking.single import SLOTS, every, line, ranked


def test_below_the_minimum_nobody_is_ranked() -> None:
    thin = ranked(every(2, {"absent": True}), pages=every(2, {"absent": True}))
    assert not thin.ranked
    assert [(s.of, s.needed) for s in thin.shortfalls] == [("coverage", 0.8)]
    assert thin.place is None
    assert thin.judgement.class_name is None
    assert thin.judgement.interval is None
    assert thin.judgement.standing == "ordinary"
    assert thin.counts.missing == SLOTS


def test_days_without_data_count_against_the_minimum() -> None:
    few: Slots = lambda due, _n: {"absent": due >= NOVEMBER.since + timedelta(days=19)}  # noqa: E731 — a slot rule
    unit = ranked(few, few, minimum={"coverage": 0.5, "days": 20})
    assert [(s.of, s.have) for s in unit.shortfalls] == [("days", 19)]


def test_the_first_day_of_a_month_ranks_nobody_and_shows_its_counts() -> None:
    config = province.one_system()
    so_far = Period.parse("2026-11", "Asia/Ho_Chi_Minh", NOVEMBER.since + timedelta(hours=5, minutes=30))
    runs = [run for one in config.targets.values() for run in province.month(one, period=so_far)]
    (unit,) = rank(runs, config, so_far).units
    assert not so_far.complete
    assert not unit.ranked
    assert (unit.counts.due, unit.counts.good, unit.days) == (12, 12, 1)


def test_a_month_without_any_run_is_a_ranking_too() -> None:
    ranking = rank([], province.one_system(), NOVEMBER)
    (unit,) = ranking.units
    assert unit.judgement.score is None
    assert {shortfall.of for shortfall in unit.shortfalls} == {"indicators", "coverage", "days"}


def stop(announced: str, **fields: Any) -> Maintenance:
    base = {
        "id": "nang-cap",
        "systems": ("mot-cua",),
        "starts": "2026-11-16T00:00:00+07:00",
        "ends": "2026-11-17T00:00:00+07:00",
        "announced": f"2026-11-{announced}T09:00:00+07:00",
        "note": "Nâng cấp",
    }
    return Maintenance.model_validate(base | fields)


@pytest.mark.parametrize(
    ("planned", "maintenance"),
    [
        (stop("05"), 24),  # 6, 9, 10, 11, 12, 13, 16: seven working days
        (stop("06"), 0),
        (stop("15", force_majeure=True), 24),
        (stop("05", systems=("khac",)), 0),
        (stop("05", systems=(), services=("khai-sinh",)), 24),
    ],
)
def test_an_announced_stop_is_laid_over_the_runs(planned: Maintenance, maintenance: int) -> None:
    used, of = province.service(), province.system()
    config = province.config(province.target(province.walk(), of, used), maintenance=[planned])
    (journey,) = config.targets.values()

    def slots(due: datetime, _n: int) -> dict[str, Any]:
        return dict(FAILED) if planned.starts <= due < planned.ends else {}

    (unit,) = rank(province.month(journey, slots), config, NOVEMBER).units
    assert unit.counts.maintenance == maintenance
    assert unit.coverage == 1
    if maintenance:
        assert unit.judgement.score == 100
        assert unit.score_with_maintenance is not None
        assert unit.score_with_maintenance < 95
    else:
        assert unit.score_with_maintenance is None
        assert unit.judgement.score is not None
        assert unit.judgement.score < 95


def test_a_confirming_attempt_gives_counts_but_no_times() -> None:
    confirming = {"attempt": 2, "attempts": 2}
    slow_steps = (province.step(90.0, lcp_s=90.0),)
    tedious = province.GOOD_UX.evolve(clicks=20, handling_s=900.0)
    told = ranked(every(3, confirming | {"steps": slow_steps, "ux": tedious}))
    plain = ranked()
    for indicator in ("apdex", "step_p95", "lcp_p75", "handling_time"):
        assert line(told, indicator).value == line(plain, indicator).value
    assert line(told, "journey_completion").value == 1
    assert line(told, "steps_and_clicks").value != line(plain, "steps_and_clicks").value


def test_a_step_that_ran_out_of_time_twice_counts_with_its_limit() -> None:
    late = province.step(31.0, Verdict.FAILED, None, reason=Reason.TIMEOUT)
    told = ranked(every(3, FAILED | {"attempt": 2, "attempts": 2, "steps": (late,)}))
    assert line(told, "apdex").value == pytest.approx(2 / 3, abs=0.01)
    assert line(told, "step_p95").value == 31.0


def two_services(*, use: tuple[int | None, int | None]) -> Ranking:
    of = province.system()
    targets = [
        province.target(province.walk(name), of, province.service(name, yearly_use=count))
        for name, count in zip(("mot", "hai"), use, strict=True)
    ]
    config = province.config(*targets)
    first, second = config.targets.values()
    runs = [*province.month(first, every(10, FAILED)), *province.month(second)]
    return rank(runs, config, NOVEMBER)


@pytest.mark.parametrize(
    ("use", "completion"),
    [((None, None), 0.95), ((300, 100), 0.925), ((300, None), 0.95), ((0, 0), 0.95), ((0, 100), 1.0)],
)
def test_walks_weigh_by_yearly_use_where_it_is_known(use: tuple[int | None, int | None], completion: float) -> None:
    (unit,) = two_services(use=use).units
    assert line(unit, "journey_completion").value == pytest.approx(completion)


def test_numbers_of_checks_yaml_replace_the_defaults() -> None:
    override = {
        "journey_completion": {"full": 0.95, "zero": 0.5, "basis": "Quy chế"},
        "apdex": {"points": 0, "basis": "-"},
    }
    unit = ranked(every(20, FAILED), indicators=override)
    assert line(unit, "journey_completion").got == line(unit, "journey_completion").of
    assert unit.indicator("apdex") is None


def test_the_same_runs_in_another_order_give_the_same_ranking() -> None:
    config = province.one_system()
    journey, page = config.targets.values()
    runs = [*province.month(journey, every(7, FAILED)), *province.month(page)]
    assert rank(runs, config, NOVEMBER) == rank(reversed(runs), config, NOVEMBER)
    other = rank(runs[1:], config, NOVEMBER)
    assert other.runs_digest != rank(runs, config, NOVEMBER).runs_digest


def test_runs_of_unknown_checks_earlier_attempts_and_other_months_change_nothing() -> None:
    config = province.one_system()
    journey, page = config.targets.values()
    runs = [*province.month(journey), *province.month(page)]
    first_attempt = province.run(journey, NOVEMBER.since, **FAILED, attempt=1, attempts=2)
    october = province.run(journey, NOVEMBER.since - timedelta(hours=1), **FAILED)
    december = province.run(journey, NOVEMBER.until, **FAILED)
    removed = runs[0].evolve(check="da-bo")
    ranking = rank([*runs, first_attempt, october, december, removed], config, NOVEMBER)
    assert ranking.units == rank(runs, config, NOVEMBER).units
    assert ranking.unknown_runs == 1


def many(names: list[str], slots: dict[str, Slots], method: RankingMethod | None = None) -> Ranking:
    """Rank systems by name; those in `slots` have faults."""
    targets = [
        province.target(province.walk(f"di-{n}"), province.system(f"he-{n}", name=name), province.service(f"dv-{n}"))
        for n, name in enumerate(names)
    ]
    config = province.config(*targets, method=method)
    runs: list[Run] = []
    for one, name in zip(config.targets.values(), names, strict=True):
        runs += province.month(one, slots.get(name, lambda _due, _n: {}))
    return rank(runs, config, NOVEMBER)


def test_equals_share_a_rank_and_stand_by_the_vietnamese_alphabet() -> None:
    ranking = many(["Ô", "O", "Đ", "D", "Hỏng"], {"Hỏng": every(5, FAILED)})
    (table,) = ranking.tables
    assert [unit.name for unit in table.units] == ["D", "Đ", "O", "Ô", "Hỏng"]
    places = [unit.place for unit in table.units if unit.place is not None]
    assert [(place.rank, place.equals) for place in places] == [*[(1, 4)] * 4, (5, 1)]
    assert all((place.best, place.worst) == (1, 4) for place in places[:4])


def test_one_bad_spell_in_a_month_is_no_proven_difference() -> None:
    ranking = many(["A", "B"], {"B": lambda _due, n: dict(FAILED) if 100 <= n < 112 else {}})
    (table,) = ranking.tables
    assert [unit.place.rank for unit in table.units if unit.place is not None] == [1, 1]


def test_only_like_is_compared_with_like() -> None:
    used = province.service()
    provincial, commune = province.system("tinh", group="Cấp tỉnh"), province.system("xa", group="Cấp xã")
    config = province.config(
        province.target(province.walk("a"), provincial, used),
        province.target(province.walk("b"), commune, used),
        province.target(province.walk("c", depth="L1"), province.system("xa-hai", group="Cấp xã"), used),
    )
    ranking = rank([], config, NOVEMBER)
    assert [(table.group, table.depth) for table in ranking.tables] == [
        ("Cấp tỉnh", "L4"),
        ("Cấp xã", "L1"),
        ("Cấp xã", "L4"),
    ]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("system", {("mot-cua", "Hệ thống")}),
        ("service", {("khai-sinh", "Tư pháp")}),
        ("agency", {("so-tu-phap", "Sở, ban, ngành"), ("so-khcn", "Sở, ban, ngành")}),
    ],
)
def test_a_row_is_a_system_a_service_or_an_agency(kind: Any, expected: set[tuple[str, str]]) -> None:
    used, of = province.service(field="Tư pháp"), province.system()
    config = province.config(province.target(province.walk(), of, used), province.target(province.page(), of, None))
    ranking = rank([], config, NOVEMBER, kind)
    assert {(unit.id, unit.group) for unit in ranking.units} == expected


def test_a_unit_below_a_is_told_what_returns_the_most_points() -> None:
    slow = ranked(lambda _due, _n: {"steps": (province.step(6.0, lcp_s=7.0),)})
    assert [fix.indicator for fix in slow.fixes] == ["apdex", "lcp_p75"]
    lost = sum(fix.points for fix in slow.fixes)
    assert slow.judgement.score == pytest.approx(100 - lost)
