"""The ranking for programs: stable keys, described by `xep-hang.schema.json`. Shares are 0-1, times are seconds."""

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from checks.config import Config
from checks.ranking import Gate
from ranking.availability import Counts
from ranking.change import Change, changes
from ranking.maintenance import Window
from ranking.result import PillarScore, Ranking, Table, UnitScore

FORMAT = "dvcwatch-xep-hang/1"
_OUTAGES = 20


def ranking_json(ranking: Ranking, config: Config, before: Ranking | None = None) -> bytes:
    """Return the ranking as UTF-8 JSON with a final line break."""
    return (json.dumps(open_data(ranking, config, before), ensure_ascii=False, indent=2) + "\n").encode()


def open_data(ranking: Ranking, config: Config, before: Ranking | None = None) -> dict[str, Any]:
    """Return the ranking as plain values; an unranked unit has no score, class or rank."""
    changed = changes(ranking, before, config.ranking.falling_by) if before is not None else {}
    period = ranking.period
    return {
        "format": FORMAT,
        "method_version": ranking.method_version,
        "unit": ranking.unit,
        "period": {
            "label": period.label,
            "since": period.since.isoformat(),
            "until": period.until.isoformat(),
            "complete": period.complete,
        },
        "config_digest": ranking.config_digest,
        "runs_digest": ranking.runs_digest,
        "runs": ranking.runs,
        "unknown_runs": ranking.unknown_runs,
        "checks": ranking.checks,
        "counts": _counts(ranking.counts),
        "indicators": [{"id": name} | one.model_dump() for name, one in ranking.indicators.items()],
        "maintenance": [_window(window) for window in ranking.maintenance],
        "tables": [_table(table, changed) for table in ranking.tables],
    }


def _counts(counts: Counts) -> dict[str, Any]:
    plain = {field.name: getattr(counts, field.name) for field in fields(counts)}
    shares = {"availability": _rounded(counts.availability, 6), "coverage": _rounded(counts.coverage, 6)}
    return plain | {"missing": counts.missing} | shares


def _window(window: Window) -> dict[str, Any]:
    return {
        "id": window.id,
        "systems": list(window.systems),
        "services": list(window.services),
        "starts": window.starts.isoformat(),
        "ends": window.ends.isoformat(),
        "note": window.note,
        "notice_days": window.notice_days,
        "force_majeure": window.force_majeure,
        "accepted": window.accepted,
    }


def _table(table: Table, changed: Mapping[str, Change]) -> dict[str, Any]:
    return {
        "group": table.group,
        "depth": table.depth,
        "units": [_unit(unit, changed.get(unit.id)) for unit in table.units],
    }


def _unit(unit: UnitScore, changed: Change | None) -> dict[str, Any]:
    judgement, place = unit.judgement, unit.place
    interval = judgement.interval
    return {
        "id": unit.id,
        "name": unit.name,
        "agency": unit.agency,
        "ranked": unit.ranked,
        "rank": place.rank if place else None,
        "rank_interval": [place.best, place.worst] if place else None,
        "equals": place.equals if place else None,
        "score": _rounded(judgement.score, 2) if unit.ranked else None,
        "score_interval": [_rounded(interval.low, 2), _rounded(interval.high, 2)] if interval else None,
        "class": judgement.class_name,
        "standing": judgement.standing if unit.ranked else None,
        "gates": [_gate(gate) for gate in judgement.gates] if unit.ranked else [],
        "change": {"points": _rounded(changed.points, 2), "trend": changed.trend} if changed else None,
        "score_with_maintenance": _rounded(unit.score_with_maintenance, 2) if unit.ranked else None,
        "coverage": _rounded(unit.coverage, 6),
        "days": unit.days,
        "counts": _counts(unit.counts),
        "shortfalls": [{"of": s.of, "have": _rounded(s.have, 6), "needed": s.needed} for s in unit.shortfalls],
        "pillars": [_pillar(pillar) for pillar in unit.pillars] if unit.ranked else [],
        "fixes": [{"indicator": f.indicator, "target": f.target, "points": _rounded(f.points, 2)} for f in unit.fixes],
        "outages": [
            {"check": o.check, "began_at": o.began_at.isoformat(), "slots": o.slots, "seconds": o.seconds}
            for o in unit.outages[:_OUTAGES]
        ],
        "effort": _effort(unit),
    }


def _gate(gate: Gate) -> dict[str, Any]:
    return gate.model_dump()


def _pillar(pillar: PillarScore) -> dict[str, Any]:
    return {
        "id": pillar.id,
        "got": _rounded(pillar.got, 2),
        "of": _rounded(pillar.of, 2),
        "indicators": [
            {
                "id": line.id,
                "value": _rounded(line.value, 6),
                "samples": line.samples,
                "got": _rounded(line.got, 2),
                "of": _rounded(line.of, 2),
            }
            for line in pillar.indicators
        ],
    }


def _effort(unit: UnitScore) -> dict[str, Any] | None:
    if unit.effort is None:
        return None
    return {field.name: _rounded(getattr(unit.effort, field.name), 2) for field in fields(unit.effort)}


def _rounded(value: float | None, places: int) -> float | None:
    return None if value is None else round(value, places)
