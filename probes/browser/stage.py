"""What all parts of one walk share while it lasts."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import Page

from checks.config import Target
from checks.locator import Condition, Locator, Region
from checks.model import BrowserCheck
from checks.run import AGENT, Blame, Reason, Verdict
from checks.secrets import Secrets
from checks.text import REFERENCE
from probes.browser.chromium import WalkContext
from probes.browser.gate import Gate
from probes.browser.locate import frame_of, inside
from probes.browser.pulse import Clock, FramedPulse, Pulse
from probes.browser.tally import Tally
from probes.browser.traffic import Traffic
from probes.browser.watch import Watch
from probes.policy import Refusal


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a step did not reach its goal; `message` is Vietnamese, without the step's name."""

    verdict: Verdict
    reason: Reason
    blame: Blame
    message: str


class StepError(Exception):
    """A step is over before its goal; carries the Failure. Never leaves this package."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        super().__init__(failure.reason)


def unwalkable(message: str) -> StepError:
    """Return the end of a walk that cannot be carried out as it is written."""
    return StepError(Failure(Verdict.INCONCLUSIVE, Reason.CONFIG, AGENT, message))


class AstrayError(StepError):
    """A page has led the walk to a host that is not asked; whom that accuses is decided once the clock has stopped."""

    def __init__(self, refusal: Refusal, page: str) -> None:
        self.refusal = refusal
        self.page = page
        super().__init__(Failure(Verdict.INCONCLUSIVE, Reason.CONFIG, AGENT, refusal.shown))


class BrowserGoneError(Exception):
    """The browser process ended by itself in the middle of a walk: nobody's outage."""


@dataclass(slots=True)
class Awaited:
    """What the walk is waiting for at the moment, for saying so when it never comes.

    `obstacle` and `count` are what the latest look met: what was in the way, how many elements there were. `says` and
    `reason` tell it of what is neither an element nor a condition. `blank`: the page was still white at that look.
    """

    what: Locator | Condition | None = None
    obstacle: str = ""
    count: int | None = None
    says: str = ""
    reason: Reason | None = None
    blank: bool = False

    @property
    def in_page(self) -> bool:
        """Whether a citizen must see the page for it: not for its address, its title, a new tab or a file."""
        return self.what.in_page if isinstance(self.what, Condition) else not self.says


@dataclass(slots=True)
class Stage:
    """One walk in progress. `ends_at` is when the current step's time is up, on `clock`.

    `wall` tells the seconds since 1970; `folder` is that of checks.yaml. `stored` holds what was read from pages;
    `tabs` is how many had opened before the latest act, which began at `acted`.
    """

    walk: WalkContext
    target: Target[BrowserCheck]
    secrets: Secrets
    clock: Clock
    traffic: Traffic
    watch: Watch
    tally: Tally
    wall: Clock
    folder: Path
    ends_at: float = 0.0
    refusal: StepError | None = None
    stored: dict[str, str] = field(default_factory=dict)
    tabs: int = 0
    acted: float = 0.0
    awaited: Awaited = field(default_factory=Awaited)
    _pulses: dict[tuple[Page, Region | None], Pulse] = field(default_factory=dict)

    @property
    def gate(self) -> Gate:
        """What the walk's lines to unlisted hosts pass."""
        return self.traffic.gate

    @property
    def page(self) -> Page:
        """The tab the citizen looks at: the newest one that is open."""
        pages = self.walk.context.pages
        if not pages:
            raise BrowserGoneError("no tab is left")
        return pages[-1]

    @property
    def pulse(self) -> Pulse:
        """The heartbeat of the current tab."""
        return self.pulse_in(None)

    def pulse_in(self, frame: Region | None) -> Pulse:
        """The heartbeat of a frame of the current tab, or of the tab itself."""
        page = self.page
        if (page, frame) not in self._pulses:
            root = page if frame is None else inside(page, frame, self.resolve).locator("css=:root")
            self._pulses[page, frame] = Pulse(root, self.walk.key, self.clock)
        return self._pulses[page, frame]

    def heart(self, locators: Iterable[Locator]) -> Pulse | FramedPulse:
        """The heartbeat of all documents in which `locators` look."""
        frames = dict.fromkeys(frame_of(locator) for locator in locators)
        inner = tuple(self.pulse_in(frame) for frame in frames if frame is not None)
        return FramedPulse(self.pulse, inner, outside=None in frames) if inner else self.pulse

    def resolve(self, text: str) -> str:
        """Return `text` with stored values and secrets in the place of references.

        Each reference is replaced once: a page cannot have a secret typed by showing a reference to it.
        """

        def value(match: re.Match[str]) -> str:
            return self.stored[match[1]] if match[1] in self.stored else self.secrets.resolve(match[0])

        return REFERENCE.sub(value, text)

    @property
    def left_s(self) -> float:
        """Seconds left for the current step."""
        return self.ends_at - self.clock()

    def recover(self) -> None:
        """Go on in spite of what ended the walk, for what always follows it."""
        self.refusal = None
        self.awaited = Awaited()
        self.watch.crashed, self.watch.storm = False, ""

    def forget(self) -> None:
        """Start afresh, as after an unmeasured pass."""
        self.refusal = None
        self.awaited = Awaited()
        self.stored.clear()
        self.tabs = 0
        self._pulses.clear()
        for part in (self.traffic, self.watch, self.tally):
            part.forget()
