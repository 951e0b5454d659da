"""What the pages of a walk told and showed: screens, census, vitals, console, errors, dialogs, tabs, crashes."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import BrowserContext, ConsoleMessage, Dialog, Download, Page, WebError

from checks.run import Census, Screen, Vitals, clean_message
from checks.secrets import Secrets
from probes.browser.listening import listener
from probes.browser.tally import Tally

_KEPT_LINES = 200
_LINE_CAP = 500
_KEPT_DOCUMENTS = 1000
_CENSUS_CAP = 10_000_000
_HEADING_CAP = 120
_CLS_CAP = 1000.0
_LONGEST_MS = 3_600_000.0
_MOST_COST_MS = 1000.0
_UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError)
MOST_DIALOGS = 20
MOST_TABS = 10


@dataclass(slots=True)
class Document:
    """One document that was shown, and the step in which it came."""

    step: int
    counted: bool
    vitals: Vitals = field(default_factory=Vitals)


@dataclass(frozen=True, slots=True)
class Line:
    """One console line or page error, as the page wrote it (hostile)."""

    step: int
    kind: str
    text: str


@dataclass  # without slots: Playwright keeps its wrapper of a listening method on the object
class Watch:
    """Gathers, for each step, what the tabs of one walk report by themselves.

    `token` begins every console line that is a report of our page script; no page can know it. `missed` counts what we
    pressed or typed past its target, as far as the page has told by now, `repeated` how much of that was done again.
    """

    tally: Tally
    secrets: Secrets
    token: str
    answer: Callable[[Dialog], None] | None = None
    refused: Callable[[str], None] | None = None
    step: int = 0
    documents: dict[str, Document] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    downloads: asyncio.Queue[Download] = field(default_factory=asyncio.Queue)
    tabs: int = 0
    missed: int = 0
    repeated: int = 0
    crashed: bool = False
    storm: str = ""
    _shown: Mapping[str, Any] | None = None
    _routes: dict[int, int] = field(default_factory=dict)
    _errors: dict[tuple[int, str], int] = field(default_factory=dict)
    _costs: dict[int, float] = field(default_factory=dict)
    _left: dict[tuple[str, int], tuple[int, Screen]] = field(default_factory=dict)

    def attach(self, context: BrowserContext) -> None:
        """Listen to every tab of `context`; must come before the first page."""
        context.on("page", self._opened)
        context.on("console", listener(self._wrote))
        context.on("weberror", self._threw)
        context.on("dialog", self._asked)

    def forget(self) -> None:
        """Start afresh, as after an unmeasured pass."""
        self.step, self.tabs, self.storm, self._shown = 0, 0, "", None
        for gathered in (self.documents, self.lines, self._routes, self._errors, self._costs, self._left):
            gathered.clear()

    # -- read by the walk

    def screens(self, step: int) -> int:
        """Documents and routes that came in a step."""
        return sum(d.counted and d.step == step for d in self.documents.values()) + self._routes.get(step, 0)

    def left(self, step: int) -> tuple[Screen, ...]:
        """The screens left in a step, in order, each with its controls and words."""
        return tuple(screen for at, screen in self._left.values() if at == step)

    def vitals(self, step: int, failed_requests: int) -> Vitals:
        """The worst of the documents that came in a step, with its console errors."""
        worst = worst_vitals([d.vitals for d in self.documents.values() if d.step == step])
        errors = self.count(step, "error") + self.count(step, "uncaught")
        return worst.evolve(console_errors=errors, failed_requests=failed_requests)

    def count(self, step: int, kind: str) -> int:
        """How many lines of `kind` (`error`, `uncaught`) a step wrote; lines not kept are counted too."""
        return self._errors.get((step, kind), 0)

    def cost_s(self, step: int) -> float:
        """How long the page itself was busy with our questions inside a step's time."""
        return self._costs.get(step, 0.0)

    def spent(self, cost_s: float) -> None:
        """Book time that our own looking took inside the current step."""
        self._costs[self.step] = self.cost_s(self.step) + cost_s

    def told(self, message: str) -> None:
        """Take one report of the page script. Whatever it holds, no number leaves its bounds and nothing is raised."""
        try:
            self._take(json.loads(message))
        except _UNREADABLE:
            self._note("odd", f"page sent an unreadable report: {self.secrets.excerpt(message, 80)!r}")

    def looked(self, answer: Mapping[str, Any], *, last: bool) -> None:
        """Take what a screen answered after a step's clock had stopped; `last` counts it as left."""
        try:
            document = self._document(str(answer["doc"]))
            document.vitals = _vitals(answer["vitals"])
            self._shown = answer
            if last:
                self._leave(answer)
        except _UNREADABLE:
            self._note("odd", "page answered in an unreadable way")

    # -- told by the tabs

    def _take(self, report: Mapping[str, Any]) -> None:
        doc = str(report["doc"])
        if report["kind"] == "start":
            self._document(doc)
            return
        if report["kind"] == "threw":
            self._note("uncaught", str(report["text"]))
        if report["kind"] == "refused" and self.refused is not None:
            self.refused(self.secrets.excerpt(str(report["name"])))
        if report["kind"] == "missed":
            self.missed += 1
            return
        if report["kind"] == "late":
            self._delayed(doc, _bounded(report["delay"], _LONGEST_MS) / 1000)
            return
        if report["kind"] == "route":
            self._routes[self.step] = self._routes.get(self.step, 0) + 1
        if report["kind"] in ("left", "route", "frame"):
            self._leave(report)
        if report["kind"] == "left":
            self._document(doc).vitals = _vitals(report["vitals"])
        self.spent(_bounded(report.get("cost", 0.0), _MOST_COST_MS) / 1000)

    def _delayed(self, doc: str, delay_s: float) -> None:
        """Take an interaction's delay that the browser told only after its screen was left."""
        document = self.documents.get(doc)
        if document is not None:
            known_s = document.vitals.interaction_delay_s or 0.0
            document.vitals = document.vitals.evolve(interaction_delay_s=max(delay_s, known_s))

    def _document(self, doc: str) -> Document:
        if doc not in self.documents and len(self.documents) < _KEPT_DOCUMENTS:
            self._leave_unannounced()
            self.documents[doc] = Document(self.step, counted=True)
        return self.documents.get(doc) or Document(self.step, counted=False)

    def _leave_unannounced(self) -> None:
        """Count the screen looked at last as left: by the address bar, which tells no page, or for a new tab."""
        shown, self._shown = self._shown, None
        if shown is not None and (str(shown["doc"]), int(shown["screen"])) not in self._left:
            self._leave(shown)

    def _leave(self, report: Mapping[str, Any]) -> None:
        census = {
            name: int(_bounded(report["census"][name], _CENSUS_CAP))
            for name in Census.model_fields
            if name != "screens"
        }
        key = (str(report["doc"]), int(report["screen"]))
        if len(self._left) < _KEPT_DOCUMENTS:
            seen = Census(screens=int(report.get("kind") != "frame"), **census)
            heading = clean_message(self.secrets.excerpt(str(report["heading"]), _HEADING_CAP))
            self._left[key] = (self.step, Screen(heading=heading, census=seen))

    def _opened(self, page: Page) -> None:
        page.on("crash", self._crash)
        page.on("download", self.downloads.put_nowait)
        if len(page.context.pages) > 1:
            self.tally.now.new_tabs += 1
            self.tabs += 1
        if self.tally.now.new_tabs > MOST_TABS:
            self.storm = f"trang mở hơn {MOST_TABS} cửa sổ mới trong một bước"

    def _crash(self, _page: Page) -> None:
        self.crashed = True

    def _wrote(self, message: ConsoleMessage) -> None:
        text = message.text
        if text.startswith(self.token):
            self.told(text.removeprefix(self.token))
        else:
            self._note(message.type, text)

    def _threw(self, error: WebError) -> None:
        self._note("uncaught", str(error.error))

    def _note(self, kind: str, text: str) -> None:
        self._errors[self.step, kind] = self.count(self.step, kind) + 1
        if len(self.lines) < _KEPT_LINES:
            self.lines.append(Line(self.step, kind, self.secrets.excerpt(text, _LINE_CAP)))

    def _asked(self, dialog: Dialog) -> None:
        self.tally.now.dialogs += 1
        if self.tally.now.dialogs > MOST_DIALOGS:
            self.storm = "trang mở hộp thoại liên tục"
        if self.answer is not None:
            self.answer(dialog)


def worst_vitals(several: list[Vitals]) -> Vitals:
    """Return the worst value of each measure; counts are added."""

    def worst(name: str) -> float | None:
        return max((value for one in several if (value := getattr(one, name)) is not None), default=None)

    spans = ("ttfb_s", "fcp_s", "lcp_s", "cls", "interaction_delay_s", "tbt_s")
    counts = ("console_errors", "failed_requests")
    return Vitals(
        **{name: worst(name) for name in spans},
        **{name: sum(getattr(one, name) for one in several) for name in counts},
    )


def _vitals(answer: Mapping[str, Any]) -> Vitals:
    def seconds(name: str) -> float | None:
        value = answer[name]
        return None if value is None else _bounded(value, _LONGEST_MS) / 1000

    return Vitals(
        ttfb_s=seconds("ttfb"),
        fcp_s=seconds("fcp"),
        lcp_s=seconds("lcp"),
        cls=_bounded(answer["cls"], _CLS_CAP),
        interaction_delay_s=seconds("delay"),
        tbt_s=seconds("tbt"),
    )


def _bounded(value: object, most: float) -> float:
    """Return a number that a page sent, between 0 and `most`; what is no number raises."""
    if not isinstance(value, int | float) or value != value:  # noqa: PLR0124 -- NaN alone differs from itself
        raise ValueError(value)
    return float(min(max(value, 0), most))
