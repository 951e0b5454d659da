"""Recordings of the Chrome DevTools Recorder (JSON) in the words of checks.yaml.

The format is the user flow of @puppeteer/replay: `steps`, each with a `type`, alternative `selectors` of its element,
the `frame` it lies in as a path of indexes, the `target` (tab), and `assertedEvents` that say where it led.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from checks.errors import shown
from checks.recordings import selectors
from checks.recordings.expressions import condition_of
from checks.recordings.flow import read
from checks.recordings.keys import Keyboard
from checks.recordings.recording import Landing, Moment, Recording, Written
from checks.recordings.uploads import file_of
from checks.recordings.words import address, parts_of

_PHONE_WIDTH = 480
_FAKE_PATH = "c:\\fakepath\\"
_BLANK = ("about:", "chrome:", "edge:", "devtools:")
Step = Mapping[str, Any]


def from_recorder(text: str, file: str) -> Recording:
    """Translate the text of a Recorder file.

    Raises:
        ConfigError: It is no such file; with the line.
    """
    flow = read(text, file)
    reader = _Reader(Recording(file, flow.title))
    for number, (line, step) in enumerate(flow.steps, 1):
        reader.take(line, number, step)
    reader.end()
    return reader.recording


@dataclass(slots=True)
class _Reader:
    """Goes through the steps; `tabs` are the targets that are open, the newest last."""

    recording: Recording
    line: int = 0
    said: str = ""
    tabs: list[str] = field(default_factory=lambda: ["main"])
    keyboard: Keyboard = field(default_factory=Keyboard)
    scrolled: int = 0
    framed: bool = False

    def take(self, line: int, number: int, step: Step) -> None:
        self.line, self.said = line, f"step {number}"
        kind = str(step["type"])
        handler = _HANDLERS.get(kind)
        if handler is None:
            self.lose(f"{shown(kind, 40)} is not known")
            return
        if kind not in ("keyDown", "keyUp"):
            self.type_keys(before=kind)
        if kind not in ("setViewport", "emulateNetworkConditions", "close"):
            self.tab(str(step.get("target") or "main"))
        handler(self, step)

    def end(self) -> None:
        """Tell what was left out everywhere."""
        self.type_keys(before="")
        if self.scrolled:
            self.recording.note(
                1, f"{self.scrolled} scroll steps of whole pages were left out; actions scroll by themselves"
            )

    # -- what handlers add

    def add(self, **what: Any) -> None:
        self.recording.moments.append(Moment(self.line, self.said, **what))

    def lose(self, why: str) -> None:
        self.add(lost=why)

    def find(self, step: Step, *, typed: bool = False) -> selectors.Found | None:
        """Return the element of a step; says so where nothing but its place was recorded."""
        found = selectors.read(step.get("selectors"), field=typed)
        if found is None:
            self.lose(f"{step['type']}: only the element's place in the document was recorded (XPath)")
            return None
        if found.poor:
            self.recording.note(self.line, f"the only selector {found.poor}; name the element as a citizen would")
        frame = self.frame(step)
        if frame is None:
            return found
        around = found.locator.get("within")
        within = {**around, "within": frame} if around is not None else frame
        others = [{**other, "within": within} for other in found.locator.get("or", ())]
        located = {**found.locator, "within": within} | ({"or": others} if others else {})
        return selectors.Found(located, found.role, found.tag, found.poor)

    def frame(self, step: Step) -> Written | None:
        around: Written | None = None
        for index in step.get("frame") or ():
            region: Written = {"frame": {"css": "iframe"}}
            region |= {"nth": index} if index else {}
            around = region if around is None else {**region, "within": around}
        if around is not None and not self.framed:
            self.framed = True
            self.recording.note(
                self.line, "frames were recorded by their number; name them by title: {frame: {title: …}}"
            )
        return around

    def type_keys(self, before: str) -> None:
        """What was typed key by key is the value of the change that follows; elsewhere nobody knows where it went."""
        for line, said, why in self.keyboard.untold(before):
            self.recording.moments.append(Moment(line, said, lost=why))

    def tab(self, target: str) -> None:
        """Follow a tab that opened, or go back to one by closing those after it."""
        if target == self.tabs[-1]:
            return
        last = next((m.lands for m in reversed(self.recording.moments) if m.lands is not None), None)
        if target not in self.tabs and len(self.tabs) > 1 and last is not None and last.url == target:
            self.tabs[-1] = target  # a tab is known by its address, and this one went to another page
        elif target not in self.tabs:
            self.tabs.append(target)
            self.add(action={"new_tab": "follow"})
        else:
            while self.tabs[-1] != target:
                self.tabs.pop()
                self.add(action={"new_tab": "close"})

    # -- steps

    def viewport(self, step: Step) -> None:
        width = step.get("width")
        if step.get("isMobile") is True or (isinstance(width, int | float) and 0 < width <= _PHONE_WIDTH):
            self.recording.device = "mobile"

    def navigate(self, step: Step) -> None:
        url = str(step["url"])
        if url.startswith(_BLANK):
            return
        if not (url.startswith(("http://", "https://")) and parts_of(url).netloc):
            self.lose("navigate: only http and https addresses can be opened")
            return
        cleaned, left = address(url)
        if left:
            self.recording.note(self.line, f"left out of the address: {', '.join(left)}")
        self.add(action={"goto": cleaned}, lands=landing(step) or Landing(cleaned))

    def click(self, step: Step) -> None:
        if step.get("button", "primary") != "primary":
            self.lose(f"click with the {shown(step['button'], 20)} button")
            return
        found = self.find(step)
        if found is None:
            return
        if found.role in ("checkbox", "radio"):
            self.add(action={self.ticking(found): found.locator}, lands=landing(step))
        else:
            self.add(action={"click": found.locator}, lands=landing(step))

    def ticking(self, found: selectors.Found) -> str:
        """A checkbox that was set before is cleared by the next click."""
        before = [
            m.kind for m in self.recording.moments if m.kind in ("check", "uncheck") and m.target == found.locator
        ]
        return "uncheck" if found.role == "checkbox" and before[-1:] == ["check"] else "check"

    def double_click(self, step: Step) -> None:
        found = self.find(step)
        if found is None:
            return
        last = self.recording.moments[-1] if self.recording.moments else None
        if last is not None and last.action == {"click": found.locator}:
            self.recording.moments.pop()  # the first of the two clicks
        self.add(action={"double_click": found.locator}, lands=landing(step))

    def hover(self, step: Step) -> None:
        found = self.find(step)
        if found is not None:
            self.add(action={"hover": found.locator}, lands=landing(step))

    def change(self, step: Step) -> None:
        value = str(step["value"])
        upload = value.casefold().startswith(_FAKE_PATH)
        found = self.find(step, typed=True)
        if found is None:
            return
        locator = found.locator
        if upload:
            file, note = file_of(value[len(_FAKE_PATH) :])
            if note:
                self.recording.note(self.line, note)
            self.add(action={"upload": {**locator, "file": file}}, lands=landing(step))
            return
        if found.tag == "select" or (found.role in ("combobox", "listbox") and found.tag != "input"):
            self.recording.note(
                self.line, "a choice is recorded by its value; write the visible label where it differs"
            )
            self.replace_last("select", locator, {"option": value}, step)
        else:
            self.replace_last("fill", locator, {"value": value}, step)

    def replace_last(self, kind: str, locator: Written, what: Written, step: Step) -> None:
        """A change after a change of the same field is the same typing, further on."""
        moments = self.recording.moments
        if moments and moments[-1].kind == kind and {**moments[-1].target, **what} == {**locator, **what}:
            moments.pop()
        self.add(action={kind: {**locator, **what}}, lands=landing(step))

    def key_down(self, step: Step) -> None:
        combination = self.keyboard.down(str(step["key"]), self.line, self.said)
        if combination:
            self.type_keys(before=f"press {combination}")
            self.add(action={"press": {"key": combination}}, lands=landing(step))

    def key_up(self, step: Step) -> None:
        self.keyboard.up(str(step["key"]))
        arrived = landing(step)
        if arrived is not None and self.recording.moments:  # the key was let go when the page had gone
            last = self.recording.moments.pop()
            self.recording.moments.append(Moment(last.line, last.said, last.action, last.expects, arrived, last.lost))

    def scroll(self, step: Step) -> None:
        if not step.get("selectors"):
            self.scrolled += 1
            return
        found = self.find(step)
        if found is not None:
            self.add(action={"scroll_to": found.locator})

    def close(self, step: Step) -> None:
        target = str(step.get("target") or "main")
        if target != "main" and target == self.tabs[-1]:
            self.tabs.pop()
            self.add(action={"new_tab": "close"})
        elif target != "main":
            self.lose("close: that tab is not the newest one")

    def wait_for_element(self, step: Step) -> None:
        found = self.find(step)
        if found is None:
            return
        operator, count = str(step.get("operator", "==")), step.get("count", 1)
        if step.get("attributes") or step.get("properties"):
            self.recording.note(
                self.line, "only that the element is there is expected, not its attributes or properties"
            )
        gone = step.get("visible") is False or (count == 0 and operator in ("==", "<="))
        if gone:
            self.add(expects={"hidden": found.locator})
        elif count == 1 or (operator == ">=" and count == 0):
            self.add(expects={"visible": found.locator})
        elif operator in ("==", ">=") and isinstance(count, int):
            self.recording.note(
                self.line, f"`{operator} {count}` elements were recorded; the journey expects number {count}"
            )
            self.add(expects={"visible": {**found.locator, "nth": count - 1}})
        else:
            self.lose(f"waitForElement: '{operator} {count}' elements cannot be said")

    def wait_for_expression(self, step: Step) -> None:
        condition = condition_of(str(step.get("expression", "")))
        if condition is None:
            self.lose("waitForExpression: a script cannot be a goal; say what a citizen sees, with until or expect")
        else:
            self.add(expects=condition)

    def custom(self, step: Step) -> None:
        self.lose(f"customStep {shown(step.get('name', ''), 40)} belongs to another program")

    def network(self, _step: Step) -> None:
        self.lose("emulateNetworkConditions: a walk is measured on the network as it is")


def landing(step: Step) -> Landing | None:
    """Return the page that a step led to, as its asserted events say."""
    events = step.get("assertedEvents")
    arrived = (
        [e for e in events if isinstance(e, dict) and e.get("type") == "navigation"] if isinstance(events, list) else []
    )
    if not arrived:
        return None
    url = address(str(arrived[-1].get("url") or ""))[0]
    return Landing(url, str(arrived[-1].get("title") or ""))


_HANDLERS: Mapping[str, Callable[[_Reader, Step], None]] = {
    "setViewport": _Reader.viewport,
    "navigate": _Reader.navigate,
    "click": _Reader.click,
    "doubleClick": _Reader.double_click,
    "hover": _Reader.hover,
    "change": _Reader.change,
    "keyDown": _Reader.key_down,
    "keyUp": _Reader.key_up,
    "scroll": _Reader.scroll,
    "close": _Reader.close,
    "waitForElement": _Reader.wait_for_element,
    "waitForExpression": _Reader.wait_for_expression,
    "customStep": _Reader.custom,
    "emulateNetworkConditions": _Reader.network,
}
