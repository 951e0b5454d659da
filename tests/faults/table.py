"""The campaign as a page: every fault, what was expected, what the agent said; what is wrong is shown as wrong."""

import os
import platform
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from itertools import groupby

from probes.browser import find_browser
from tests.faults.campaign import Result
from tests.faults.fault import Fault

EXPLAINED = 0.95
"""The least share of faults whose reason, step and number of attempts must be right too."""

_BEGIN, _END = "<!-- campaign -->", "<!-- end -->"
_RIGHT, _WRONG, _UNEXPLAINED = "right", "**wrong**", "**wrong reason**"
_SECTION = re.compile(r"^### (.+)\n(?:(?!### ).*\n?)*", re.MULTILINE)


def bounds_hold(results: Sequence[Result]) -> bool:
    """Say whether nobody was accused wrongly, and enough was explained rightly."""
    explained = sum(one.explains_rightly for one in results)
    return all(one.accuses_rightly for one in results) and explained >= EXPLAINED * len(results)


def row(result: Result) -> str:
    """One fault as a row of the table."""
    fault = result.fault
    again = {True: "yes", False: "**no**", None: "–"}[result.healthy_again]
    got = str(result.got or "**nothing**") + ("" if result.whole else "; **a slot lost or unjust**")
    attempts = result.got.attempts if result.got is not None else "–"
    verdict = _RIGHT if result.right else _UNEXPLAINED if result.accuses_rightly else _WRONG
    expected = " or ".join(dict.fromkeys(map(str, (fault.expected, *fault.also))))
    return f"| `{fault.id}` | {fault.what} | {fault.look} | {expected} | {got} | {attempts} | {again} | {verdict} |"


def page(before: str, results: Sequence[Result], faults: Sequence[Fault]) -> str:
    """Put the results into the page, group by group; a group that was not run as a whole stays as it was.

    `faults` are all there are.
    """
    head, _, rest = before.partition(_BEGIN)
    kept, _, tail = rest.partition(_END)
    sections = {match[1]: match[0].strip() for match in _SECTION.finditer(kept)}
    for group, listed in groupby(faults, key=lambda fault: fault.group):
        found = {one.fault.id: one for one in results}
        wanted = [fault.id for fault in listed]
        if all(one in found for one in wanted):
            some = [found[one] for one in wanted]
            sections[_title(group)] = _section(some)
    order = [_title(group) for group, _ in groupby(faults, key=lambda fault: fault.group)]
    told = "\n\n".join(sections[title] for title in order if title in sections)
    return f"{head}{_BEGIN}\n\n{_total(told)}\n\n{told}\n\n{_END}{tail}"


def _title(group: str) -> str:
    return group[0].upper() + group[1:]


def _total(told: str) -> str:
    marks = re.findall(r"^\| `.*\| ([^|]+) \|$", told, re.MULTILINE)
    wrong, unexplained = marks.count(_WRONG), marks.count(_UNEXPLAINED)
    count, explained = len(marks), len(marks) - wrong - unexplained
    accused = f"right verdict and blame in {count - wrong} ({_share(count - wrong, count)})"
    told_why = f"right reason, step and attempts too in {explained} ({_share(explained, count)})"
    return f"**{count} faults: {accused}; {told_why}.**"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / max(1, whole):.1f} %"


@cache
def _made_with() -> str:
    python, browser = platform.python_version(), find_browser().version
    return f"dvcwatch {version('dvcwatch')}, Python {python}, {browser}, {os.cpu_count()} processors"


def _section(results: Iterable[Result]) -> str:
    listed = list(results)
    right = f"{sum(one.right for one in listed)} of {len(listed)} right."
    return "\n".join(
        [
            f"### {_title(listed[0].fault.group)}",
            "",
            f"{right} {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {_made_with()}.",
            "",
            "| fault | what is done | look | expected | the agent said | attempts | well again | |",
            "|---|---|---|---|---|---|---|---|",
            *map(row, listed),
        ]
    )
