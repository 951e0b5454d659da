"""Faults that only show when pieces are held against each other: references, timing, ownership, alerts."""

from collections.abc import Iterable
from typing import Any

from checks.attached import check_attached
from checks.bind import SURROUNDINGS
from checks.config import AnyCheck, Target, matches, recipients
from checks.frozen import did_you_mean
from checks.guarded import check_device, check_submits, check_typed_secrets
from checks.model import AlertRule, BrowserCheck
from checks.owners import THIRD_PARTY, HostOwners
from checks.parts import Parts
from checks.reach import check_hosts, check_request
from checks.source import LISTS, KeyPath, Source
from checks.stored import check_stored, known_references
from checks.text import spoken


def run(source: Source, parts: Parts) -> None:
    """Report every fault between pieces; pieces with faults of their own are not held against others."""
    for section in LISTS:
        _unique(source, section)
    for i, outside in parts.dependencies.items():
        if outside.id in parts.written.get("systems", ()):
            source.report(("dependencies", i, "id"), f"'{outside.id}' is a system already; blame would be ambiguous")
    _references(source, parts)
    _hosts(source, parts)
    _reference_targets(source, parts)
    _timing(source, parts)
    _journeys(source, parts)
    _spans(source, parts)


def _unique(source: Source, section: str) -> None:
    first: dict[str, int] = {}
    for index, item in enumerate(source.items(section)):
        name = item.get("id") if isinstance(item, dict) else None
        if not isinstance(name, str):
            continue
        if name in first:
            file, line = source.place((section, first[name], "id"))
            source.report((section, index, "id"), f"'{name}' is already used at {file}:{line}")
        first.setdefault(name, index)


def _refer(source: Source, path: KeyPath, name: str | None, parts: Parts, section: str) -> None:
    known = parts.written.get(section)
    if name is not None and known is not None and name not in known:
        singular = {"agencies": "agency", "journeys": "journey"}.get(section, section.removesuffix("s"))
        source.report(path, f"there is no {singular} '{name}'{did_you_mean(name, sorted(known))}")


def _references(source: Source, parts: Parts) -> None:
    for i, agency in parts.agencies.items():
        _refer(source, ("agencies", i, "parent"), agency.parent, parts, "agencies")
    for i, system in parts.systems.items():
        _refer(source, ("systems", i, "agency"), system.agency, parts, "agencies")
        _refer(source, ("systems", i, "operator"), system.operator, parts, "agencies")
    for i, service in parts.services.items():
        _refer(source, ("services", i, "agency"), service.agency, parts, "agencies")
        _refer(source, ("services", i, "system"), service.system, parts, "systems")
    for i, check in parts.checks.items():
        _check_references(source, parts, i, check)
    for i, stop in parts.maintenance.items():
        _refer_all(source, ("maintenance", i), stop, ("systems", "services"), parts)
    for i, rule in parts.rules.items():
        sections = ("checks", "services", "systems", "agencies")
        _refer_all(source, ("alerts", "rules", i, "match"), rule.match, sections, parts)


def _refer_all(source: Source, path: KeyPath, holder: Any, sections: Iterable[str], parts: Parts) -> None:
    for section in sections:
        for j, name in enumerate(getattr(holder, section)):
            _refer(source, (*path, section, j), name, parts, section)


def _check_references(source: Source, parts: Parts, i: int, check: AnyCheck) -> None:
    _refer(source, ("checks", i, "service"), check.service, parts, "services")
    _refer(source, ("checks", i, "system"), check.system, parts, "systems")
    if check.service is None and check.system is None:
        source.report(("checks", i), "needs a service or a system")
    service = parts.by_id("services").get(check.service or "")
    if service is not None and check.system not in (None, service.system):
        fault = f"service '{service.id}' is on system '{service.system}', not '{check.system}'; leave `system` out"
        source.report(("checks", i, "system"), fault)
    check_request(source, ("checks", i), check)
    if isinstance(check, BrowserCheck):
        _refer(source, ("checks", i, "journey"), check.journey, parts, "journeys")
        _parameters(source, parts, i, check)
    else:
        known_references(source, ("checks", i), set(SURROUNDINGS))


def _parameters(source: Source, parts: Parts, i: int, check: BrowserCheck) -> None:
    journey = parts.by_id("journeys").get(check.journey)
    if journey is None:
        return
    for name in check.with_:
        if name not in journey.parameters:
            hint = did_you_mean(name, list(journey.parameters))
            source.report(("checks", i, "with", name), f"journey '{journey.id}' has no such parameter{hint}")
    for name, parameter in journey.parameters.items():
        if parameter.default is None and name not in check.with_:
            source.report(("checks", i, "with"), f"parameter '{name}' of journey '{journey.id}' is required")


def _hosts(source: Source, parts: Parts) -> None:
    first: dict[str, KeyPath] = {}
    for section in ("systems", "dependencies"):
        for i, owner in getattr(parts, section).items():
            for j, host in enumerate(owner.hosts):
                path = (section, i, "hosts", j)
                if host in first:
                    file, line = source.place(first[host])
                    source.report(path, f"'{host}' already has an owner at {file}:{line}")
                first.setdefault(host, path)


def _reference_targets(source: Source, parts: Parts) -> None:
    """Who is watched cannot speak for our network, and who is named twice speaks once."""
    owners = HostOwners.of(parts.systems.values(), parts.dependencies.values())
    first: dict[str, KeyPath] = {}
    for i, reference in enumerate(parts.settings.reference_targets if parts.settings is not None else ()):
        path: KeyPath = ("settings", "reference_targets", i)
        owner = owners.owner(reference.url)
        if owner != THIRD_PARTY:
            kind, _, name = owner.partition(":")
            source.report(path, f"belongs to {kind} '{name}': who is watched cannot speak for our own network")
        if reference.label in first:
            file, line = source.place(first[reference.label])
            source.report(path, f"'{reference.label}' already stands at {file}:{line}")
        first.setdefault(reference.label, path)


def _timing(source: Source, parts: Parts) -> None:
    if parts.settings is None:
        return
    for i, check in parts.checks.items():
        needed = 2 * check.deadline + check.confirm_after
        if needed >= check.every:
            source.report(
                ("checks", i, "deadline"),
                f"two attempts of {spoken(check.deadline)} and the {spoken(check.confirm_after)} between them take "
                f"{spoken(needed)}, which must be shorter than every ({spoken(check.every)})",
            )
        budget = check.budget
        if budget is not None and budget >= check.deadline:
            source.report(
                ("checks", i, "budget"),
                f"{spoken(budget)} must be shorter than deadline ({spoken(check.deadline)})",
            )


def _journeys(source: Source, parts: Parts) -> None:
    for i, journey in parts.journeys.items():
        path: KeyPath = ("journeys", i)
        if not any(step.has_goal for step in journey.steps):
            source.report((*path, "steps"), "expects nothing; give a step an `until` or an `expect`")
        elif not journey.steps[-1].has_goal:
            last = len(journey.steps) - 1
            source.report((*path, "steps", last), "the last step needs an `until`: how is success seen?")
        for j, step in enumerate(journey.always):
            for key in sorted({"budget", "found"} & step.model_fields_set):
                source.report((*path, "always", j, key), "is not measured here: what always follows is never judged")
        check_stored(source, path, journey)
        check_attached(source, path, journey)


def _spans(source: Source, parts: Parts) -> None:
    for i, stop in parts.maintenance.items():
        if stop.ends <= stop.starts:
            source.report(("maintenance", i, "ends"), "must be later than starts")
        if not stop.systems and not stop.services:
            source.report(("maintenance", i), "needs systems or services")
    for i, agency in parts.agencies.items():
        if agency.valid_from and agency.valid_to and agency.valid_to <= agency.valid_from:
            source.report(("agencies", i, "valid_to"), "must be later than valid_from")


def look_at_target(source: Source, index: int, target: Target[AnyCheck]) -> None:
    """Report faults that show only once a check has its values: whose host it is, what it files, what it types."""
    check, path = target.check, ("checks", index)
    check_hosts(source, path, target)
    if isinstance(check, BrowserCheck):
        check_submits(source, path, check, target)
        check_typed_secrets(source, path, check, target)
        check_device(source, path, check, target)


def look_at_alerts(source: Source, parts: Parts, targets: Iterable[Target[AnyCheck]]) -> None:
    """Report rules that could never fire, or that would tell nobody."""
    listed = list(targets)
    complete = len(listed) == len(source.items("checks"))
    for i, rule in parts.rules.items():
        covered = [target for target in listed if matches(rule.match, target)]
        if complete and not covered:
            source.report(("alerts", "rules", i, "match"), "fits no check, so this alert could never fire")
        _can_fire(source, ("alerts", "rules", i), rule, covered)
        _is_heard(source, ("alerts", "rules", i), rule, covered, parts)
    mail = parts.alerts.mail
    if mail is not None and mail.password is not None and mail.security == "none":
        source.report(("alerts", "mail", "security"), "a password must not travel unencrypted; use starttls or tls")


def _can_fire(source: Source, path: KeyPath, rule: AlertRule, covered: list[Target[AnyCheck]]) -> None:
    for target in covered:
        needed = (rule.after - 1) * target.check.every
        if rule.within is not None and needed >= rule.within:
            source.report(
                (*path, "within"),
                f"could never fire for check '{target.check.id}': {rule.after} results take {spoken(needed)}, "
                f"within is {spoken(rule.within)}",
            )
            return


def _is_heard(source: Source, path: KeyPath, rule: AlertRule, covered: list[Target[AnyCheck]], parts: Parts) -> None:
    if covered and parts.alerts.mail is None and source.at(("alerts", "mail")) is None:
        source.report((*path, "to"), "nobody could be told; alerts.mail is missing")
    agencies = parts.by_id("agencies")
    for target in covered:
        operator = target.system.operator or target.system.agency
        if operator in agencies and not recipients(rule, target, agencies):
            source.report(
                (*path, "to"),
                f"check '{target.check.id}' would alert nobody; give agency '{target.agency.id}' an email",
            )
            return
