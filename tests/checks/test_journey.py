"""How a walk is written: what a locator may say, and that the page of actions keeps its promise."""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from checks.frozen import Frozen
from checks.journey import _ACTIONS, Step, Store
from checks.locator import Condition, Locator

ROOT = Path(__file__).parents[2]


PAGE = (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")
TESTS = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests/probes/browser").glob("test_*.py"))


def keys(model: type[Frozen]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}


@pytest.mark.parametrize(
    ("what", "words"),
    [("Actions", {*_ACTIONS, "always"}), ("Locators", keys(Locator)), ("Conditions", keys(Condition))],
)
def test_every_word_of_a_walk_has_a_test_that_walks_it(what: str, words: set[str]) -> None:
    (table,) = re.findall(rf"^### {what} and their tests\n\n(.*?)\n\n", PAGE, re.MULTILINE | re.DOTALL)
    rows = dict(re.findall(r"^\| `(\w+)` \|.* `(test_\w+)` \|$", table, re.MULTILINE))
    assert set(rows) == words
    assert [name for name in rows.values() if f"def {name}(" not in TESTS] == []


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


def test_a_pattern_is_read_as_it_is_run() -> None:
    step = Step.model_validate({"name": "a", "do": [{"store": {"css": "a", "as": "b", "pattern": r"\p{Lu}+"}}]})
    (action,) = step.do
    assert isinstance(action, Store)
    assert action.store.pattern == r"\p{Lu}+"


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ({"text": "a", "url": "b"}, "needs exactly one of visible, hidden, text, url, title, enabled, disabled, value"),
        ({}, "attribute, count, not; got none"),
        ({"not": {"not": {"text": "a"}}}, "a `not` inside a `not`; write what must be true"),
        ({"value": {"label": "a"}}, "needs either `is` (the whole value) or `contains` (a part of it)"),
        ({"value": {"label": "a", "is": "b", "contains": "c"}}, "needs either `is`"),
        ({"attribute": {"css": "a", "attribute": "href", "is": "b", "contains": "c"}}, "not both"),
        ({"count": {"css": "a"}}, "needs either `is`, or `at_least`, `at_most` or both"),
        ({"count": {"css": "a", "is": 1, "at_most": 2}}, "needs either `is`, or"),
        ({"count": {"css": "a", "at_least": 3, "at_most": 2}}, "`at_least` must not be more than `at_most`"),
        ({"count": {"css": "a", "nth": 1, "is": 1}}, "`nth` picks one element; leave it out to count them"),
    ],
)
def test_a_condition_says_one_thing(written: dict[str, object], says: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(says)):
        Condition.model_validate(written)


def test_a_condition_says_itself_in_one_line() -> None:
    negated = Condition.model_validate({"not": {"value": {"label": "Phí", "is": "0"}}})
    assert str(negated) == 'not value label "Phí"'
