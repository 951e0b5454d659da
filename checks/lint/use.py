"""What nobody uses: journeys, parameters, services and systems without a check."""

from collections.abc import Iterator

from checks.bind import strings
from checks.lint.finding import Finding
from checks.load import Loaded
from checks.model import BrowserCheck
from checks.source import KeyPath
from checks.text import references


def look(whole: Loaded) -> Iterator[Finding]:
    """Yield everything that is written and never used."""
    checks = [target.check for target in whole.config.targets.values()]
    walked = {check.journey for check in checks if isinstance(check, BrowserCheck)}
    for index, journey in whole.parts.journeys.items():
        path: KeyPath = ("journeys", index)
        if journey.id not in walked:
            yield Finding((*path, "id"), f"no check walks '{journey.id}'")
        used = {name for _, text in strings(whole.source.at((*path, "steps"))) for name in references(text)}
        for name in journey.parameters:
            if name not in used:
                yield Finding((*path, "parameters", name), f"no step writes ${{{name}}}")
    measured = {target.service.id for target in whole.config.targets.values() if target.service is not None}
    for index, service in whole.parts.services.items():
        if service.id not in measured:
            yield Finding(("services", index, "id"), f"no check measures '{service.id}'")
    looked_at = {target.system.id for target in whole.config.targets.values()}
    for index, system in whole.parts.systems.items():
        if system.id not in looked_at:
            yield Finding(("systems", index, "id"), f"no check looks at '{system.id}'")
    yield from _never_found(whole)


def _never_found(whole: Loaded) -> Iterator[Finding]:
    """A service whose walks never say where its form opens has no clicks_to_find."""
    walks: dict[str, list[str]] = {}
    for target in whole.config.targets.values():
        if target.service is not None and isinstance(target.check, BrowserCheck):
            walks.setdefault(target.service.id, []).append(target.check.journey)
    finding = {journey.id for journey in whole.parts.journeys.values() if any(step.found for step in journey.steps)}
    for index, journey in whole.parts.journeys.items():
        service = next(
            (name for name, names in walks.items() if names[0] == journey.id and not finding & {*names}), None
        )
        if service is not None:
            yield Finding(
                ("journeys", index, "id"),
                f"no step says `found: true`, so nobody knows how many clicks it takes to find '{service}'",
            )
