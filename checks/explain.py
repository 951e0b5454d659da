"""Turns pydantic's errors into sentences with an address, for people who never heard of pydantic."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from checks.errors import shown
from checks.frozen import did_you_mean
from checks.journey import action_fault
from checks.source import KeyPath, Source

_PATTERNS = (
    ("^[a-z0-9]+(-[a-z0-9]+)*$", "must be lower-case words joined by hyphens, such as khai-sinh"),
    ("^(https?://", "must be an address that begins with http:// or https://"),
    ("^[^@", "must be a mail address"),
    ("^(\\*\\.)?", "must be a host such as dvc.example, dvc.example:8080 or *.dvc.example, in lower case"),
)
_PLAIN = {
    "missing": "is required",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "tuple_type": "must be a list (lines that begin with -)",
    "dict_type": "must be a mapping (lines of key: value)",
    "model_type": "must be a mapping (lines of key: value)",
    "model_attributes_type": "must be a mapping (lines of key: value)",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
    "timezone_aware": "must say its offset from UTC, as in 2026-11-20T22:00:00+07:00",
}
_MOMENT = "must be a moment such as 2026-11-20T22:00:00+07:00"


def explain(source: Source, base: KeyPath, error: ValidationError) -> None:
    """Add one problem per faulty place below `base` to `source`."""
    told: set[KeyPath] = set()
    errors = error.errors(include_url=False)
    for one in errors:
        if one["type"] == "too_short" and any(_lies_in(other["loc"], one["loc"]) for other in errors):
            continue  # the list is only short of what is faulty itself
        path = _path(source, base, one["loc"], keep_last=one["type"] in ("missing", "unknown_key"))
        if one["type"].startswith("union_tag") and "action" not in path and base[:1] == ("checks",):
            path = (*path, "type")
        if path not in told and path not in source.unreadable:
            told.add(path)
            source.report(path, _sentence(one))


def said(error: ValidationError) -> str:
    """Return the first fault of `error` as a sentence, for what has no place of its own in the file."""
    return str(error.errors(include_url=False)[0]["msg"]).removeprefix("Value error, ")


def _lies_in(inner: tuple[int | str, ...], outer: tuple[int | str, ...]) -> bool:
    return len(inner) > len(outer) and inner[: len(outer)] == outer


def _path(source: Source, base: KeyPath, loc: tuple[int | str, ...], *, keep_last: bool) -> KeyPath:
    """Drop from pydantic's location what is not written in the file: names of union members."""
    path = base
    for index, part in enumerate(loc):
        is_last = index == len(loc) - 1
        if (*path, part) in source.places or (is_last and keep_last):
            path = (*path, part)
    return path


def _sentence(error: Mapping[str, Any]) -> str:
    kind, context, value = error["type"], error.get("ctx", {}), error["input"]
    if value is None and kind != "missing":
        return "has no value"
    if kind in _PLAIN:
        return _PLAIN[kind]
    if kind in _WORDED:
        return _WORDED[kind](context, value)
    if kind.startswith(("datetime", "date")):
        return _MOMENT if kind.startswith("datetime") else "must be a date such as 2026-11-20"
    return str(error["msg"]).removeprefix("Value error, ")


def _pattern(context: Mapping[str, Any], value: object) -> str:
    for start, sentence in _PATTERNS:
        if context["pattern"].startswith(start):
            return f"{sentence}, not {shown(value)}"
    return f"{shown(value)} is not written as {context['pattern']}"


def _choice(context: Mapping[str, Any], value: object) -> str:
    known = re.findall(r"'([^']+)'", context["expected"]) or [str(context["expected"]).lower()]
    said = str(value).lower() if isinstance(value, bool) else f"{value!r:.200}"
    return f"must be {_either(known)}, not {said}{did_you_mean(str(value), known)}"


def _either(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _tag(context: Mapping[str, Any], _value: object) -> str:
    known = re.findall(r"'([^']+)'", context["expected_tags"])
    return f"must be {_either(known)}, not {shown(context['tag'])}{did_you_mean(context['tag'], known)}"


def _no_tag(context: Mapping[str, Any], value: object) -> str:
    return "is required" if "type" in str(context.get("discriminator")) else action_fault(value)


def _not_text(_context: Mapping[str, Any], value: object) -> str:
    return "must be text" if isinstance(value, list | dict) else f"must be text; write it in quotes: {shown(value)}"


_WORDED: Mapping[str, Callable[[Mapping[str, Any], object], str]] = {
    "string_pattern_mismatch": _pattern,
    "literal_error": _choice,
    "enum": _choice,
    "union_tag_invalid": _tag,
    "union_tag_not_found": _no_tag,
    "string_type": _not_text,
    "too_long": lambda context, _: f"must hold at most {context['max_length']}, not {context['actual_length']}",
    "string_too_long": lambda context, _: f"must be at most {context['max_length']} characters long",
    "greater_than": lambda context, value: f"must be more than {context['gt']:g}, not {value}",
    "greater_than_equal": lambda context, value: f"must be at least {context['ge']:g}, not {value}",
    "less_than_equal": lambda context, value: f"must be at most {context['le']:g}, not {value}",
}
