"""The monthly report as a frozen value: every text a reader will see, nothing left to decide for the template."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Head:
    """Who writes to whom (layout of Nghị định 30/2020/NĐ-CP, Phụ lục I); number, date and signature stay blank."""

    parent: str
    body: str
    number: str
    place: str
    month: str
    year: str
    subject: str
    addressee: str


@dataclass(frozen=True, slots=True)
class RankRow:
    """A row of Bảng 1."""

    order: str
    name: str
    agency: str
    score: str
    interval: str
    class_name: str
    rank: str
    rank_interval: str
    change: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnrankedRow:
    """A unit without enough data, and why."""

    name: str
    agency: str
    due: str
    counted: str
    days: str
    reasons: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row of Bảng 2, 3 or 4: the unit's name and its cells."""

    name: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Units of one table: of the same kind, walked to the same depth."""

    title: str
    ranked: tuple[RankRow, ...]
    unranked: tuple[UnrankedRow, ...]
    pillars: tuple[Row, ...]
    availability: tuple[Row, ...]
    effort: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """A unit that fell short: what was seen, and what to do first."""

    name: str
    agency: str
    standing: str
    evidence: tuple[str, ...]
    fixes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MethodRow:
    """An indicator of the method, as the annex prints it."""

    title: str
    points: str
    full: str
    zero: str
    basis: str
    status: str


@dataclass(frozen=True, slots=True)
class MethodPillar:
    """A pillar of the method."""

    title: str
    points: str
    rows: tuple[MethodRow, ...]


@dataclass(frozen=True, slots=True)
class DetailRow:
    """An indicator of one unit: value, samples, points got of points possible."""

    title: str
    value: str
    samples: str
    got: str
    of: str


@dataclass(frozen=True, slots=True)
class Detail:
    """How one ranked unit came to its points; `without` names the indicators that have no data."""

    name: str
    score: str
    without: tuple[str, ...]
    rows: tuple[DetailRow, ...]


@dataclass(frozen=True, slots=True)
class OutageRow:
    """A long interruption."""

    unit: str
    check: str
    began: str
    length: str


@dataclass(frozen=True, slots=True)
class StopRow:
    """A planned stop, and whether it was left out of the score."""

    note: str
    span: str
    notice: str
    taken: str


@dataclass(frozen=True, slots=True)
class Paper:
    """The whole report."""

    head: Head
    provisional: str
    period: str
    unit_word: str
    scope: tuple[str, ...]
    fates: tuple[Row, ...]
    limits_number: str
    limits: tuple[str, ...]
    overall: tuple[str, ...]
    pillar_titles: tuple[str, ...]
    groups: tuple[Group, ...]
    anybody_ranked: bool
    good: tuple[str, ...]
    findings: tuple[Finding, ...]
    requests: tuple[str, ...]
    method: tuple[MethodPillar, ...]
    method_notes: tuple[str, ...]
    details: tuple[Detail, ...]
    outages: tuple[OutageRow, ...]
    stops: tuple[StopRow, ...]
    origin: tuple[Row, ...]
