"""What Playwright's locators are told to do -> actions of checks.yaml."""

import ast
from collections.abc import Callable, Iterator, Mapping

from checks.recordings.chains import UnsayableError, argument, text_of
from checks.recordings.recording import Written
from checks.recordings.uploads import file_of

Handler = Callable[[Written, ast.Call], Iterator[tuple[Written, str]]]
"""Takes the locator and the call; yields actions, each with a note for the author or an empty text.

Raises UnsayableError where checks.yaml has no word for the call.
"""


def _plain(kind: str) -> Handler:
    def act(locator: Written, _call: ast.Call) -> Iterator[tuple[Written, str]]:
        yield {kind: locator}, ""

    return act


def _click(locator: Written, call: ast.Call) -> Iterator[tuple[Written, str]]:
    options = {keyword.arg: keyword.value for keyword in call.keywords}
    if "modifiers" in options or ("button" in options and text_of(options["button"]) != "left"):
        raise UnsayableError("a click with another button or with a key held down")
    twice = "click_count" in options and ast.unparse(options["click_count"]) == "2"
    yield {"double_click" if twice else "click": locator}, ""


def _fill(locator: Written, call: ast.Call) -> Iterator[tuple[Written, str]]:
    value = text_of(argument(call))
    yield {"fill": {**locator, "value": value}} if value else {"clear": locator}, ""


def _type(locator: Written, call: ast.Call) -> Iterator[tuple[Written, str]]:
    yield {"type": {**locator, "value": text_of(argument(call))}}, ""


def _select(locator: Written, call: ast.Call) -> Iterator[tuple[Written, str]]:
    options = {keyword.arg: keyword.value for keyword in call.keywords}
    if "index" in options:
        raise UnsayableError("a choice by its place in the list; write the visible label")
    labelled = "label" in options
    chosen = options["label"] if labelled else options.get("value") or argument(call)
    if isinstance(chosen, ast.List):
        raise UnsayableError("several choices at once")
    note = "" if labelled else "a choice is recorded by its value; write the visible label where it differs"
    yield {"select": {**locator, "option": text_of(chosen)}}, note


def _upload(locator: Written, call: ast.Call) -> Iterator[tuple[Written, str]]:
    files = argument(call)
    for one in files.elts if isinstance(files, ast.List) else [files]:
        file, note = file_of(text_of(one))
        yield {"upload": {**locator, "file": file}}, note


def _press(_locator: Written, call: ast.Call) -> Iterator[tuple[Written, str]]:
    yield {"press": {"key": text_of(argument(call))}}, ""


METHODS: Mapping[str, Handler] = {
    "click": _click,
    "dblclick": _plain("double_click"),
    "hover": _plain("hover"),
    "tap": _plain("click"),
    "check": _plain("check"),
    "uncheck": _plain("uncheck"),
    "clear": _plain("clear"),
    "scroll_into_view_if_needed": _plain("scroll_to"),
    "fill": _fill,
    "type": _type,
    "press_sequentially": _type,
    "select_option": _select,
    "set_input_files": _upload,
    "press": _press,
}
