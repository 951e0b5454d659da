"""A recording's file -> the YAML of a journey, and what its author must know about it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter, ValidationError

from checks.errors import Problem
from checks.explain import said
from checks.journey import Action, Journey
from checks.locator import Condition
from checks.recordings.codegen import from_codegen
from checks.recordings.flow import SIZE_LIMIT
from checks.recordings.private import Parameter, hide
from checks.recordings.recorder import from_recorder
from checks.recordings.recording import Moment, Recording, refused
from checks.recordings.steps import BASE, Draft, steps
from checks.recordings.words import lasting_path, one_line, parts_of, short, slug
from checks.recordings.written import journey, text
from checks.text import WRITTEN

_ACTION: TypeAdapter[Any] = TypeAdapter(Action)
_CONDITION = TypeAdapter(Condition)
_LONGEST_TITLE = 200
_OF_A_MOUSE = ("hover", "double_click")


@dataclass(frozen=True, slots=True)
class Translated:
    """A journey's YAML (an included file of its own), a check to paste, and notes in the order of the recording."""

    yaml: str
    check: str
    notes: tuple[Problem, ...]


def translate(path: Path, id_: str | None = None, title: str | None = None) -> Translated:
    """Translate the recording in `path`: a Recorder's `.json`, or the Python that Playwright's codegen wrote.

    Raises:
        ConfigError: It cannot be read, or is no recording; with file and line.
    """
    recording = _read(path)
    first = _to_base(recording)
    parameters = hide(recording)
    recording.moments = [_sayable(moment, recording.device) for moment in recording.moments]
    if all(moment.action is None for moment in recording.moments):
        raise refused(recording.file, [(1, "holds nothing that a journey could do")])
    drafts = steps(recording)
    _end(drafts, recording)
    id_ = id_ or slug(path.name.partition(".")[0], "hanh-trinh")
    title = short(title or recording.title or f"Hành trình “{path.name.partition('.')[0]}”", _LONGEST_TITLE)
    lines = journey(id_, title, parameters, drafts)
    try:
        Journey.model_validate(yaml.safe_load("\n".join(lines))["journeys"][0], context=WRITTEN)
    except (ValidationError, yaml.YAMLError) as error:  # a promise kept: what is written can be loaded
        why = said(error) if isinstance(error, ValidationError) else "it holds what YAML cannot"
        raise refused(recording.file, [(1, f"cannot be made a journey: {why}")]) from None
    return Translated(
        yaml="\n".join([*_head(path, first), *lines]) + "\n",
        check="\n".join(_check(id_, recording.device, parameters)) + "\n",
        notes=_notes(recording),
    )


def _read(path: Path) -> Recording:
    file = str(path)
    try:
        with path.open("rb") as opened:
            raw = opened.read(SIZE_LIMIT + 1)
        if len(raw) > SIZE_LIMIT:
            raise refused(file, [(1, f"is larger than {SIZE_LIMIT // 1_000_000}MB")])
        content = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refused(file, [(error.object[: error.start].count(b"\n") + 1, "is not UTF-8 text")]) from None
    except (OSError, ValueError) as error:  # ValueError: NUL in a name
        raise refused(file, [(1, f"cannot be read: {getattr(error, 'strerror', None) or error}")]) from None
    if content.lstrip().startswith(("{", "[")):
        return from_recorder(content, file)
    return from_codegen(content, file)


def _to_base(recording: Recording) -> str:
    """Write the first host as `${system.url}`, so that the journey fits every portal of its kind; return that host."""
    opened = [parts_of(m.action["goto"]) for m in recording.moments if m.action is not None and m.kind == "goto"]
    base = f"{opened[0].scheme}://{opened[0].netloc}" if opened else ""

    def moved(moment: Moment) -> Moment:
        if moment.action is None or moment.kind != "goto":
            return moment
        url = str(moment.action["goto"])
        parts = parts_of(url)
        if f"{parts.scheme}://{parts.netloc}" != base:
            return moment
        return replace(moment, action={"goto": f"{BASE}{url.removeprefix(base) or '/'}"})

    recording.moments = [moved(moment) for moment in recording.moments]
    return base


def _sayable(moment: Moment, device: str) -> Moment:
    """Return the moment, or what is left of it where the language has no word for it."""
    if device == "mobile" and moment.kind in _OF_A_MOUSE:
        lost = f"{moment.kind}: a phone has no mouse"
        return Moment(moment.line, moment.said, lands=moment.lands, lost=lost)
    try:
        if moment.action is not None:
            _ACTION.validate_python(moment.action, context=WRITTEN)
        if moment.expects is not None:
            _CONDITION.validate_python(moment.expects, context=WRITTEN)
    except ValidationError as error:
        unknown = error.errors(include_url=False)[0]["type"] in ("union_tag_not_found", "unknown_key")
        why = "there is no word for it" if unknown else said(error)
        what = moment.kind or f"expecting {next(iter(moment.expects or {}), 'something')}"
        return Moment(moment.line, moment.said, lands=moment.lands, lost=f"{what}: {why}")
    return moment


def _end(drafts: Sequence[Draft], recording: Recording) -> None:
    """The last step must say how success is seen; where the recording does not, its address has to do for now."""
    last = drafts[-1]
    if last.until is not None or any(moment.expects for moment in last.moments):
        return
    landed = [draft.lands.url for draft in drafts if draft.lands is not None and draft.lands.url]
    last.until = {"url": lasting_path(landed[-1]) if landed else "/"}
    recording.note(
        last.moments[-1].line, "the last step needs an `until` that tells success from failure; its address says little"
    )


def _head(path: Path, base: str) -> list[str]:
    return [
        f"# Translated from {one_line(path.name)} by `dvcwatch import`; mend names and goals, then `dvcwatch lint`.",
        *([f"# ${{system.url}} was {one_line(base)}"] if base else []),
        "",
    ]


def _check(id_: str, device: str, parameters: Sequence[Parameter]) -> list[str]:
    lines = [
        "checks:",
        f"  - id: {text(id_)}",
        "    type: browser",
        "    system: TEN-HE-THONG # or service: TEN-DICH-VU",
        f"    journey: {text(id_)}",
        *(["    device: mobile"] if device == "mobile" else []),
        "    depth: L1 # L2 to the sign-on page, L3 a form to its review",
        "    every: 10m",
        "    deadline: 60s",
        "    step_budget: 3s",
    ]
    return [*lines, *(f"    # needs the environment variable {one.variable}" for one in parameters)]


def _notes(recording: Recording) -> tuple[Problem, ...]:
    lost = [(m.line, f"not translated: {m.lost}", m.said) for m in recording.moments if m.lost]
    told = [(line, note, "") for line, note in recording.notes]
    return tuple(
        Problem(recording.file, line, place, message)
        for line, message, place in sorted([*lost, *told], key=lambda note: note[0])
    )
