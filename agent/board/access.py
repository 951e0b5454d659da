"""What the newest audit of a check says about its accessibility, laid out by rule."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from agent.audit import next_audit
from agent.board.board import Board
from checks.audit import IMPACTS, Audit, AuditElement, AuditScreen, Impact, Violation, Wcag
from checks.config import AnyCheck, Target
from checks.model import BrowserCheck

_PLACES = 6
_ELEMENTS = 3


class Audits(NamedTuple):
    """The newest audits by check: of any kind, and the complete ones."""

    newest: Mapping[str, Audit]
    complete: Mapping[str, Audit]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a rule is broken: the step's number and name, the page's path, the first elements and how many more."""

    number: int
    step: str
    path: str
    elements: tuple[AuditElement, ...]
    more: int


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule that is broken. `wcag` is None where no standard asks for it; `places` may be cut.

    `owner` names an outside system when it is that one's page.
    """

    rule: str
    help: str
    impact: Impact
    wcag: Wcag | None
    owner: str | None
    count: int
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Access:
    """The accessibility of one check. `audit` is the newest complete one, or the only one there is.

    `rows` are charged to the system, `apart` are not. `failed_since` is a newer audit that was not complete. `next_at`
    is when the next one is due, in the past while it waits for room.
    """

    audit: Audit | None
    counts: tuple[tuple[Impact, int], ...]
    rows: tuple[RuleRow, ...]
    apart: tuple[RuleRow, ...]
    failed_since: Audit | None
    next_at: datetime


async def read_audits(board: Board, checks: Sequence[str]) -> Audits:
    """Read what is known of these checks."""
    return Audits(await board.store.newest_audits(checks), await board.store.newest_audits(checks, complete=True))


def access(target: Target[AnyCheck], audits: Audits, started_at: datetime) -> Access | None:
    """Lay a check's accessibility out; None for one that is not audited."""
    check = target.check
    if not isinstance(check, BrowserCheck) or not check.enabled or not check.accessibility.enabled:
        return None
    newest = audits.newest.get(check.id)
    shown = audits.complete.get(check.id, newest)
    return Access(
        audit=shown,
        counts=tuple(shown.counts.items()) if shown is not None else (),
        rows=_rows(shown, charged=True) if shown is not None else (),
        apart=_rows(shown, charged=False) if shown is not None else (),
        failed_since=newest if newest is not shown else None,
        next_at=next_audit(check, newest, started_at),
    )


def _rows(audit: Audit, *, charged: bool) -> tuple[RuleRow, ...]:
    found: dict[tuple[str, Impact, str], list[tuple[int, AuditScreen, Violation]]] = {}
    for number, screen in enumerate(audit.screens, 1):
        for one in screen.violations:
            if audit.charged(one) is charged:
                found.setdefault((one.rule, one.impact, one.owner), []).append((number, screen, one))
    rows = [_row(audit, several) for several in found.values()]
    return tuple(sorted(rows, key=lambda row: (row.wcag is None, IMPACTS.index(row.impact), -row.count, row.rule)))


def _row(audit: Audit, several: Sequence[tuple[int, AuditScreen, Violation]]) -> RuleRow:
    first = several[0][2]
    outside = first.owner != f"system:{audit.system}" and not audit.charged(first)
    return RuleRow(
        rule=first.rule,
        help=first.help,
        impact=first.impact,
        wcag=first.wcag,
        owner=first.owner if outside else None,
        count=sum(one.count for _, _, one in several),
        places=tuple(_places(several)),
    )


def _places(several: Iterable[tuple[int, AuditScreen, Violation]]) -> Iterable[Place]:
    for number, screen, one in list(several)[:_PLACES]:
        elements = one.elements[:_ELEMENTS]
        yield Place(number, screen.step, urlsplit(screen.url).path, elements, one.count - len(elements))
