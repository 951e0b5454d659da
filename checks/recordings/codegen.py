"""Python that Playwright's codegen wrote (library, async library, pytest) in the words of checks.yaml.

The file is parsed, never executed. Whatever is not a line as codegen writes them is told, with its line.
"""

import ast
import warnings
from dataclasses import dataclass, field
from typing import Any

from checks.recordings import asserts
from checks.recordings.chains import Chain, UnsayableError, argument, chain_of, poor, text_of
from checks.recordings.methods import METHODS
from checks.recordings.recording import Landing, Moment, Recording, Written, refused
from checks.recordings.words import address, parts_of

_QUIET = frozenset({"close", "bring_to_front", "set_viewport_size", "screenshot", "pause"})
_WAITS = frozenset({"wait_for_timeout", "wait_for_load_state", "wait_for_selector", "wait_for_function"})
_PHONES = ("iPhone", "Pixel", "Galaxy", "Nexus", "Moto", "Nokia", "BlackBerry", "LG", "Microsoft Lumia")
_PHONE_WIDTH = 480


def from_codegen(text: str, file: str) -> Recording:
    """Translate the text of a file that codegen wrote.

    Raises:
        ConfigError: It is no Python, or does nothing with a page; with the line.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)  # what Python thinks of its style is nobody's question here
            tree = ast.parse(text)
    except SyntaxError as error:
        raise refused(file, [(error.lineno or 1, f"is neither JSON nor Python: {error.msg}")]) from None
    except (ValueError, RecursionError, MemoryError):
        raise refused(file, [(1, "is neither JSON nor Python that anybody would record")]) from None
    body = _recorded(tree)
    if body is None:
        raise refused(file, [(1, "does nothing with a `page`; Python as Playwright's codegen writes it is meant")])
    reader = _Reader(Recording(file))
    try:
        reader.block(body)
    except RecursionError:
        raise refused(file, [(reader.line, "is nested deeper than anybody would record")]) from None
    return reader.recording


def _recorded(tree: ast.Module) -> list[ast.stmt] | None:
    """Return the statements of the recorded function; of the module, where none was wrapped around them."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    bodies = [function.body for function in functions if function.name.startswith(("run", "test"))]
    bodies += [function.body for function in functions] + [tree.body]
    return next((body for body in bodies if any(_goes_somewhere(statement) for statement in body)), None)


def _goes_somewhere(statement: ast.stmt) -> bool:
    calls = (node.func for node in ast.walk(statement) if isinstance(node, ast.Call))
    names = {func.attr for func in calls if isinstance(func, ast.Attribute)}
    return "goto" in names and not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef)


@dataclass(slots=True)
class _Reader:
    """Goes through the statements; `pages` are the variables of open tabs, the newest last."""

    recording: Recording
    line: int = 0
    pages: list[str] = field(default_factory=lambda: ["page"])
    known: set[str] = field(default_factory=lambda: {"page"})
    last: Written | None = None

    def block(self, statements: list[ast.stmt]) -> None:
        for statement in statements:
            self.line = statement.lineno
            try:
                self.statement(statement)
            except UnsayableError as error:
                self.lose(str(error))

    def add(self, **what: Any) -> None:
        self.recording.moments.append(Moment(self.line, **what))

    def lose(self, why: str) -> None:
        self.add(lost=why)

    # -- statements

    def statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Expr(value=ast.Constant()) | ast.Pass():
                return  # a docstring
            case ast.Expr(value=value):
                self.expression(_awaited(value))
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self.assigned(name, _awaited(value))
            case ast.With(items=[item], body=body) | ast.AsyncWith(items=[item], body=body):
                self.waiting(item, body)
            case ast.Import() | ast.ImportFrom() | ast.Return():
                return
            case _:
                self.lose("not a line that codegen writes")

    def assigned(self, name: str, value: ast.expr) -> None:
        """Take `page = context.new_page()`, `page1 = page1_info.value` and the setting up of browser and context."""
        method = value.func.attr if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) else ""
        if method == "new_page":
            if name not in self.known and any(moment.action for moment in self.recording.moments):
                self.lose(f"`{name}` is a second tab that no link opened; a citizen's walk has one")
            self.known.add(name)
            self.pages = [*self.pages, name] if name not in self.pages else self.pages
        elif method == "new_context" and isinstance(value, ast.Call):
            self.device(value)
        elif not (isinstance(value, ast.Attribute) and value.attr == "value") and method != "launch":
            self.lose(f"`{name} = …` is not a line that codegen writes")

    def device(self, call: ast.Call) -> None:
        for keyword in call.keywords:
            said = ast.unparse(keyword.value)
            width = keyword.value.values[0] if isinstance(keyword.value, ast.Dict) and keyword.value.values else None
            narrow = isinstance(width, ast.Constant) and isinstance(width.value, int) and width.value <= _PHONE_WIDTH
            phone = keyword.arg is None and any(name in said for name in _PHONES)
            if phone or (keyword.arg == "is_mobile" and said == "True") or (keyword.arg == "viewport" and narrow):
                self.recording.device = "mobile"
            elif keyword.arg == "storage_state":
                self.recording.note(
                    call.lineno, "the recording began signed in (storage_state); a walk begins with nothing"
                )

    def waiting(self, item: ast.withitem, body: list[ast.stmt]) -> None:
        """Take `with page.expect_popup() as page1_info:` and `expect_download`: what the act inside brings."""
        call = _awaited(item.context_expr)
        method = call.func.attr if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) else ""
        before = len(self.recording.moments)
        self.block(body)
        if method == "expect_popup":
            info = item.optional_vars.id if isinstance(item.optional_vars, ast.Name) else "page1_info"
            name = info.removesuffix("_info")
            self.known.add(name)
            self.pages.append(name)
            self.add(action={"new_tab": "follow"})
        elif method == "expect_download":
            self.downloads(before)
        elif method not in ("expect_navigation", "expect_event"):
            self.lose(f"`with …{method}()` is not known")

    def downloads(self, since: int) -> None:
        moments = self.recording.moments
        for index in range(len(moments) - 1, since - 1, -1):
            moment = moments[index]
            if moment.kind == "click":
                moments[index] = Moment(moment.line, moment.said, action={"download": moment.target})
                return
        self.lose("a download that no click started")

    # -- expressions

    def expression(self, node: ast.expr) -> None:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            self.lose("not a line that codegen writes")
            return
        expected = asserts.subject(node.func.value)
        if expected is not None:
            self.expect(expected, node)
            return
        subject = self.subject(node.func.value)
        if subject is None:
            return  # browser.close(), context.close(), print(): nothing that a citizen does
        page, _, device = subject.page.partition(".")
        if device:
            self.by_device(page, device, node.func.attr, node)
        elif subject.located is None and subject.within is None:
            self.on_page(page, node.func.attr, node)
        else:
            self.on_element(subject, node.func.attr, node)

    def subject(self, node: ast.expr) -> Chain | None:
        if isinstance(node, ast.Attribute) and node.attr in ("keyboard", "mouse", "touchscreen"):
            page = chain_of(node.value, frozenset(self.known))
            return None if page is None else Chain(f"{page.page}.{node.attr}")
        return chain_of(node, frozenset(self.known))

    def expect(self, expected: ast.expr, node: ast.Call) -> None:
        chain = chain_of(expected, frozenset(self.known))
        if chain is None:
            raise UnsayableError("an expectation of something that is no page")
        self.tab(chain.page)
        assert isinstance(node.func, ast.Attribute)  # noqa: S101 -- the caller looked
        for condition in asserts.conditions(chain, node.func.attr, node):
            self.add(expects=condition)

    def tab(self, page: str) -> None:
        """Go back to an earlier tab by closing those after it."""
        if page not in self.pages:
            raise UnsayableError(f"`{page}` is closed, or was never opened")
        while self.pages[-1] != page:
            self.pages.pop()
            self.add(action={"new_tab": "close"})
            self.recording.note(
                self.line, "the recording went back to the tab before; the journey closes the newer one"
            )

    def by_device(self, page: str, device: str, method: str, call: ast.Call) -> None:
        if device != "keyboard" or method != "press":
            raise UnsayableError(f"`{device}.{method}()`: say what it is done to")
        self.tab(page)
        self.add(action={"press": {"key": text_of(argument(call))}})

    def on_page(self, page: str, method: str, call: ast.Call) -> None:
        if method == "goto":
            self.tab(page)
            self.goto(text_of(argument(call)))
        elif method == "close":
            if page == self.pages[-1] and len(self.pages) > 1:
                self.pages.pop()
                self.add(action={"new_tab": "close"})
        elif method in ("go_back", "reload"):
            self.add(action={"back" if method == "go_back" else "reload": True})
        elif method == "once":
            self.dialog(call)
        elif method == "wait_for_url":
            self.add(expects=asserts.url(argument(call)))
        elif method in _WAITS:
            raise UnsayableError(f"`{method}`: nothing is waited for by the clock; the step's until waits")
        elif method not in _QUIET:
            raise UnsayableError(f"`page.{method}()` is not known")

    def goto(self, url: str) -> None:
        if url.startswith(("about:", "chrome:")):
            return
        if not (url.startswith(("http://", "https://")) and parts_of(url).netloc):
            raise UnsayableError("only http and https addresses can be opened")
        cleaned, left = address(url)
        if left:
            self.recording.note(self.line, f"left out of the address: {', '.join(left)}")
        self.add(action={"goto": cleaned}, lands=Landing(cleaned))

    def dialog(self, call: ast.Call) -> None:
        said = ast.unparse(call.args[1]) if len(call.args) > 1 else ""
        self.add(action={"dialog": {"answer": "accept" if ".accept(" in said else "dismiss"}})

    def drag(self, chain: Chain, end: Chain | None) -> None:
        if end is None:
            raise UnsayableError("a drag to something that is no element")
        self.tab(chain.page)
        self.add(action={"drag": {**chain.locator, "to": end.locator}})

    def on_element(self, chain: Chain, method: str, call: ast.Call) -> None:
        if method == "drag_to":
            self.drag(chain, chain_of(argument(call), frozenset(self.known)))
            return
        handler = METHODS.get(method)
        if handler is None:
            raise UnsayableError(f"`.{method}()` is not known")
        locator = chain.locator
        self.tab(chain.page)
        fault = poor(locator)
        if fault is not None:
            self.recording.note(self.line, f"the selector {fault}; name the element as a citizen would")
        if method == "press" and self.last != locator:  # a key goes where the cursor is
            self.add(action={"click": locator})
        for action, note in handler(locator, call):
            if note:
                self.recording.note(self.line, note)
            self.add(action=action)
        self.last = locator


def _awaited(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Await) else node
