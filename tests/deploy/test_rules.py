import re
import subprocess
from pathlib import Path

from exporters.catalogue import METRICS
from tests.deploy.queries import DEPLOY, RULES, expressions, rules
from tests.deploy.tools import tool


def run(name: str, *arguments: str | Path) -> None:
    done = subprocess.run([tool(name), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_promtool_accepts_the_configuration_and_its_rules() -> None:
    run("promtool", "check", "config", DEPLOY / "prometheus" / "prometheus.yml")
    run("promtool", "check", "rules", "--lint=all", "--lint-fatal", RULES)


def test_alerts_fire_when_they_should_and_only_then() -> None:
    run("promtool", "test", "rules", Path(__file__).with_name("dvcwatch.rules.test.yml"))


def test_amtool_accepts_the_routes() -> None:
    run("amtool", "check-config", DEPLOY / "alertmanager" / "alertmanager.yml")


def test_rules_and_dashboard_name_only_metrics_that_exist() -> None:
    known = {metric.full_name for metric in METRICS} | {"dvcwatch_run_seconds_bucket"}
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    for expression in [*expressions(), *(rule["expr"] for rule in rules())]:
        assert set(re.findall(r"(?<![:\w])dvcwatch_\w+", expression)) <= known
        assert set(re.findall(r"\b\w+:dvcwatch_\w+:\w+", expression)) <= recorded


def test_every_alert_tells_in_one_sentence_and_how_grave_it_is() -> None:
    for rule in rules():
        if "alert" in rule:
            assert rule["annotations"]["summary"].endswith((".", ")."))
            assert rule["labels"]["severity"] in {"none", "info", "warning", "critical"}
