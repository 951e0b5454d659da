"""Which elements of a document must not be seen in a picture: those that show a secret, or hide fields from our reach.

Works on the tree that DevTools gives (`DOM.getDocument`, pierced). In it are the frames of the same process, and closed
shadow roots, which no selector reaches.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from checks.secrets import Secrets

Tree = Mapping[str, Any]

_ELEMENT, _TEXT = 1, 3
_UNSEEN = frozenset({"SCRIPT", "STYLE", "HEAD", "TEMPLATE", "NOSCRIPT"})
_FIELDS = frozenset({"INPUT", "TEXTAREA", "SELECT"})
_SHOWN = frozenset({"value", "alt", "label", "placeholder"})
_TEXT_LIMIT = 10_000
"""DevTools cuts a longer text, so nobody knows what is in it."""


@dataclass(slots=True)
class _Element:
    """One element: where its text begins and ends in the whole, and which element of the open tree stands for it."""

    node: Tree
    begin: int
    end: int
    stand_in: int
    sealed: bool


def unshown(document: Tree, secrets: Secrets) -> set[int]:
    """Return the node ids of the elements to cover. One in a closed shadow root is covered with the root's host."""
    elements, text = _read(document)
    covered = {one.stand_in for one in elements if _shows(one, secrets)}
    for begin, end in secrets.places(text):
        around = [one for one in elements if one.begin <= begin and end <= one.end]
        covered |= {one.stand_in for one in around[-1:]}  # the innermost
    return covered


def _shows(one: _Element, secrets: Secrets) -> bool:
    attributes = dict(_attributes(one.node))
    if one.sealed and (one.node["nodeName"].upper() in _FIELDS or "contenteditable" in attributes):
        return True
    drawn = bool(one.node.get("pseudoElements"))
    told = (value for key, value in attributes.items() if drawn or key in _SHOWN)
    cut = any(len(child.get("nodeValue", "")) > _TEXT_LIMIT for child in one.node.get("children", ()))
    return cut or any(secrets.places(value) for value in told)


def _attributes(node: Tree) -> Iterator[tuple[str, str]]:
    flat = node.get("attributes", [])
    return zip(flat[::2], flat[1::2], strict=True)


def _read(document: Tree) -> tuple[list[_Element], str]:
    """Return every element that may be seen, outer ones first, and all text in the order of the document."""
    elements: list[_Element] = []
    pieces: list[str] = []
    at = 0
    waiting: list[tuple[Tree | _Element, int | None]] = [(document, None)]
    while waiting:
        node, sealed = waiting.pop()
        if isinstance(node, _Element):
            node.end = at
        elif node["nodeType"] == _TEXT:
            pieces.append(node["nodeValue"])
            at += len(node["nodeValue"])
        elif node["nodeName"].upper() not in _UNSEEN:
            if node["nodeType"] == _ELEMENT:
                stand_in = node["nodeId"] if sealed is None else sealed
                one = _Element(node, at, at, stand_in, sealed is not None)
                elements.append(one)
                waiting.append((one, None))
            waiting += reversed(list(_inside(node, sealed)))
    return elements, "".join(pieces)


def _inside(node: Tree, sealed: int | None) -> Iterator[tuple[Tree, int | None]]:
    for root in node.get("shadowRoots", ()):
        kind = root.get("shadowRootType")
        if kind == "closed":
            yield root, node["nodeId"] if sealed is None else sealed
        elif kind == "open":
            yield root, sealed
    if "contentDocument" in node:
        yield node["contentDocument"], sealed
    yield from ((child, sealed) for child in node.get("children", ()))
