"""How a walk is written: what a locator may say, and that the page of actions keeps its promise."""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from checks.journey import _ACTIONS, Step
from checks.locator import Locator

ROOT = Path(__file__).parents[2]


def test_every_action_has_a_test_that_walks_it() -> None:
    page = (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| [^|]+ \| `(test_\w+)` \|$", page, re.MULTILINE))
    tests = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests/probes/browser").glob("test_*.py"))
    assert set(_ACTIONS) <= set(rows)
    assert [name for name in rows.values() if f"def {name}(" not in tests] == []


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ({"role": "button", "within": {"frame": {"title": "a", "css": "b"}}}, "needs exactly one of title, name, css"),
        ({"role": "button", "within": {"frame": {"title": "a"}, "role": "form"}}, "needs exactly one of frame, role"),
        ({"css": "a", "or": [{"css": "b", "or": [{"css": "c"}]}]}, "an `or` inside an `or`; write one list"),
        ({"css": "a", "within": {"css": "b", "or": [{"css": "c"}]}}, "`or` belongs to what is looked for"),
        ({"css": "a", "withn": {"css": "b"}}, "did you mean 'within'?"),
    ],
)
def test_a_locator_says_one_thing(written: dict[str, object], says: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(says)):
        Locator.model_validate(written)


def test_a_pattern_must_be_one() -> None:
    with pytest.raises(ValidationError, match="is no regular expression"):
        Step.model_validate({"name": "a", "do": [{"store": {"css": "a", "as": "b", "pattern": "("}}]})
