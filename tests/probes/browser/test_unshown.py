"""Which elements a picture must not show, decided on the tree that DevTools gives."""

from pathlib import Path
from typing import Any

import pytest

from checks.secrets import Secrets
from probes.browser.unshown import unshown

_SECRET = "Chim-Hoàng-Yến-7781"
_ids = iter(range(1, 10_000))


@pytest.fixture
def secrets(tmp_path: Path) -> Secrets:
    known = Secrets({}, tmp_path)
    known.learn(_SECRET)
    return known


def text(said: str) -> dict[str, Any]:
    return {"nodeId": next(_ids), "nodeType": 3, "nodeName": "#text", "nodeValue": said}


def element(name: str, *children: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"nodeId": next(_ids), "nodeType": 1, "nodeName": name, "nodeValue": "", "children": list(children)} | more


def shown_in(*nodes: dict[str, Any], secrets: Secrets) -> set[int]:
    return unshown({"nodeId": 0, "nodeType": 9, "nodeName": "#document", "children": list(nodes)}, secrets)


def test_only_the_elements_that_show_it_are_covered_also_side_by_side(secrets: Secrets) -> None:
    first, second, third = element("P", text(_SECRET)), element("H2", text(_SECRET.upper())), element("P", text("Khác"))
    main = element("MAIN", first, second, third)
    assert shown_in(main, secrets=secrets) == {first["nodeId"], second["nodeId"]}


def test_a_secret_in_pieces_covers_the_element_around_them(secrets: Secrets) -> None:
    whole = element("P", element("B", text(_SECRET[:6])), text(_SECRET[6:]))
    assert shown_in(element("MAIN", whole), secrets=secrets) == {whole["nodeId"]}


def test_what_lies_in_a_closed_root_is_covered_with_its_outermost_host(secrets: Secrets) -> None:
    inner = element("A-B", shadowRoots=[_root("closed", element("INPUT"))])
    outer = element("A-C", shadowRoots=[_root("closed", element("P", inner))])
    opened = element("A-D", shadowRoots=[_root("open", element("INPUT"), element("P", text("Khác")))])
    assert shown_in(outer, opened, secrets=secrets) == {outer["nodeId"]}


def test_a_text_that_devtools_has_cut_is_covered_unseen(secrets: Secrets) -> None:
    long = element("PRE", text("x" * 10_000 + "…"))
    assert shown_in(long, element("SCRIPT", text("x" * 10_001)), secrets=secrets) == {long["nodeId"]}


def test_attributes_count_where_they_are_drawn(secrets: Secrets) -> None:
    button = element("INPUT", attributes=["type", "button", "value", f"Thoát {_SECRET}"])
    drawn = element("P", attributes=["data-x", _SECRET], pseudoElements=[element("::before")])
    plain = element("P", attributes=["data-x", _SECRET])
    assert shown_in(button, drawn, plain, secrets=secrets) == {button["nodeId"], drawn["nodeId"]}


def test_a_tree_deeper_than_python_recurses_is_read(secrets: Secrets) -> None:
    deepest = tree = element("B", text(_SECRET))
    for _ in range(5000):
        tree = element("DIV", tree)
    assert shown_in(tree, secrets=secrets) == {deepest["nodeId"]}


def _root(kind: str, *children: dict[str, Any]) -> dict[str, Any]:
    return {"nodeId": next(_ids), "nodeType": 11, "nodeName": "#document-fragment", "children": list(children),
            "shadowRootType": kind}  # fmt: skip
