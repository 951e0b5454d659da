"""Locators that find something today and something else, or nothing, after the portal's next release."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from checks.brittle import brittle
from checks.lint.finding import Finding
from checks.load import Loaded
from checks.locator import WAYS
from checks.source import KeyPath

_SHORTEST = 3
_BY_NAME = (
    (re.compile(r"(?:^|[\s>+~])(?:a|button|h[1-6]|summary)(?![\w-])"), "role and name"),
    (re.compile(r"(?:^|[\s>+~])(?:input|select|textarea)(?![\w-])"), "label"),
    (re.compile(r"\[aria-label"), "role and name"),
    (re.compile(r"\[placeholder"), "placeholder"),
    (re.compile(r"\[title"), "title"),
    (re.compile(r"\[data-testid"), "test_id"),
    (re.compile(r":has-text\(|:text\("), "text"),
)


def look(whole: Loaded) -> Iterator[Finding]:
    """Yield what is to be said about the locators of every journey."""
    for index in whole.parts.journeys:
        for steps in ("steps", "always"):
            path: KeyPath = ("journeys", index, steps)
            for where, written in _mappings(whole.source.at(path), path):
                yield from _one(where, written)


def _mappings(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, Mapping[str, Any]]]:
    if isinstance(value, dict):
        yield path, value
        for key, item in value.items():
            yield from _mappings(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _mappings(item, (*path, index))


def _one(path: KeyPath, written: Mapping[str, Any]) -> Iterator[Finding]:
    css, text = written.get("css"), written.get("text")
    if isinstance(css, str):
        fault = brittle(css)
        name = next((way for pattern, way in _BY_NAME if pattern.search(css)), None)
        if fault is not None:
            yield Finding((*path, "css"), fault)
        elif name is not None and "or" not in path and path[-1] != "frame":
            yield Finding((*path, "css"), f"could be said with {name}, which outlives the next design")
    if isinstance(text, str) and 0 < len(text.strip()) < _SHORTEST:
        yield Finding((*path, "text"), f"'{text}' is found in many words; write a longer text, or role and name")
    is_locator = any(way in written for way in WAYS)
    if is_locator and written.get("nth") and "within" not in written:
        yield Finding((*path, "nth"), "counts over the whole page; say in which part of it, with within")
