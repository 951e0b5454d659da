"""`dvcwatch import, lint, explain`: writing checks down, without a browser."""

import os
import re
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path

from checks.config import Config
from checks.errors import ConfigError, Problem
from checks.lint.lint import lint
from checks.recordings.translate import translate
from checks.retelling.check import retell

GOOD, WARNED, BAD = 0, 1, 2
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def import_file(recording: Path, id_: str | None, title: str | None, out: Path | None, *, with_check: bool) -> int:
    """Write the journey that `recording` tells, and on standard error what to know about it; return the exit code."""
    if id_ is not None and _ID.fullmatch(id_) is None:
        print(f"--id must be lower-case words joined by hyphens, such as khai-sinh, not {id_!r}", file=sys.stderr)
        return BAD
    try:
        made = translate(recording, id_, title)
        if out is not None:
            out.write_text(made.yaml, encoding="utf-8")
    except ConfigError as error:
        print(*error.problems, sep="\n")
        return BAD
    except OSError as error:
        print(f"{out}: cannot be written: {error.strerror}", file=sys.stderr)
        return BAD
    if out is None:
        print(made.yaml, end="")
    if with_check:
        print(made.check if out is not None else textwrap.indent(made.check, "# "), end="")
    if made.notes:
        print(*made.notes, sep="\n", file=sys.stderr)
    return GOOD


def lint_file(checks: Path, *, strict: bool) -> int:
    """Print what is valid in `checks` and will hurt; return 0, 1 for `strict` warnings, 2 if it is not valid."""
    try:
        found = lint(checks, os.environ)
    except ConfigError as error:
        print(*error.problems, sep="\n")
        return BAD
    for problem in sorted([*found.warnings, *found.infos]):
        print(problem if problem in found.warnings else _info(problem))
    count = len(found.warnings)
    answered = f", {found.accepted} accepted with a reason" if found.accepted else ""
    print(f"{checks}: {count} warning{'' if count == 1 else 's'}{answered}", file=sys.stderr)
    return WARNED if strict and found.warnings else GOOD


def _info(problem: Problem) -> Problem:
    return Problem(problem.file, problem.line, problem.key, f"(info) {problem.message}")


def explain_checks(config: Config, check_ids: Sequence[str]) -> int:
    """Print what checks do, in plain Vietnamese; all of them when none is named."""
    unknown = [name for name in check_ids if name not in config.targets]
    if unknown:
        print(f"{config.path}: there is no check {', '.join(unknown)}", file=sys.stderr)
        return BAD
    print("\n".join(retell(config.targets[name], config) for name in check_ids or config.targets), end="")
    return GOOD
