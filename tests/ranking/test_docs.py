import re
from dataclasses import fields
from pathlib import Path

import pytest

from checks.ranking import INDICATORS, PILLARS
from checks.run import Reason, UxCounts, Verdict, Vitals
from ranking.availability import Counts

DOCS = Path(__file__).parents[2] / "docs"


def table() -> str:
    """Return the table of indicators as docs/ranking.md must print it."""
    lines = [
        "| pillar | indicator | title | points | full at | zero at | basis | status |",
        "|---|---|---|--:|--:|--:|---|---|",
    ]
    for name, one in INDICATORS.items():
        numbers = " | ".join(f"{number:g}" for number in (one.points, one.full, one.zero))
        lines.append(f"| {PILLARS[one.pillar]} | `{name}` | {one.title} | {numbers} | {one.basis} | {one.status} |")
    return "\n".join(lines)


def test_the_table_of_indicators_says_what_the_code_does() -> None:
    text = (DOCS / "ranking.md").read_text(encoding="utf-8")
    printed = re.search(r"<!-- table: begin .*?-->\n(.*?)\n<!-- table: end -->", text, re.DOTALL)
    assert printed is not None
    assert printed[1] == table()


ANCHORS = [
    *(f"verdict-{verdict}" for verdict in Verdict),
    *(f"reason-{reason}" for reason in Reason),
    *(f"blame-{blame}" for blame in ("none", "system", "dependency", "network", "agent")),
    *(f"ux-{name}" for name in UxCounts.model_fields),
    *(f"vitals-{name}" for name in Vitals.model_fields),
    *(f"count-{field.name}" for field in fields(Counts)),
    "count-missing",
]


@pytest.mark.parametrize("anchor", ANCHORS)
def test_every_word_of_a_result_has_a_definition_to_link_to(anchor: str) -> None:
    assert f'<a id="{anchor}"></a>' in (DOCS / "measures.md").read_text(encoding="utf-8")


def anchors(page: str) -> set[str]:
    """Return what a page can be linked at: its anchors, and its headings as they are called on the web."""
    text = (DOCS / page).read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {
        *re.findall(r'<a id="([^"]+)"></a>', text),
        *(re.sub(r"[^\w -]", "", one).lower().replace(" ", "-") for one in headings),
    }


@pytest.mark.parametrize("name", ["measures.md", "ranking.md", "operations.md"])
def test_links_inside_the_pages_lead_somewhere(name: str) -> None:
    for page, anchor in re.findall(r"\]\(([a-z.]*)#([a-z0-9_-]+)\)", (DOCS / name).read_text(encoding="utf-8")):
        assert anchor in anchors(page or name), f"{page}#{anchor}"
