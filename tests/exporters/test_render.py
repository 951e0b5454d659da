import subprocess
from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from checks.accessibility import Accessibility
from checks.config import AnyCheck, Target
from checks.journey import Step
from checks.run import SYSTEM, Cause, Health, Outcome, Reason, Run, StepRun, UxCounts, Verdict, Vitals
from exporters import Snapshot, render
from exporters.catalogue import METRICS, UX, VITALS
from exporters.document import SERIES_PER_PROBE, SERIES_PER_WALK
from tests.deploy.tools import tool
from tests.exporters.observations import HTTP, LOCATION, STEP_NAMES, TARGETS, WALK, probed, province, walked
from tests.samples import NOON, audit, target, violation

LATER = NOON + timedelta(seconds=10)


def page(snapshot: Snapshot, now: datetime = LATER) -> str:
    return render(snapshot, "", now)[0].decode()


def samples(snapshot: Snapshot, name: str, now: datetime = LATER) -> dict[tuple[str, ...], float]:
    """Values of dvcwatch_<name> by the values of its labels, in the order of the table."""
    order = [*dict.fromkeys(label for metric in METRICS for label in metric.labels), "le"]
    return {
        tuple(sample.labels[label] for label in sorted(sample.labels, key=order.index)): sample.value
        for family in parse_text(page(snapshot, now))
        for sample in family.samples
        if sample.name == f"dvcwatch_{name}"
    }


def watching(*targets: Target[AnyCheck]) -> Snapshot:
    snapshot = Snapshot()
    snapshot.keep({each.check.id: each for each in targets}, LOCATION)
    return snapshot


def after(*runs: Run, of: Target[AnyCheck] = WALK) -> Snapshot:
    snapshot = watching(of)
    for run in runs:
        snapshot.observe(of, Outcome(run=run))
    return snapshot


@pytest.mark.parametrize("accept", ["", "application/openmetrics-text; version=1.0.0"])
def test_promtool_has_no_complaint_about_names_units_and_help(accept: str) -> None:
    text = render(province(NOON), accept, NOON)[0].replace(b"# EOF\n", b"")
    done = subprocess.run([tool("promtool"), "check", "metrics"], input=text, capture_output=True, check=False)
    if accept:  # promtool 2.x reads the classic format only; a parser of OpenMetrics judges that page
        assert list(parse_openmetrics(text.decode() + "# EOF\n"))  # type: ignore[no-untyped-call]  # not annotated
        return
    assert (done.stdout + done.stderr).decode() == ""
    assert done.returncode == 0


def test_openmetrics_is_given_to_those_who_ask_and_carries_the_run_as_exemplar() -> None:
    text, content_type = render(province(NOON), "application/openmetrics-text; version=1.0.0", NOON)
    assert content_type.startswith("application/openmetrics-text")
    assert '# {run="khai-sinh.an-binh.1794286795"} 2.0 ' in text.decode()
    assert render(province(NOON), "text/html", NOON)[1].startswith("text/plain; version=0.0.4")


def test_every_metric_of_the_table_is_shown_and_nothing_else() -> None:
    names = {
        family.name + {"counter": "_total"}.get(family.type, "")
        for family in parse_text(page(province(NOON), NOON))
        if not family.name.startswith("process_")
    }
    assert names == {metric.full_name for metric in METRICS}


def test_every_count_of_a_walk_and_the_named_vitals_have_a_metric() -> None:
    assert set(UX) == set(UxCounts.model_fields)
    assert set(VITALS) <= set(Vitals.model_fields)


def test_a_check_that_never_ran_is_known_but_neither_up_nor_down() -> None:
    snapshot = watching(WALK)
    assert samples(snapshot, "check_state")["khai-sinh", "unknown"] == 1
    assert samples(snapshot, "check_up") == {}
    assert samples(snapshot, "runs_total")["khai-sinh", "failed", "system"] == 0
    assert len(samples(snapshot, "check_info")) == 1


@pytest.mark.parametrize(
    ("verdict", "up"),
    [
        (Verdict.OK, {("khai-sinh",): 1}),
        (Verdict.SLOW, {("khai-sinh",): 1}),
        (Verdict.FAILED, {("khai-sinh",): 0}),
        (Verdict.BLOCKED, {}),
        (Verdict.INCONCLUSIVE, {}),
        (Verdict.SKIPPED, {}),
    ],
)
def test_up_is_said_only_when_somebody_can_say(verdict: Verdict, up: dict[tuple[str, ...], float]) -> None:
    earlier = walked(NOON - timedelta(minutes=5))
    snapshot = after(earlier, walked(NOON, verdict, blame=SYSTEM))
    assert samples(snapshot, "check_up") == up
    states = samples(snapshot, "check_state")
    assert {state for (_, state), value in states.items() if value} == {verdict.value}


def test_a_result_stops_being_shown_when_the_check_stands_still() -> None:
    snapshot = after(walked())
    limit = timedelta(seconds=samples(snapshot, "check_stale_after_seconds")["khai-sinh",])
    ended = walked().finished_at
    assert limit == timedelta(seconds=2 * (300 + 30) + 1)
    assert samples(snapshot, "check_up", ended + limit)
    too_old = ended + limit + timedelta(seconds=1)
    for name in ("check_up", "run_duration_seconds", "ux_clicks", "step_duration_seconds", "vitals_cls"):
        assert samples(snapshot, name, too_old) == {}
    assert samples(snapshot, "check_state", too_old)["khai-sinh", "unknown"] == 1
    assert samples(snapshot, "last_run_timestamp_seconds", too_old) == {("khai-sinh",): ended.timestamp()}


def test_each_moment_is_that_of_the_newest_run_of_its_kind() -> None:
    minutes: Mapping[Verdict, int] = {
        Verdict.OK: 1, Verdict.FAILED: 2, Verdict.INCONCLUSIVE: 3, Verdict.SKIPPED: 4
    }  # fmt: skip
    runs = [walked(NOON + timedelta(minutes=minute), verdict) for verdict, minute in minutes.items()]
    snapshot = after(*runs)
    ended = [run.finished_at.timestamp() for run in runs]
    assert list(samples(snapshot, "last_good_run_timestamp_seconds").values()) == [ended[0]]
    assert list(samples(snapshot, "last_conclusive_run_timestamp_seconds").values()) == [ended[1]]
    assert list(samples(snapshot, "last_run_timestamp_seconds").values()) == [ended[2]]


def test_steps_keep_the_order_of_the_journey_and_come_from_the_configuration_only() -> None:
    strange = StepRun(name="https://hostile.example/?token=1", verdict=Verdict.OK, duration_s=1)
    snapshot = after(walked(steps=(*walked().steps, strange)))
    shown = samples(snapshot, "step_duration_seconds")
    assert [(step, index) for _, step, index in shown] == [
        (name, f"{place:02d}") for place, name in enumerate(STEP_NAMES, start=1)
    ]
    assert "hostile" not in page(snapshot)


def test_two_steps_of_one_name_do_not_make_one_series_twice() -> None:
    twice = target(WALK.check, steps=[Step(name="Tiếp tục"), Step(name="Tiếp tục")])
    step = StepRun(name="Tiếp tục", verdict=Verdict.OK, duration_s=1)
    snapshot = after(walked(steps=(step, step)), of=twice)
    assert list(samples(snapshot, "step_duration_seconds")) == [("khai-sinh", "Tiếp tục", "01")]


def test_a_quick_refusal_is_no_duration_but_a_timeout_is() -> None:
    refused = probed(HTTP, NOON, Verdict.FAILED, blame=SYSTEM, reason=Reason.TCP, duration_s=0.001)
    timed_out = refused.evolve(reason=Reason.TIMEOUT, duration_s=30.0)
    assert samples(after(refused, of=HTTP), "run_duration_seconds") == {}
    assert samples(after(refused, of=HTTP), "run_seconds_count") == {("trang-chu", "http"): 0}
    assert samples(after(timed_out, of=HTTP), "run_duration_seconds") == {("trang-chu",): 30.0}
    assert samples(after(timed_out, of=HTTP), "run_seconds_sum") == {("trang-chu", "http"): 30.0}


def test_a_run_of_a_degraded_agent_is_counted_but_not_timed() -> None:
    snapshot = after(
        walked(duration_s=2.0), walked(NOON + timedelta(minutes=5), duration_s=13.0, health=Health(degraded=True))
    )
    now = NOON + timedelta(minutes=6)
    assert samples(snapshot, "run_duration_seconds", now) == {("khai-sinh",): 2.0}
    assert samples(snapshot, "run_seconds_count", now) == {("khai-sinh", "browser"): 1}
    assert samples(snapshot, "degraded_runs_total", now) == {("khai-sinh",): 1}
    assert samples(snapshot, "runs_total", now)["khai-sinh", "ok", "none"] == 2


def test_degraded_runs_are_counted_by_every_limit_that_was_passed() -> None:
    both = Health(degraded=True, causes=(Cause.STEAL, Cause.SLOWDOWN))
    snapshot = after(walked(health=both), walked(LATER, health=Health(degraded=True, causes=(Cause.SLOWDOWN,))))
    counted = samples(snapshot, "run_degradations_total")
    assert {cause for (cause,) in counted} == set(Cause), "increase() must see the first one of each"
    assert {cause: count for (cause,), count in counted.items() if count} == {"steal": 1, "slowdown": 2}


def test_the_times_of_a_confirming_attempt_are_not_shown_but_its_limit_and_its_counts_are() -> None:
    later, now = NOON + timedelta(minutes=5), NOON + timedelta(minutes=6)
    recovered = walked(later, duration_s=13.0, attempt=2, attempts=2)
    snapshot = after(walked(duration_s=2.0), recovered)
    assert samples(snapshot, "run_duration_seconds", now) == {("khai-sinh",): 2.0}
    assert samples(snapshot, "run_seconds_count", now) == {("khai-sinh", "browser"): 1}
    assert samples(snapshot, "runs_total", now)["khai-sinh", "ok", "none"] == 2
    assert samples(snapshot, "ux_clicks", now) == {("khai-sinh",): 14}
    assert samples(snapshot, "ux_handling_seconds", now) == {}
    timed_out = recovered.evolve(verdict=Verdict.FAILED, blame=SYSTEM, reason=Reason.TIMEOUT, duration_s=30.0)
    assert samples(after(timed_out), "run_duration_seconds", now) == {("khai-sinh",): 30.0}
    assert samples(after(timed_out), "page_lcp_seconds", now) == {}


def test_a_broken_walk_does_not_make_the_service_look_easy() -> None:
    broken = walked(NOON + timedelta(minutes=5), Verdict.FAILED, blame=SYSTEM, ux=UxCounts(clicks=2))
    snapshot = after(walked(), broken)
    assert samples(snapshot, "ux_clicks", NOON + timedelta(minutes=6)) == {("khai-sinh",): 14}


def test_a_failure_that_was_not_confirmed_is_counted_beside_the_result() -> None:
    snapshot = watching(WALK)
    failed = walked(NOON, Verdict.FAILED, blame=SYSTEM)
    snapshot.observe(WALK, Outcome(run=walked(attempt=2, attempts=2), earlier=(failed,)))
    assert samples(snapshot, "first_attempt_failures_total") == {("khai-sinh",): 1}
    assert samples(snapshot, "runs_total")["khai-sinh", "ok", "none"] == 1
    assert samples(snapshot, "runs_total")["khai-sinh", "failed", "system"] == 0


def test_buckets_are_cumulative_and_end_with_all_runs() -> None:
    snapshot = after(*(walked(duration_s=seconds) for seconds in (0.5, 0.6, 4.0, 500.0)))
    buckets = {le: count for (_, _, le), count in samples(snapshot, "run_seconds_bucket").items()}
    assert buckets["0.5"] == 1
    assert buckets["1.0"] == 2
    assert buckets["5.0"] == 3
    assert buckets["120.0"] == 3
    assert buckets["+Inf"] == 4


def test_a_check_that_left_the_configuration_disappears_and_a_disabled_one_too() -> None:
    snapshot = province(NOON)
    kept = {name: each for name, each in TARGETS.items() if name != "khai-sinh"}
    off = target(HTTP.check.evolve(enabled=False), service=None)
    snapshot.keep(kept | {"trang-chu": off}, LOCATION)
    snapshot.observe(WALK, Outcome(run=walked()))
    text = page(snapshot, NOON)
    assert "khai-sinh" not in text
    assert "trang-chu" not in text
    assert samples(snapshot, "config_checks", NOON) == {(): 3}
    assert samples(snapshot, "check_up", NOON)["ten-mien",] == 1


def test_a_restart_shows_what_was_last_seen_without_counting_it_again() -> None:
    snapshot = watching(WALK)
    snapshot.restore([walked(), probed(HTTP)])
    assert samples(snapshot, "check_up") == {("khai-sinh",): 1}
    assert samples(snapshot, "runs_total")["khai-sinh", "ok", "none"] == 0


def test_skipped_slots_are_counted_by_reason() -> None:
    assert samples(province(NOON), "slots_skipped_total") == {
        ("overlap",): 1,
        ("agent_overload",): 0,
        ("agent_stopped",): 0,
    }


def test_owners_outside_the_register_of_hosts_are_not_shown() -> None:
    shown = samples(province(NOON), "owner_bytes")
    assert [owner for _, owner in shown] == ["system:mot-cua-tinh", "dependency:dinh-danh", "third_party"]


def test_nothing_is_said_of_an_agent_that_has_not_spoken() -> None:
    assert "dvcwatch_build_info" not in page(watching(WALK))
    assert samples(province(NOON), "build_info") == {("0.1.0", "3.11.2", "150.0.0.1", "0" * 12): 1}
    assert samples(province(NOON), "config_last_reload_timestamp_seconds") == {(): NOON.timestamp()}


def test_the_documented_number_of_series_holds() -> None:
    series: dict[str, int] = {}
    for family in parse_text(page(province(NOON), NOON)):
        for sample in family.samples:
            name = sample.labels.get("check", "")
            series[name] = series.get(name, 0) + 1
    assert series["khai-sinh"] <= SERIES_PER_WALK
    assert {name for name in TARGETS if name != "khai-sinh" and series[name] > SERIES_PER_PROBE} == set()


def test_violations_of_the_newest_complete_audit_are_shown_by_impact() -> None:
    snapshot = watching(WALK)
    snapshot.observe_audit(audit(NOON, violation(count=3), violation("list", "serious", owner="third_party")))
    snapshot.observe_audit(audit(LATER, complete=False))
    assert samples(snapshot, "accessibility_violations") == {
        ("khai-sinh", "critical"): 3.0,
        ("khai-sinh", "serious"): 1.0,
        ("khai-sinh", "moderate"): 0.0,
        ("khai-sinh", "minor"): 0.0,
    }


def test_best_practice_and_the_pages_of_outside_systems_are_in_nobodys_figure() -> None:
    snapshot = watching(WALK)
    theirs = violation("label", "critical", owner="dependency:dinh-danh")
    snapshot.observe_audit(audit(NOON, violation("region", "serious", wcag=None), theirs))
    assert set(samples(snapshot, "accessibility_violations").values()) == {0.0}


def test_violations_disappear_when_three_audits_are_missing_and_their_moment_stays() -> None:
    snapshot = watching(WALK)
    snapshot.observe_audit(audit(NOON))
    later = NOON + timedelta(days=3, minutes=1)
    assert samples(snapshot, "accessibility_violations", later) == {}
    assert samples(snapshot, "accessibility_audit_timestamp_seconds", later) == {
        ("khai-sinh",): (NOON + timedelta(seconds=20)).timestamp()
    }


def test_a_check_whose_audits_were_switched_off_shows_none() -> None:
    off = target(WALK.check.evolve(accessibility=Accessibility(enabled=False)))
    snapshot = watching(off)
    snapshot.observe_audit(audit(NOON, violation()))
    assert samples(snapshot, "accessibility_audit_timestamp_seconds") == {}
