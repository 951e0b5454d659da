"""Visits: which host an http check or a walk calls on first, and whether the schedule asks too much of one."""

from collections import defaultdict
from collections.abc import Mapping

from checks.config import AnyCheck, Target
from checks.journey import Goto, all_actions
from checks.model import BrowserCheck, HttpCheck
from checks.owners import host_and_port
from checks.parts import Parts
from checks.source import Source

_MINUTE_S = 60.0


def host_of_url(url: str) -> str:
    """Return `host:port` of an address; empty when it cannot be read."""
    host, port = host_and_port(url)
    return f"{host}:{port}" if host and port else ""


def visited(target: Target[AnyCheck]) -> str:
    """Return `host:port` of the first document a check asks for; empty when it asks for none."""
    check = target.check
    if isinstance(check, HttpCheck):
        return host_of_url(check.url)
    if not isinstance(check, BrowserCheck):
        return ""
    goals = (action.goto for step in target.steps for action in all_actions(step.do) if isinstance(action, Goto))
    return host_of_url(next(goals, target.system.url)) or host_of_url(target.system.url)


def is_limited(target: Target[AnyCheck]) -> bool:
    """Whether the budget of visits holds for a check: test systems are there to be asked."""
    return target.system.environment != "test"


def look_at_visits(source: Source, parts: Parts, targets: Mapping[str, Target[AnyCheck]]) -> None:
    """Report each host of which the schedule asks more visits a minute than it may, at the check that is too many."""
    if parts.settings is None:
        return
    most = parts.settings.politeness.visits_per_minute
    asked: dict[str, list[float]] = defaultdict(list)
    too_many: dict[str, int] = {}
    for index, check in parts.checks.items():
        target = targets.get(check.id)
        host = visited(target) if target is not None and check.enabled and is_limited(target) else ""
        if host:
            asked[host].append(_MINUTE_S / check.every)
            if sum(asked[host]) > most:
                too_many.setdefault(host, index)
    for host, index in too_many.items():
        source.report(
            ("checks", index, "every"),
            f"{len(asked[host])} checks visit {host} {sum(asked[host]):.4g} times a minute in all, more than "
            f"settings.politeness.visits_per_minute ({most}) allows; make `every` longer",
        )
