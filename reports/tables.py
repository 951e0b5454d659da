"""Bảng 1 to 4: one group of comparable units as rows of text."""

from collections.abc import Mapping

from checks.ranking import PILLARS
from checks.words_vi import DEPTHS, decimal, number
from ranking.change import Change
from ranking.result import Table, UnitScore
from ranking.units import UnitKind
from reports import words
from reports.paper import Group, RankRow, Row, UnrankedRow


def group(table: Table, changes: Mapping[str, Change], kind: UnitKind) -> Group:
    """Write one table of the ranking."""
    return Group(
        title=f"{table.group} – {DEPTHS[table.depth]}",
        ranked=tuple(_ranked(n, unit, changes, kind) for n, unit in enumerate(table.ranked, start=1)),
        unranked=tuple(_unranked(unit, kind) for unit in table.unranked),
        pillars=tuple(_pillars(unit) for unit in table.ranked),
        availability=tuple(_availability(unit) for unit in table.units if unit.counts.counted),
        effort=tuple(row for unit in table.units if (row := _effort(unit)) is not None),
    )


def _agency(unit: UnitScore, kind: UnitKind) -> str:
    return "" if kind == "agency" else unit.agency


def _ranked(order: int, unit: UnitScore, changes: Mapping[str, Change], kind: UnitKind) -> RankRow:
    place = unit.place
    if place is None:
        raise ValueError(f"{unit.id} stands among the ranked units but has no place")
    return RankRow(
        order=str(order),
        name=unit.name,
        agency=_agency(unit, kind),
        score=words.points(unit.judgement.score),
        interval=words.interval(unit.judgement.interval),
        class_name=unit.judgement.class_name or words.DASH,
        rank=str(place.rank),
        rank_interval=f"{place.best}–{place.worst}" if place.best != place.worst else str(place.best),
        change=words.change(changes.get(unit.id)),
        notes=_notes(unit),
    )


def _notes(unit: UnitScore) -> tuple[str, ...]:
    notes = [words.STANDINGS[unit.judgement.standing]] if unit.judgement.standing != "ordinary" else []
    notes += [words.gate(gate) for gate in unit.judgement.gates]
    missing = [PILLARS[pillar.id].lower() for pillar in unit.pillars if not pillar.of]
    if missing:
        notes.append(f"không có dữ liệu: {'; '.join(missing)}")
    if unit.score_with_maintenance is not None:
        notes.append(f"nếu tính cả bảo trì: {words.points(unit.score_with_maintenance)} điểm")
    return tuple(notes)


def _unranked(unit: UnitScore, kind: UnitKind) -> UnrankedRow:
    return UnrankedRow(
        name=unit.name,
        agency=_agency(unit, kind),
        due=number(unit.counts.due),
        counted=number(unit.counts.counted),
        days=number(unit.days),
        reasons="; ".join(words.shortfall(missing) for missing in unit.shortfalls),
    )


def _pillars(unit: UnitScore) -> Row:
    cells = [f"{decimal(p.got)}/{decimal(p.of)}" if p.of else words.DASH for p in unit.pillars]
    return Row(unit.name, (*cells, words.points(unit.judgement.score)))


def _availability(unit: UnitScore) -> Row:
    """Write what was seen; below the coverage floor a share would look surer than it is."""
    figures = [unit.indicator("journey_completion"), unit.indicator("page_availability")]
    shares = [words.percent(line.value if line is not None and unit.ranked else None, 2) for line in figures]
    longest = words.seconds(unit.outages[0].seconds) if unit.outages else "không có"
    return Row(unit.name, (*shares, number(len(unit.outages)), longest, words.percent(unit.coverage)))


def _effort(unit: UnitScore) -> Row | None:
    if unit.effort is None:
        return None
    found = unit.indicator("clicks_to_find")
    effort = unit.effort
    clicks_to_find = words.points(found.value if found is not None else None)
    counts = (effort.steps, effort.clicks, effort.fields, effort.re_entry)
    return Row(
        unit.name,
        (str(effort.walks), clicks_to_find, *(decimal(count) for count in counts), words.seconds(effort.handling_s)),
    )
