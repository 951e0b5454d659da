"""Playwright's locator chains, as codegen writes them in Python -> locators of checks.yaml. Syntax trees only."""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from checks.brittle import brittle, is_xpath
from checks.recordings.recording import Written
from checks.recordings.selectors import ROLES

_BY_TEXT = {
    "get_by_label": "label", "get_by_text": "text", "get_by_placeholder": "placeholder", "get_by_title": "title",
    "get_by_test_id": "test_id", "get_by_alt_text": "alt",
}  # fmt: skip
_TAGS = {"listitem": "li", "row": "tr", "cell": "td", "list": "ul", "article": "article", "group": "fieldset"}
_SPECIAL = re.compile(r"[.*+?{}()|\[\]\\^$]")
_FRAME_NAME = re.compile(r"""^i?frame\[name=["'](?P<name>[^"']+)["']\]$""")
_FRAME_TITLE = re.compile(r"""^i?frame\[title=["'](?P<title>[^"']+)["']\]$""")
_ENGINE = re.compile(r"^(css|text|id|data-testid|xpath|role|internal:[\w-]+)=")


class UnsayableError(Exception):
    """The chain says something that checks.yaml has no word for; the message says what."""


@dataclass(frozen=True, slots=True)
class Chain:
    """A locator in the making: the page's variable, what was found so far, and where to look for the next part."""

    page: str
    located: Written | None = None
    within: Written | None = None

    def found(self, way: Written) -> "Chain":
        """Look for `way` inside what was found before."""
        around = _inside(self.located, self.within) if self.located is not None else self.within
        return replace(self, located=way, within=around)

    def into_frame(self) -> "Chain":
        """Take what was found for a frame, and look inside it."""
        return replace(self, located=None, within=_inside(_frame(self.located or {}), self.within))

    @property
    def locator(self) -> Written:
        """The whole locator.

        Raises:
            UnsayableError: It ends at a page or a frame.
        """
        if self.located is None:
            raise UnsayableError("names no element")
        return _inside(self.located, self.within)


def _inside(way: Written, within: Written | None) -> Written:
    return {**way, "within": within} if within is not None else dict(way)


def chain_of(node: ast.expr, pages: Mapping[str, Any] | frozenset[str]) -> Chain | None:
    """Return the chain that `node` is; None when it does not begin at one of `pages`.

    Raises:
        UnsayableError: A part of it cannot be said.
    """
    if isinstance(node, ast.Name):
        return Chain(node.id) if node.id in pages else None
    if isinstance(node, ast.Attribute):
        before = chain_of(node.value, pages)
        return _property(before, node.attr) if before is not None else None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        before = chain_of(node.func.value, pages)
        return _call(before, node.func.attr, node) if before is not None else None
    return None


def _property(before: Chain, name: str) -> Chain:
    if name == "content_frame":
        return before.into_frame()
    if name == "first" and before.located is not None:
        return replace(before, located={**before.located, "nth": 0})
    if name == "last":
        raise UnsayableError("`.last` has no word here; say which one with nth, or where with within")
    raise UnsayableError(f"`.{name}` is not known")


def _call(before: Chain, name: str, call: ast.Call) -> Chain:
    if name == "get_by_role":
        return before.found(_role(call))
    if name in _BY_TEXT:
        return before.found(_by_text(_BY_TEXT[name], call))
    if name in ("locator", "frame_locator"):
        if any(keyword.arg in ("has", "has_not", "has_not_text") for keyword in call.keywords):
            raise UnsayableError(f"`{name}` with a condition on other elements")
        found = before.found(_selector(text_of(argument(call))))
        return _with_text(found, call) if name == "locator" else found.into_frame()
    if name == "filter":
        if any(keyword.arg != "has_text" for keyword in call.keywords):
            raise UnsayableError("`filter` by other elements; say where with within")
        return _with_text(before, call)
    if name == "nth" and before.located is not None:
        return replace(before, located={**before.located, "nth": _index(call)})
    raise UnsayableError(f"`.{name}()` is not known")


def argument(call: ast.Call, index: int = 0) -> ast.expr:
    """Return an argument of a call.

    Raises:
        UnsayableError: It is not there.
    """
    if len(call.args) <= index:
        raise UnsayableError(f"`{ast.unparse(call.func)[-40:]}()` without what it needs")
    return call.args[index]


def _index(call: ast.Call) -> int:
    index = argument(call)
    if isinstance(index, ast.Constant) and isinstance(index.value, int):
        return index.value
    raise UnsayableError("`nth` counts from the end; say which one from the start")


def _role(call: ast.Call) -> Written:
    role = text_of(argument(call))
    options = {keyword.arg: keyword.value for keyword in call.keywords}
    name, exact = _spoken(options["name"]) if "name" in options else ("", False)
    exact = exact or _true(options.get("exact"))
    if role not in ROLES:
        if not name:
            raise UnsayableError(f"role '{role}' is none that a citizen would name")
        return {"text": name, **({"exact": True} if exact else {})}
    return {"role": role, **({"name": name} if name else {}), **({"exact": True} if exact and name else {})}


def _by_text(way: str, call: ast.Call) -> Written:
    said, exact = _spoken(argument(call))
    exact = exact or any(keyword.arg == "exact" and _true(keyword.value) for keyword in call.keywords)
    if way == "alt":
        return {"role": "img", "name": said, **({"exact": True} if exact else {})}
    return {way: said, **({"exact": True} if exact and way != "test_id" else {})}


def _selector(selector: str) -> Written:
    engine = _ENGINE.match(selector)
    rest = selector.partition("=")[2] if engine else selector
    kind = engine[1] if engine else ""
    if is_xpath(selector) or kind == "xpath":
        raise UnsayableError("an XPath; name the element as a citizen would")
    if kind == "text":
        return {"text": rest.strip("\"'")}
    if kind == "id":
        return {"css": f"#{rest}"}
    if kind == "data-testid":
        return {"test_id": rest.strip("\"'")}
    if kind.startswith("internal") or kind == "role" or not rest:
        raise UnsayableError("a selector of Playwright's own")
    return {"css": rest}


def _with_text(chain: Chain, call: ast.Call) -> Chain:
    given = next((keyword.value for keyword in call.keywords if keyword.arg == "has_text"), None)
    if given is None or chain.located is None:
        return chain
    said, _ = _spoken(given)
    css = chain.located.get("css") or _TAGS.get(str(chain.located.get("role", "")))
    if css is None:
        raise UnsayableError("`filter(has_text=…)` on an element that is not named by its tag")
    if css in ("div", "span", "p", "body", "section"):
        return replace(chain, located={"text": said})
    quoted = said.replace("\\", "\\\\").replace('"', '\\"')
    return replace(chain, located={**_only(chain.located, "nth"), "css": f'{css}:has-text("{quoted}")'})


def _only(located: Written, key: str) -> Written:
    return {key: located[key]} if key in located else {}


def _frame(located: Written) -> Written:
    css = str(located.get("css", ""))
    nth = _only(located, "nth")
    if found := _FRAME_NAME.match(css):
        return {"frame": {"name": found["name"]}, **nth}
    if found := _FRAME_TITLE.match(css):
        return {"frame": {"title": found["title"]}, **nth}
    if "title" in located:
        return {"frame": {"title": located["title"]}, **nth}
    if not css:
        raise UnsayableError("a frame that is not named by title, name or CSS")
    return {"frame": {"css": css}, **nth}


def _true(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def _spoken(node: ast.expr) -> tuple[str, bool]:
    """Return a text, or the text that a regular expression stands for, and whether it must match as a whole."""
    pattern = pattern_of(node)
    if pattern is None:
        return text_of(node), False
    whole = pattern.startswith("^") and pattern.endswith("$")
    inner = pattern.removeprefix("^").removesuffix("$")
    plain = re.sub(r"\\(.)", r"\1", inner)
    if _SPECIAL.search(re.sub(r"\\.", "", inner)) or not plain:
        raise UnsayableError("a regular expression; write the text that stays the same")
    return plain, whole


def pattern_of(node: ast.expr) -> str | None:
    """Return the pattern of `re.compile("…")`; None when it is none."""
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "compile"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    ):
        return str(node.args[0].value)
    return None


def text_of(node: ast.expr) -> str:
    """Return a literal text.

    Raises:
        UnsayableError: It is computed.
    """
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        if any("\ud800" <= letter <= "\udfff" for letter in node.value):
            raise UnsayableError("a text with halves of characters (lone surrogates)")
        return node.value
    raise UnsayableError("a value that is computed; a recording holds literals only")


def poor(locator: Mapping[str, Any]) -> str | None:
    """Say why a locator will not live long; None when nothing is to be said against it."""
    return brittle(str(locator["css"])) if "css" in locator else None
