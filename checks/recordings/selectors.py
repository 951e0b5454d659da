"""The Recorder's alternative selectors of one element -> a locator: role and name first, `or` for the others."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from checks.brittle import brittle
from checks.locator import Role
from checks.recordings.recording import Written

ROLES = frozenset(get_args(Role))
_ARIA = re.compile(r'^(?P<name>.*?)(?:\[role="(?P<role>[^"]*)"\])?$', re.DOTALL)
_NOTHING = frozenset({"generic", "none", "presentation", "StaticText", "InlineTextBox", "text", ""})
_TEST_ID = re.compile(r"""^\[data-testid=["']?(?P<id>[^"'\]]+)["']?\]$""")
_XPATH_ID = re.compile(r"""//\*\[@id=["'](?P<id>[^"'\]]+)["']\]""")
_TAG = re.compile(r"^[a-z][a-z0-9]*")
_INPUT_TYPE = re.compile(r"""\[type=["']?(\w+)""")
_BY_TAG = {
    "a": "link", "button": "button", "select": "combobox", "textarea": "textbox", "option": "option", "td": "cell",
    **{f"h{level}": "heading" for level in range(1, 7)},
}  # fmt: skip
_BY_TYPE = {
    "checkbox": "checkbox", "radio": "radio", "submit": "button", "button": "button", "image": "button",
    "reset": "button", "search": "searchbox", "number": "spinbutton",
}  # fmt: skip
FIELDS = frozenset({"textbox", "searchbox", "combobox", "listbox", "spinbutton"})
_MOST_OTHERS = 2


@dataclass(frozen=True, slots=True)
class Found:
    """What the selectors of one element tell: the `locator`, its `role` if any tells, its `tag` in the page."""

    locator: Written
    role: str
    tag: str
    poor: str = ""


def read(selectors: object, *, field: bool) -> Found | None:
    """Return how to find the element; None when only its place in the document was recorded.

    `field` says that something was typed into it, so that a name without a role is taken for its label.
    """
    chains = list(_chains(selectors))
    tag, kind = _tag(chains)
    aria = next((chain for chain in chains if chain[0].startswith("aria/")), None)
    name, role, around = _aria(aria) if aria is not None else ("", "", None)
    role = role or _BY_TYPE.get(kind) or _BY_TAG.get(tag, "")
    ways: list[Written] = []
    texts = [chain[-1].removeprefix("text/").strip() for chain in chains if chain[0].startswith("text/")]
    if name or (role and aria is not None):
        ways.append(_named(name, role if role in ROLES else "", field=field, shown=bool(texts)))
    ways += [{"text": text} for text in texts if text and not field]
    poor = ""
    for css in _css(chains):
        fault = brittle(css)
        if fault is None:
            ways.append({"test_id": found["id"]} if (found := _TEST_ID.fullmatch(css)) else {"css": css})
        elif not ways:
            poor = fault
    if not ways and poor:
        ways.append({"css": _css(chains)[0]})
    if not ways:
        return None
    return Found(_joined(ways, around), role, tag, poor)


def _chains(selectors: object) -> Iterator[Sequence[str]]:
    for one in selectors if isinstance(selectors, list) else ():
        chain = [one] if isinstance(one, str) else one
        if isinstance(chain, list) and chain and all(isinstance(part, str) and part for part in chain):
            yield chain


def _aria(chain: Sequence[str]) -> tuple[str, str, Written | None]:
    """Return name, role and surroundings; what has neither name nor a role of its own is only a part of its parent."""
    parts = [_ARIA.fullmatch(part.removeprefix("aria/")) for part in chain]
    said = [(part["name"].strip(), part["role"] or "") for part in parts if part is not None]
    while said and not said[-1][0] and said[-1][1] in _NOTHING:
        said.pop()
    if not said:
        return "", "", None
    name, role = said[-1]
    role = "" if role in _NOTHING else role
    outer = said[-2] if len(said) > 1 else ("", "")
    return name, role, _around(*outer)


def _around(name: str, role: str) -> Written | None:
    if role in ROLES:
        return {"role": role, "name": name} if name else {"role": role}
    return {"label": name} if name else None


def _named(name: str, role: str, *, field: bool, shown: bool) -> Written:
    if role:
        return {"role": role, "name": name} if name else {"role": role}
    if field or not shown:
        return {"label": name}
    return {"text": name, "exact": True}


def _css(chains: Sequence[Sequence[str]]) -> list[str]:
    """Return CSS selectors; XPath and pierce only where nothing else was recorded, and only what CSS can say."""
    plain = [" ".join(chain) for chain in chains if not chain[0].startswith(("aria/", "text/", "xpath/", "pierce/"))]
    # A chain leads through shadow roots; Playwright looks into those by itself.
    pierced = [" ".join(p.removeprefix("pierce/") for p in chain) for chain in chains if chain[0].startswith("pierce/")]
    last = [chain[-1].removeprefix("xpath/") for chain in chains if chain[0].startswith("xpath/")]
    ids = [f'[id="{found["id"]}"]' for path in last if (found := _XPATH_ID.fullmatch(path))]
    return plain or pierced or ids


def _tag(chains: Sequence[Sequence[str]]) -> tuple[str, str]:
    """Return the element's tag and, of an input, its type, where a selector names them."""
    for chain in chains:
        last = chain[-1]
        if chain[0].startswith(("aria/", "text/")):
            continue
        part = last.removeprefix("xpath/") if last.startswith("xpath/") else last.removeprefix("pierce/")
        final = re.split(r"[\s>+~/]+", part.strip().rstrip("/"))[-1]
        tag = _TAG.match(final)
        kind = _INPUT_TYPE.search(final)
        if tag or kind:
            return (tag[0] if tag else "input"), (kind[1] if kind else "")
    return "", ""


def _joined(ways: list[Written], around: Mapping[str, Any] | None) -> Written:
    first, others = ways[0], []
    for way in ways[1:]:
        if way not in others and {**way, "exact": True} != first and way.get("text") != first.get("text", ""):
            others.append(way)
    located = {**first}
    if around is not None:
        located["within"] = dict(around)
    if others:
        located["or"] = others[:_MOST_OTHERS]
    return located
