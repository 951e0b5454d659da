"""What the shipped dashboard and rules ask of Prometheus."""

import json
from pathlib import Path
from typing import Any

import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"
RULES = DEPLOY / "prometheus" / "rules" / "dvcwatch.rules.yml"


def dashboard() -> dict[str, Any]:
    """The shipped dashboard."""
    board: dict[str, Any] = json.loads((DEPLOY / "grafana" / "dashboards" / "overview.json").read_text("utf-8"))
    return board


def expressions() -> list[str]:
    """Every PromQL expression of the dashboard, as written."""
    return [target["expr"] for panel in dashboard()["panels"] for target in panel.get("targets", ())]


def filled_in(expression: str) -> str:
    """Put in what Grafana would: everything chosen, a rate over one minute."""
    for variable in ("$check", "$system"):
        expression = expression.replace(variable, ".*")
    return expression.replace("$__rate_interval", "1m")


def lists() -> list[tuple[str, str]]:
    """The lists above the dashboard: (selector, label)."""
    found = []
    for variable in dashboard()["templating"]["list"]:
        selector, label = variable["query"]["query"].removeprefix("label_values(").removesuffix(")").rsplit(", ", 1)
        found.append((filled_in(selector), label))
    return found


def rules() -> list[dict[str, Any]]:
    """Every rule: `record` or `alert`, `expr` and the rest."""
    groups = yaml.safe_load(RULES.read_text("utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]
