"""The campaign as a page: every fault, what was expected, what the agent said; what is wrong is shown as wrong."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import groupby

from probes.browser import find_browser
from tests.faults.campaign import Result

_BEGIN, _END = "<!-- campaign -->", "<!-- end -->"
EXPLAINED = 0.95
"""The least share of faults whose reason, step and number of attempts must be right too."""


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
    verdict = "right" if result.right else "**wrong**"
    expected = " or ".join(dict.fromkeys(map(str, (fault.expected, *fault.also))))
    return f"| `{fault.id}` | {fault.what} | {fault.look} | {expected} | {got} | {attempts} | {again} | {verdict} |"


def page(before: str, results: Sequence[Result]) -> str:
    """Put the results into the page, between its two marks."""
    head, _, rest = before.partition(_BEGIN)
    _, _, tail = rest.partition(_END)
    return f"{head}{_BEGIN}\n\n{_told(results)}\n{_END}{tail}"


def _told(results: Sequence[Result]) -> str:
    accused = sum(one.accuses_rightly for one in results)
    explained = sum(one.explains_rightly for one in results)
    made_with = f"dvcwatch {version('dvcwatch')}, Python {platform.python_version()}, {find_browser().version}"
    told = f"{len(results)} faults. Right verdict and blame: {accused}. Right reason, step and attempts: {explained}."
    lines = [f"{datetime.now(UTC):%Y-%m-%d}, {made_with}, {os.cpu_count()} processors. {told}", ""]
    for group, some in groupby(results, key=lambda one: one.fault.group):
        listed = list(some)
        lines += [
            f"### {group[0].upper()}{group[1:]}: {sum(one.right for one in listed)} of {len(listed)} right",
            "",
            "| fault | what is done | look | expected | the agent said | attempts | well again | |",
            "|---|---|---|---|---|---|---|---|",
            *map(row, listed),
            "",
        ]
    return "\n".join(lines)
