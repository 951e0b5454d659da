from pathlib import Path

from exporters.catalogue import METRICS
from exporters.document import document

DOCS = Path(__file__).parents[2] / "docs"
GOLDEN = Path(__file__).with_name("metric-names.txt")


def test_the_documentation_is_what_the_table_prints() -> None:
    assert (DOCS / "metrics.md").read_text(encoding="utf-8") == document(), (
        "run: python -m exporters.document > docs/metrics.md"
    )


def test_names_kinds_and_labels_are_those_that_dashboards_elsewhere_hold() -> None:
    rows = [f"{metric.full_name}{{{','.join(metric.labels)}}} {metric.kind}" for metric in METRICS]
    assert rows == GOLDEN.read_text(encoding="utf-8").splitlines()


def test_no_name_is_given_twice() -> None:
    names = [metric.full_name for metric in METRICS]
    assert len(set(names)) == len(names)
