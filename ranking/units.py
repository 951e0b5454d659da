"""What is ranked, in which table, and how much each walk weighs in it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from checks.config import AnyCheck, Config, Target
from checks.model import BrowserCheck
from checks.run import Depth
from ranking.indicators import USED_TYPES

UnitKind = Literal["system", "service", "agency"]

KINDS = {
    "tinh": "Cấp tỉnh",
    "so": "Sở, ban, ngành",
    "xa": "Xã, phường, đặc khu",
    "don-vi": "Đơn vị trực thuộc",
    "ngoai": "Đơn vị ngoài tỉnh",
}
"""The tables of agencies, by `agency.kind`."""

NO_FIELD = "Lĩnh vực khác"


@dataclass(frozen=True, slots=True)
class Unit:
    """One row of a table. Only units of the same `group` and the same `depth` are compared."""

    id: str
    name: str
    agency: str
    group: str
    depth: Depth
    targets: tuple[Target[AnyCheck], ...]


def units(config: Config, kind: UnitKind) -> tuple[Unit, ...]:
    """Return every unit that enabled checks measure, in file order."""
    measured: dict[str, list[Target[AnyCheck]]] = {}
    for target in config.targets.values():
        unit_id = _unit_of(target, kind)
        if unit_id is not None and target.check.enabled and isinstance(target.check, USED_TYPES):
            measured.setdefault(unit_id, []).append(target)
    return tuple(_unit(config, kind, unit_id, targets) for unit_id, targets in measured.items())


def _unit_of(target: Target[AnyCheck], kind: UnitKind) -> str | None:
    if kind == "system":
        return target.system.id
    if kind == "agency":
        return target.agency.id
    return target.service.id if target.service is not None else None


def _unit(config: Config, kind: UnitKind, unit_id: str, targets: Sequence[Target[AnyCheck]]) -> Unit:
    if kind == "system":
        system = config.systems[unit_id]
        name, agency, group = system.name, config.agencies[system.agency].name, system.group
    elif kind == "agency":
        body = config.agencies[unit_id]
        name, agency, group = body.name, body.name, KINDS[body.kind]
    else:
        service = config.services[unit_id]
        name, agency, group = service.name, config.agencies[service.agency].name, service.field or NO_FIELD
    return Unit(unit_id, name, agency, group, _deepest(targets), tuple(targets))


def _deepest(targets: Iterable[Target[AnyCheck]]) -> Depth:
    """Return the depth of the deepest walk; `L0` where nobody walks."""
    depths: list[Depth] = [target.check.depth for target in targets if isinstance(target.check, BrowserCheck)]
    return max(depths, default="L0")


def weights(targets: Sequence[Target[AnyCheck]]) -> list[float]:
    """Return what each check weighs among these: its service's yearly use, shared by the service's checks.

    A service whose use is not known weighs as the mean of the known ones; if none is known all weigh alike. A check
    of the system itself, without a service, weighs as one such service.
    """
    keys = [target.service.id if target.service is not None else f"check:{target.check.id}" for target in targets]
    shared = Counter(keys)
    use = {key: target.service.yearly_use for key, target in zip(keys, targets, strict=True) if target.service}
    known = [float(count) for count in use.values() if count is not None]
    if not sum(known):
        return [1 / shared[key] for key in keys]
    usual = sum(known) / len(known)
    counts = {key: float(count) for key, count in use.items() if count is not None}
    return [counts.get(key, usual) / shared[key] for key in keys]
