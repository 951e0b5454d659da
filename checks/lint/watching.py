"""Checks that measure too little, too long, too often, or on what may be somebody's production."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from checks.config import AnyCheck, Target
from checks.lint.finding import Finding
from checks.load import Loaded
from checks.model import BrowserCheck, HttpCheck
from checks.source import KeyPath
from checks.text import spoken

_OVER = 3.0
_POLITE_WALK_S = 180.0
_POLITE_SIGNAL_S = 30.0
_OF_A_TEST = re.compile(
    r"(?:^|[.-])(?:test|thu|thunghiem|uat|dev|demo|stag(?:e|ing)|stg|sandbox|mophong|taphuan|tap-huan|training|local)\w*(?:[.-]|$)"
    r"|^(?:localhost|127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|\[?::1|\[?f[cd])|\.(?:example|test|localhost|internal)$"
)


def look(whole: Loaded) -> Iterator[Finding]:
    """Yield what is to be said about how each check measures."""
    for index, check in whole.parts.checks.items():
        target = whole.config.targets[check.id]
        path: KeyPath = ("checks", index)
        yield from _budget(path, target)
        yield from _deadline(path, target)
        yield from _often(path, target)
        yield from _production(path, target)


def _budget(path: KeyPath, target: Target[AnyCheck]) -> Iterator[Finding]:
    check = target.check
    if not isinstance(check, BrowserCheck | HttpCheck) or check.budget is not None:
        return
    in_steps = isinstance(check, BrowserCheck) and (check.step_budget or all(step.budget for step in target.steps))
    if not in_steps:
        what = "budget or step_budget" if isinstance(check, BrowserCheck) else "budget"
        yield Finding(path, f"check '{check.id}' has no {what}: it can never be slow")


def _deadline(path: KeyPath, target: Target[AnyCheck]) -> Iterator[Finding]:
    check = target.check
    if not isinstance(check, BrowserCheck):
        return
    longest = sum(step.timeout or check.step_timeout for step in target.steps)
    if longest > _OVER * check.deadline:
        yield Finding(
            (*path, "deadline"),
            f"{len(target.steps)} steps may take {spoken(longest)} and the walk ends after {spoken(check.deadline)}: "
            "then no step can be blamed; shorten step_timeout or give it more time",
        )


def _often(path: KeyPath, target: Target[AnyCheck]) -> Iterator[Finding]:
    check = target.check
    polite = _POLITE_WALK_S if isinstance(check, BrowserCheck) else _POLITE_SIGNAL_S
    if check.enabled and target.system.environment == "production" and check.every < polite:
        yield Finding(
            (*path, "every"),
            f"every {spoken(check.every)} is more often than is polite in production; take {spoken(polite)}",
        )


def _production(path: KeyPath, target: Target[AnyCheck]) -> Iterator[Finding]:
    check = target.check
    host = urlsplit(target.system.url).hostname or ""
    if isinstance(check, BrowserCheck) and check.depth == "L4" and not _OF_A_TEST.search(host):
        yield Finding(
            (*path, "depth"),
            f"files dossiers on '{host}', whose name does not say that it is a test system: be sure that it is one",
        )
