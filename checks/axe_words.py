"""The Vietnamese words for accessibility: impacts, and axe's rules by the table `axe_vi.toml`."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

from checks.audit import Impact

IMPACT_WORDS: Final[Mapping[Impact, str]] = {
    "critical": "Rất nghiêm trọng",
    "serious": "Nghiêm trọng",
    "moderate": "Trung bình",
    "minor": "Nhẹ",
}


class RuleWords(NamedTuple):
    """What a rule demands, and what to do about it; one sentence each."""

    name: str
    advice: str


@cache
def rules() -> Mapping[str, RuleWords]:
    """Return the table: axe's name of a rule -> its Vietnamese words."""
    text = files("checks").joinpath("axe_vi.toml").read_text(encoding="utf-8")
    return {rule: RuleWords(**words) for rule, words in tomllib.loads(text).items()}


def rule_words(rule: str, english: str) -> RuleWords:
    """Return a rule's Vietnamese words; of a rule that the table does not know, axe's English ones and no advice."""
    return rules().get(rule, RuleWords(english, ""))
