"""Playwright's `expect(…)` lines -> conditions of checks.yaml."""

import ast
import re
from collections.abc import Iterator

from checks.recordings.chains import Chain, UnsayableError, argument, pattern_of, text_of
from checks.recordings.recording import Written
from checks.recordings.words import path_of

_SNAPSHOT = re.compile(r'^\s*- (?P<role>heading|button|link|alert|status) "(?P<name>(?:[^"\\]|\\.)+)"', re.MULTILINE)
_CALL = re.compile(r"[.*+?{}()|\[\]\\^$]")


def subject(node: ast.expr) -> ast.expr | None:
    """Return what `expect(…)` is asked about; None when `node` is something else."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "expect" and node.args:
        return node.args[0]
    return None


def conditions(chain: Chain, method: str, call: ast.Call) -> Iterator[Written]:
    """Yield what an assertion asks for.

    Raises:
        UnsayableError: No condition says so.
    """
    if method == "to_have_url":
        yield url(argument(call))
    elif method == "to_have_title":
        yield {"title": _fixed(argument(call))}
    elif method == "to_match_aria_snapshot":
        yield from _snapshot(text_of(argument(call)))
    elif method in ("to_be_visible", "to_be_attached", "to_be_in_viewport"):
        yield {"visible": chain.locator}
    elif method in ("to_be_hidden", "not_to_be_visible", "not_to_be_attached"):
        yield {"hidden": chain.locator}
    elif method in ("to_contain_text", "to_have_text"):
        yield _text(chain, _fixed(argument(call)))
    elif method == "to_have_value":
        yield {"value": {**chain.locator, "is": text_of(argument(call))}}
    elif method in ("to_be_enabled", "to_be_editable"):
        yield {"enabled": chain.locator}
    elif method in ("to_be_disabled", "not_to_be_enabled"):
        yield {"not": {"enabled": chain.locator}}
    else:
        raise UnsayableError(f"`{method}` has no condition here; say what a citizen sees")


def url(node: ast.expr) -> Written:
    """Return the condition on an address: its path, which is the same on every portal."""
    pattern = pattern_of(node)
    said = re.sub(r"\\(.)", r"\1", pattern.strip("^$")) if pattern is not None else text_of(node)
    if pattern is not None and _CALL.search(re.sub(r"\\.|\.\*", "", pattern.strip("^$"))):
        raise UnsayableError("an address by a regular expression; write the part that stays the same")
    longest = max(re.split(r"\.?\*+", said), key=len)
    return {"url": path_of(longest) if "://" in longest else longest or "/"}


def _fixed(node: ast.expr) -> str:
    pattern = pattern_of(node)
    if pattern is None:
        return text_of(node)
    plain = re.sub(r"\\(.)", r"\1", pattern.strip("^$"))
    if _CALL.search(re.sub(r"\\.", "", pattern.strip("^$"))):
        raise UnsayableError("a regular expression; write the text that stays the same")
    return plain


def _text(chain: Chain, said: str) -> Written:
    """A named element's text is its name; of any other, the page must show the text."""
    located = chain.located or {}
    if located.get("role") in ("heading", "link", "button", "cell", "status", "alert") and "name" not in located:
        if located["role"] in ("status", "alert"):
            return {"visible": {"text": said, "within": chain.locator}}
        return {"visible": {**located, "name": said, **({"within": chain.within} if chain.within else {})}}
    return {"text": said}


def _snapshot(snapshot: str) -> Iterator[Written]:
    found = [match for match in _SNAPSHOT.finditer(snapshot) if match["role"] == "heading"]
    found = found or list(_SNAPSHOT.finditer(snapshot))
    if not found:
        raise UnsayableError("a snapshot of the page without a heading or a control; say what a citizen sees")
    for match in found[:3]:
        yield {"visible": {"role": match["role"], "name": re.sub(r"\\(.)", r"\1", match["name"])}}
