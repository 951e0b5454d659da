"""Indicators and gates: what each run adds to the score of its unit."""

from datetime import UTC, datetime
from typing import Any

import pytest

from checks.ranking import IndicatorId
from checks.run import Certificate, Health, Reason, Verdict, Vitals
from ranking.rank import rank
from tests.ranking import province
from tests.ranking.province import FAILED, NOVEMBER
from tests.ranking.single import SLOTS, every, line, ranked, share


def test_a_month_without_a_fault_gets_every_point() -> None:
    unit = ranked()
    assert unit.judgement.score == 100
    assert unit.judgement.class_name == "A"
    assert unit.judgement.interval is not None
    assert unit.judgement.interval.high == 100
    assert unit.fixes == ()


def test_a_month_without_a_fault_does_not_prove_that_none_can_happen() -> None:
    unit = ranked()
    assert unit.judgement.interval is not None
    assert 85 < unit.judgement.interval.low < 99


def test_completion_is_good_walks_over_good_and_bad_ones() -> None:
    completion = line(ranked(every(20, FAILED)), "journey_completion")
    assert completion.value == pytest.approx(0.95)
    assert completion.samples == SLOTS
    assert share(completion) == pytest.approx((0.95 - 0.90) / (0.99 - 0.90))


def test_page_availability_comes_from_http_checks_alone() -> None:
    unit = ranked(pages=every(40, {"verdict": Verdict.FAILED}))
    assert line(unit, "page_availability").value == pytest.approx(0.975)
    assert share(line(unit, "page_availability")) == pytest.approx((0.975 - 0.95) / (0.995 - 0.95))
    assert line(unit, "journey_completion").value == 1


def test_the_longest_outage_is_the_mean_of_each_checks_longest_one() -> None:
    unit = ranked(lambda _due, n: dict(FAILED) if 100 <= n < 104 else {})
    outage = line(unit, "longest_outage")
    assert outage.value == pytest.approx(4 * 3600 / 2)  # four hours of the walk, none of the page
    assert share(outage) == pytest.approx((8 - 2) / (8 - 0.5))
    assert [(o.slots, o.seconds) for o in unit.outages] == [(4, 4 * 3600.0)]


def test_an_outage_ends_where_nobody_looked() -> None:
    def slots(_due: datetime, n: int) -> dict[str, Any]:
        if n == 102:
            return {"verdict": Verdict.INCONCLUSIVE, "blame": "agent", "steps": ()}
        return dict(FAILED) if 100 <= n < 104 else {"absent": n == 200} if n < 202 else {}

    assert [outage.slots for outage in ranked(slots).outages] == [2, 1]


def test_apdex_halves_the_tolerable_and_drops_the_failed() -> None:
    durations = [2.5, 2.6, 10.0, 10.1]

    def slots(_due: datetime, n: int) -> dict[str, Any]:
        if n % 5 == 4:
            return FAILED | {"steps": (province.step(0.2, Verdict.FAILED, reason=Reason.HTTP_STATUS),)}
        return {"steps": (province.step(durations[n % 5]),)}

    apdex = line(ranked(slots), "apdex")
    assert apdex.value == pytest.approx((1 + 0.5 + 0.5 + 0 + 0) / 5)
    assert apdex.of == pytest.approx(10 * 25 / 22 * 100 / 85)  # progress_shown and the fourth pillar have no data


def test_lcp_is_the_75th_percentile_of_all_steps() -> None:
    unit = ranked(lambda _due, n: {"steps": (province.step(1, lcp_s=[1.0, 2.0, 4.0, 8.0][n % 4]),)})
    assert line(unit, "lcp_p75").value == 4.0
    assert share(line(unit, "lcp_p75")) == pytest.approx((10 - 4) / 7.5)


def test_lcp_of_the_whole_walk_serves_where_steps_have_none() -> None:
    unit = ranked(lambda _due, _n: {"steps": (province.step(1, lcp_s=None),), "vitals": Vitals(lcp_s=3.0)})
    assert line(unit, "lcp_p75").value == 3.0


def test_a_timeout_counts_as_at_least_the_timeout() -> None:
    timed_out = FAILED | {"steps": (province.step(3.0, Verdict.FAILED, reason=Reason.TIMEOUT),)}
    assert line(ranked(every(10, timed_out)), "step_p95").value == 10.0


def test_a_quick_error_page_is_no_quick_answer() -> None:
    error_page = FAILED | {"steps": (province.step(0.01, Verdict.FAILED, reason=Reason.HTTP_STATUS),)}
    unit = ranked(every(2, error_page))
    assert line(unit, "step_p95").samples == SLOTS / 2
    assert line(unit, "apdex").value == pytest.approx(0.5)


def test_time_spent_waiting_for_an_outside_system_is_not_charged() -> None:
    waiting = {"verdict": Verdict.SLOW, "blame": "dependency:dinh-danh", "steps": (province.step(60),)}
    unit = ranked(every(2, waiting))
    assert line(unit, "step_p95").value == 1.0
    assert line(unit, "journey_completion").value == 1
    assert unit.counts.slow == SLOTS / 2


@pytest.mark.parametrize(
    ("indicator", "ux", "value"),
    [
        ("clicks_to_find", {"clicks_to_find": 5}, 5.0),
        ("steps_and_clicks", {"steps": 6, "clicks": 10}, (6 / 4 + 10 / 10) / 2),
        ("fields_and_re_entry", {"fields": 10, "re_entry": 2}, 10 / 8 + 2 / 10),
        ("handling_time", {"handling_s": 150.0}, 1.5),
    ],
)
def test_convenience_is_measured_against_the_reference_route(
    indicator: IndicatorId, ux: dict[str, float], value: float
) -> None:
    counts = province.GOOD_UX.evolve(**ux)
    assert line(ranked(lambda _due, _n: {"ux": counts}), indicator).value == pytest.approx(value)


def test_without_a_reference_nothing_is_said_about_convenience() -> None:
    of, used = province.system(), province.service(reference={})
    config = province.config(province.target(province.walk(), of, used))
    (journey,) = config.targets.values()
    (unit,) = rank(province.month(journey), config, NOVEMBER).units
    assert line(unit, "handling_time").value is None
    assert line(unit, "clicks_to_find").of == pytest.approx(25 / 85 * 100)  # alone in its pillar; access has no data


def test_https_is_the_share_of_looks_that_met_a_valid_certificate() -> None:
    def certificate(days_left: float, *, trusted: bool = True) -> dict[str, Any]:
        day = datetime(2026, 11, 1, tzinfo=UTC)
        shown = Certificate(
            subject="a", issuer="b", not_before=day, not_after=day, days_left=days_left, trusted=trusted
        )
        return {"certificate": shown}

    kinds = [certificate(30), certificate(30), certificate(-1), certificate(30, trusted=False)]
    assert line(ranked(pages=lambda _due, n: kinds[n % 4]), "https").value == pytest.approx(0.5)


def test_a_certificate_invalid_for_more_than_a_day_caps_the_class_at_d() -> None:
    broken = {"verdict": Verdict.SLOW, "reason": Reason.TLS}
    day = ranked(pages=lambda _due, n: dict(broken) if n < 24 else {})
    longer = ranked(pages=lambda _due, n: dict(broken) if n < 25 else {})
    assert day.judgement.gates == ()
    assert [gate.at_most for gate in longer.judgement.gates] == ["D"]
    assert longer.judgement.class_name == "D"
    assert longer.judgement.standing == "weak"


def test_the_mobile_walk_counts_for_mobile_and_for_completion() -> None:
    of, used = province.system(), province.service()
    config = province.config(
        province.target(province.walk(), of, used),
        province.target(province.walk("tren-dien-thoai", device="mobile"), of, used),
    )
    journey, mobile = config.targets.values()
    runs = [*province.month(journey), *province.month(mobile, every(20, FAILED))]
    (unit,) = rank(runs, config, NOVEMBER).units
    assert line(unit, "mobile").value == pytest.approx(0.95)
    assert line(unit, "journey_completion").value == pytest.approx((1 + 0.95) / 2)


@pytest.mark.parametrize(("share_failed", "score_at_most", "class_name"), [(8, 100, "C"), (2, 100, "C"), (1, 100, "E")])
def test_low_completion_caps_the_class(share_failed: int, score_at_most: float, class_name: str) -> None:
    unit = ranked(every(share_failed, FAILED))
    assert unit.judgement.score is not None
    assert unit.judgement.score <= score_at_most
    assert unit.judgement.class_name is not None
    assert unit.judgement.class_name >= class_name
    assert unit.judgement.standing == "weak"


def test_points_of_indicators_without_data_stay_inside_their_pillar() -> None:
    unit = ranked()
    of = {pillar.id: pillar.of for pillar in unit.pillars}
    # No tls, mobile or axe data: the fourth pillar is empty and named, its 15 points go to the other 85.
    assert of["access"] == 0
    assert of["availability"] == pytest.approx(35 / 85 * 100)
    assert sum(of.values()) == pytest.approx(100)


EXCUSED: list[tuple[str, dict[str, Any]]] = [
    ("inconclusive", {"verdict": Verdict.INCONCLUSIVE, "blame": "agent"}),
    ("blocked", {"verdict": Verdict.BLOCKED, "blame": "system"}),
    ("skipped", {"verdict": Verdict.SKIPPED, "blame": "agent"}),
    ("dependency", {"verdict": Verdict.FAILED, "blame": "dependency:dinh-danh"}),
    ("network", {"verdict": Verdict.FAILED, "blame": "network"}),
    ("degraded", {"verdict": Verdict.SLOW, "blame": "system", "health": Health(degraded=True)}),
]


@pytest.mark.parametrize(("count", "fields"), EXCUSED)
def test_what_is_not_the_systems_fault_is_left_out_and_counted(count: str, fields: dict[str, Any]) -> None:
    unit = ranked(every(10, fields | {"steps": (province.step(99),)}))
    assert unit.judgement.score == 100
    assert getattr(unit.counts, count) == SLOTS / 10
    assert unit.coverage == pytest.approx(0.95)
