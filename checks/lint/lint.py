"""`dvcwatch lint`: every rule on one configuration; findings in file order, those with a written reason left out."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from checks.errors import Problem
from checks.lint import locators, network, secrets, steps, use, watching
from checks.lint.finding import Finding
from checks.load import load_whole
from checks.source import KeyPath, Source, spelled

_REASON = re.compile(r"#\s*lint:\s*\S")
_ITEM = 2
"""Length of the path to an item of a section; a reason may stand there, or at anything inside it."""


@dataclass(frozen=True, slots=True)
class Linted:
    """Warnings, things worth knowing, and how many warnings somebody has answered with a reason."""

    warnings: tuple[Problem, ...]
    infos: tuple[Problem, ...]
    accepted: int


def lint(path: Path, environment: Mapping[str, str]) -> Linted:
    """Look at `path` and everything it includes.

    A warning is accepted where somebody says why, `# lint: the portal gives no label`, behind what it is about or in
    the comment above: at the very key, or at the step, journey or check that it lies in.

    Raises:
        ConfigError: It is not even valid.
    """
    whole = load_whole(path)
    found: dict[tuple[str, int, str], tuple[Problem, Finding]] = {}
    rules = (locators.look, network.look, steps.look, use.look, watching.look)
    findings: Iterator[Finding] = (one for rule in rules for one in rule(whole))
    for one in [*findings, *secrets.look(whole, environment)]:
        file, line = whole.source.place(one.path)
        # A step that several journeys share stands in the file once.
        found.setdefault((file, line, one.message), (Problem(file, line, spelled(one.path), one.message), one))
    told = [(problem, one) for problem, one in found.values() if not one.info]
    files = {file: _lines(file) for file, _ in whole.source.places.values()}
    unanswered = [problem for problem, one in told if not _answered(whole.source, one.path, files)]
    return Linted(
        warnings=tuple(sorted(unanswered)),
        infos=tuple(sorted(problem for problem, one in found.values() if one.info)),
        accepted=len(told) - len(unanswered),
    )


def _answered(source: Source, path: KeyPath, files: Mapping[str, Sequence[str]]) -> bool:
    places = {source.place(path[:end]) for end in range(min(_ITEM, len(path)), len(path) + 1)}
    return any(_has_reason(files[file], line) for file, line in places)


def _has_reason(lines: Sequence[str], line: int) -> bool:
    """Whether a reason stands on `line` (from 1) or in the comment directly above it."""
    if _REASON.search(lines[line - 1] if line <= len(lines) else ""):
        return True
    for above in reversed(lines[: line - 1]):
        if not above.lstrip().startswith("#"):
            return False
        if _REASON.search(above):
            return True
    return False


def _lines(file: str) -> tuple[str, ...]:
    try:
        return tuple(Path(file).read_text(encoding="utf-8-sig").splitlines())
    except OSError:  # it was there a moment ago; then nothing is answered
        return ()
