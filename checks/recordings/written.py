"""A journey as YAML that people like to read: one action a line, comments where something was lost."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import yaml

from checks.recordings.private import Parameter
from checks.recordings.recording import Moment
from checks.recordings.steps import Draft
from checks.recordings.words import one_line

_WIDTH = 104


def text(value: Any) -> str:
    """Write a value on one line, as YAML reads it back."""
    dumped = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=math.inf, sort_keys=False)
    return dumped.removesuffix("\n").removesuffix("\n...")


def journey(id_: str, title: str, parameters: Sequence[Parameter], drafts: Sequence[Draft]) -> list[str]:
    """Return the lines of `journeys:` with this one journey."""
    lines = ["journeys:", f"  - id: {text(id_)}", f"    title: {text(title)}"]
    if parameters:
        lines.append("    parameters:")
        for one in parameters:
            default = {"description": one.description, "default": f"${{env:{one.variable}}}"}
            lines.append(f"      {one.name}: {text(default)}")
    lines.append("    steps:")
    for draft in drafts:
        lines += [f"      {line}" for line in _step(draft)]
    return lines


def _step(draft: Draft) -> Iterator[str]:
    yield f"- name: {text(draft.name)}"
    items = [line for moment in draft.moments for line in _moment(moment)]
    if any(not line.startswith("#") for line in items):
        yield "  do:"
        yield from (f"    {line}" for line in items)
    else:
        yield from (f"  {line}" for line in items)
    if draft.until is None:
        yield "  # until: what does the citizen see when this step is over?"
    else:
        yield from (f"  {line}" for line in _entry("until", draft.until))


def _moment(moment: Moment) -> Iterator[str]:
    if moment.lost:
        said = f"{moment.said}, " if moment.said else ""
        yield f"# not translated ({said}line {moment.line}): {one_line(moment.lost)}"
        return
    action = {"expect": moment.expects} if moment.expects is not None else moment.action or {}
    for key, target in action.items():
        first, *others = _entry(key, target)
        yield f"- {first}"
        yield from (f"  {line}" for line in others)


def _entry(key: str, value: Any) -> Iterator[str]:
    """Yield `key: value` on one line; where that is too long, what it is made of below it."""
    value = _ordered(value)
    whole = f"{key}: {text(value)}"
    if len(whole) <= _WIDTH or not isinstance(value, dict):
        yield whole
        return
    yield f"{key}:"
    for name, part in value.items():
        if isinstance(part, list):
            yield f"  {name}:"
            yield from (f"    - {text(one)}" for one in part)
        else:
            yield from (f"  {line}" for line in _entry(name, part))


def _ordered(value: Any) -> Any:
    """Put where it lies and how else it is found behind what it is, as people write it."""
    if isinstance(value, list):
        return [_ordered(one) for one in value]
    if not isinstance(value, dict):
        return value
    last = [key for key in ("within", "or") if key in value]
    return {key: _ordered(value[key]) for key in [*(key for key in value if key not in last), *last]}
