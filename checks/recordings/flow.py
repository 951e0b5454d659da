"""A Recorder file as text -> its steps, each with the line it begins on."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

from checks.errors import shown
from checks.recordings.recording import refused

_DECODER = json.JSONDecoder()
_SPACE = " \t\r\n"
SIZE_LIMIT = 20_000_000


@dataclass(frozen=True, slots=True)
class Flow:
    """A user flow of the Recorder: its title and its steps with their lines. Steps are as they were written."""

    title: str
    steps: tuple[tuple[int, dict[str, Any]], ...]


def read(text: str, file: str) -> Flow:
    """Read the text of a Recorder file.

    Raises:
        ConfigError: It is no JSON, or no flow of the Recorder; with the line.
    """

    def refuse(line: int, message: str) -> NoReturn:
        raise refused(file, [(line, message)])

    try:
        flow = json.loads(text)
    except json.JSONDecodeError as error:
        refuse(error.lineno, f"is not valid JSON: {error.msg}")
    except RecursionError:
        refuse(1, "is nested deeper than any recording needs to be")
    try:
        json.dumps(flow, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        refuse(1, "holds halves of characters (lone surrogates)")
    if not isinstance(flow, dict) or not isinstance(flow.get("steps"), list):
        refuse(1, "is no recording of the Chrome DevTools Recorder: a JSON object with `title` and `steps` is meant")
    lines = list(_lines(text))
    faults = [
        (line, f"step {number}: {fault}")
        for number, (line, step) in enumerate(zip(lines, flow["steps"], strict=True), 1)
        if (fault := _fault(step))
    ]
    if faults:
        raise refused(file, faults)
    if not flow["steps"]:
        refuse(1, "holds no steps")
    return Flow(str(flow.get("title") or ""), tuple(zip(lines, flow["steps"], strict=True)))


def _fault(step: object) -> str:
    if not isinstance(step, dict):
        return "must be an object with a `type`"
    kind = step.get("type")
    if not isinstance(kind, str):
        return "has no `type`"
    for key, wanted in (("url", str), ("value", str), ("key", str), ("expression", str), ("target", str)):
        if key in step and not isinstance(step[key], wanted):
            return f"`{key}` must be text, not {shown(json.dumps(step[key], ensure_ascii=False), 40)}"
    for key in {"navigate": ("url",), "change": ("value",), "keyDown": ("key",), "keyUp": ("key",)}.get(kind, ()):
        if key not in step:
            return f"a {kind} without `{key}`"
    frame = step.get("frame", [])
    if not isinstance(frame, list) or not all(isinstance(index, int) and index >= 0 for index in frame):
        return "`frame` must be a list of whole numbers"
    return ""


def _lines(text: str) -> Iterator[int]:
    """Yield the line on which each step begins. The text is known to be an object whose `steps` is a list."""
    at = _past(text, text.index("{") + 1)
    found: list[int] = []
    while text[at] != "}":
        key, at = _DECODER.raw_decode(text, _past(text, at, ","))
        at = _past(text, at, ":")
        if key == "steps":
            found, at = _items(text, at)
        else:
            _, at = _DECODER.raw_decode(text, at)
        at = _past(text, at)
    yield from found


def _items(text: str, at: int) -> tuple[list[int], int]:
    if text[at] != "[":  # written twice, and only the last one counts
        return [], _DECODER.raw_decode(text, at)[1]
    lines = []
    at, line, counted = _past(text, at + 1), 1, 0
    while text[at] != "]":
        at = _past(text, at, ",")
        line += text.count("\n", counted, at)
        counted = at
        lines.append(line)
        _, at = _DECODER.raw_decode(text, at)
        at = _past(text, at)
    return lines, at + 1


def _past(text: str, at: int, sign: str = "") -> int:
    """Return the next place after white space, one `sign`, and white space."""
    while text[at] in _SPACE:
        at += 1
    if sign and text[at] == sign:
        at += 1
        while text[at] in _SPACE:
            at += 1
    return at
