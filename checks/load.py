"""checks.yaml -> Config: validates item by item, so that every problem is found at once, then ties it together."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError

from checks import crosscheck
from checks.bind import bind_check, bind_walk, surroundings
from checks.config import AnyCheck, Config, Target
from checks.errors import ConfigError
from checks.explain import explain, said
from checks.frozen import did_you_mean
from checks.journey import Journey, Step
from checks.model import AlertRule, Alerts, BrowserCheck, CheckDefaults, ConfigFile, Settings
from checks.owners import HostOwners
from checks.parts import Parts
from checks.ranking import RankingMethod
from checks.source import LISTS, KeyPath, Source, read
from checks.text import WRITTEN
from checks.visits import look_at_visits

VERSION = 1


@dataclass(frozen=True, slots=True)
class Loaded:
    """A sound configuration together with what stands where in its files."""

    source: Source
    parts: Parts
    config: Config


def load(path: Path) -> Config:
    """Read, validate and tie together `path` and its includes.

    Raises:
        ConfigError: Something is wrong; it lists every problem with file, line and key.
    """
    return load_whole(path).config


def load_whole(path: Path) -> Loaded:
    """Do what `load` does, and keep the places of everything for those who have more to say about it.

    Raises:
        ConfigError: Something is wrong; it lists every problem with file, line and key.
    """
    source = read(path)
    if not source.data:
        raise ConfigError(source.problems)
    _check_frame(source)
    parts = _parts(source)
    crosscheck.run(source, parts)
    targets = _targets(source, parts)
    crosscheck.look_at_alerts(source, parts, targets.values())
    look_at_visits(source, parts, targets)
    if source.problems or parts.settings is None:
        raise ConfigError(source.problems)
    config = Config(
        path=path,
        digest=source.digest,
        settings=parts.settings,
        agencies=parts.by_id("agencies"),
        systems=parts.by_id("systems"),
        dependencies=parts.by_id("dependencies"),
        services=parts.by_id("services"),
        targets=targets,
        maintenance=tuple(parts.maintenance.values()),
        alerts=parts.alerts.evolve(rules=tuple(parts.rules.values())),
        ranking=parts.ranking,
    )
    return Loaded(source, parts, config)


def _check_frame(source: Source) -> None:
    """Look at the top-level keys themselves: known, present, of the right shape."""
    known = list(ConfigFile.model_fields)
    for key, value in list(source.data.items()):
        if key not in known:
            source.report((key,), f"unknown key{did_you_mean(key, known)}")
        elif key in (*LISTS, "include") and not isinstance(value, list):
            source.report((key,), "must be a list (lines that begin with -)")
    for key, field in ConfigFile.model_fields.items():
        if field.is_required() and key not in source.data:
            source.report((key,), "is required")
        elif field.is_required() and source.data[key] == []:
            source.report((key,), "must not be empty")
    version = source.data.get("version", VERSION)
    if version is None and ("version",) not in source.unreadable:
        source.report(("version",), "has no value")
    elif version is not None and (version != VERSION or not isinstance(version, int) or isinstance(version, bool)):
        source.report(("version",), f"this program reads version {VERSION}, not {version!r:.200}")


def _parts(source: Source) -> Parts:
    written = {section: ids for section in LISTS if (ids := _written_ids(source, section)) is not None}
    settings = _piece(source, ("settings",), Settings)
    _apply_defaults(source)
    return Parts(
        settings=settings,
        **{section: _pieces(source, (section,), _item_type(section)) for section in LISTS},
        rules=_pieces(source, ("alerts", "rules"), AlertRule),
        alerts=_alerts(source),
        ranking=_piece(source, ("ranking",), RankingMethod) or RankingMethod(),
        written=written,
    )


def _written_ids(source: Source, section: str) -> frozenset[str] | None:
    """Return the ids of a section; None when not every item has one that can be read."""
    items = source.data.get(section, [])
    if not isinstance(items, list) or not all(isinstance(item, dict) and item.get("id") for item in items):
        return None
    return frozenset(str(item["id"]) for item in items)


def _item_type(section: str) -> Any:
    return get_args(ConfigFile.model_fields[section].annotation)[0]


def _piece(source: Source, path: KeyPath, kind: Any) -> Any:
    if path not in source.places:
        return None
    try:
        return TypeAdapter(kind).validate_python(source.at(path), context=WRITTEN)
    except ValidationError as error:
        explain(source, path, error)
        return None


def _pieces(source: Source, path: KeyPath, kind: Any) -> dict[int, Any]:
    adapter = TypeAdapter(kind)
    pieces: dict[int, Any] = {}
    items = source.at(path)
    for index, item in enumerate(items if isinstance(items, list) else []):
        try:
            pieces[index] = adapter.validate_python(item, context=WRITTEN)
        except ValidationError as error:
            explain(source, (*path, index), error)
    return pieces


def _alerts(source: Source) -> Alerts:
    """Validate `alerts:` without its rules, which are validated one by one."""
    raw = source.at(("alerts",)) if ("alerts",) in source.places else {}
    if isinstance(raw, dict) and isinstance(raw.get("rules"), list):
        raw = {key: value for key, value in raw.items() if key != "rules"}
    try:
        return Alerts.model_validate(raw, context=WRITTEN)
    except ValidationError as error:
        explain(source, ("alerts",), error)
        return Alerts()


def _apply_defaults(source: Source) -> None:
    """Lay `settings.defaults` under every check, before the checks are validated."""
    written = source.at(("settings", "defaults"))
    defaults = {}
    for key, text in written.items() if isinstance(written, dict) else ():
        if key in CheckDefaults.model_fields:
            try:
                CheckDefaults.model_validate({key: text}, context=WRITTEN)
            except ValidationError:  # reported where it is written; a stand-in keeps the checks from echoing it
                defaults[key] = "1m"
            else:
                defaults |= {key: text} if text is not None else {}
    checks = source.items("checks")
    source.data["checks"] = [defaults | check if isinstance(check, dict) else check for check in checks]


def _walk(
    check: AnyCheck, journeys: Mapping[str, Journey], values: Mapping[str, str]
) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
    if not isinstance(check, BrowserCheck) or check.journey not in journeys:
        return (), ()
    return bind_walk(journeys[check.journey], check, values)


def _targets(source: Source, parts: Parts) -> dict[str, Target[AnyCheck]]:
    """Put every check into its surroundings; those whose references lead nowhere were reported and are left out."""
    agencies, systems, services = parts.by_id("agencies"), parts.by_id("systems"), parts.by_id("services")
    journeys = parts.by_id("journeys")
    owners = HostOwners.of(systems.values(), parts.dependencies.values())
    targets: dict[str, Target[AnyCheck]] = {}
    for index, check in parts.checks.items():
        service = services.get(check.service) if check.service is not None else None
        system = systems.get(service.system if service is not None else check.system or "")
        agency = agencies.get(service.agency if service is not None else system.agency if system else "")
        if system is None or agency is None:
            continue
        values = surroundings(check, system, agency, service)
        try:
            bound = bind_check(check, values)
            steps, always = _walk(bound, journeys, values)
        except ValidationError as error:
            source.report(("checks", index), f"with its values put in: {said(error)}")
            continue
        targets[check.id] = Target(bound, system, agency, service, steps, owners.seen_from(system.id), always)
        crosscheck.look_at_target(source, index, targets[check.id])
    return targets
