import re
from pathlib import Path

from deploy.dashboards.overview import document
from exporters.catalogue import METRICS
from tests.deploy.queries import dashboard, expressions

SHIPPED = Path(__file__).parents[2] / "deploy" / "grafana" / "dashboards" / "overview.json"


def test_the_shipped_dashboard_is_what_the_code_prints() -> None:
    assert SHIPPED.read_text(encoding="utf-8") == document(), (
        "run: python -m deploy.dashboards.overview > deploy/grafana/dashboards/overview.json"
    )


def test_every_metric_is_shown_somewhere() -> None:
    asked = "\n".join(expressions())
    not_meant_for_eyes = {
        "dvcwatch_check_up",  # the state says the same and more
        "dvcwatch_check_stale_after_seconds",
        "dvcwatch_last_conclusive_run_timestamp_seconds",
        "dvcwatch_last_good_run_timestamp_seconds",
        "dvcwatch_first_attempt_failures_total",  # through a recording rule
        "dvcwatch_http_status",
        "dvcwatch_ux_drags",
        "dvcwatch_ux_dialogs",
        "dvcwatch_ux_otp",
    }
    shown = {metric.full_name for metric in METRICS if re.search(rf"\b{metric.full_name}(_bucket)?\b", asked)}
    assert {metric.full_name for metric in METRICS} - shown == not_meant_for_eyes


def test_panels_have_titles_explanations_and_places_of_their_own() -> None:
    places = set()
    for panel in dashboard()["panels"]:
        assert panel["title"]
        assert panel["type"] == "row" or panel["description"]
        place = panel["gridPos"]
        places.add((place["x"], place["y"]))
        assert place["x"] + place["w"] <= 24
    assert len(places) == len(dashboard()["panels"])
