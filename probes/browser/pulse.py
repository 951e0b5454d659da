"""When a page changed, told by the page itself and mapped to our monotonic clock."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Locator as PageLocator
from playwright.async_api import Page

Clock = Callable[[], float]

_PASSING = (
    "Execution context was destroyed",
    "Cannot find context with specified id",
    "Frame was detached",
    "frame got detached",
    "Frame has been detached",
    "Inspected target navigated or closed",
    "Target crashed",
    "Page crashed",
    "has been closed",
)


class PageTamperedError(Exception):
    """What the page script answered makes no sense: the page has replaced what the browser's driver needs in there."""


_NO_FRAME = "Failed to find frame"


def is_passing(error: PlaywrightError) -> bool:
    """Whether the document or tab went away under the question; ask again, or look whether the tab lives."""
    return any(sign in error.message for sign in _PASSING)


def without_frame(error: PlaywrightError) -> bool:
    """Whether the frame that was asked is not on the page, or not yet."""
    return _NO_FRAME in error.message


@dataclass(frozen=True, slots=True)
class Beat:
    """One reading of a page. `moves` are our monotonic moments of its changes, oldest first; `last` of the latest.

    `leaving` is the moment at which a navigation to another document began. `blank`: a citizen looks at a white page,
    because the browser paints nothing before a style sheet has come.
    """

    doc: str
    seq: int
    moves: tuple[float, ...]
    last: float | None
    leaving: float | None
    ready: bool
    complete: bool
    blank: bool
    href: str


@dataclass(slots=True)
class Pulse:
    """The heartbeat of the document in one tab, or in the frame whose root element `page` finds.

    Page and agent have different clocks. For each document, the smallest (our time at receipt - page time in the
    answer) seen so far is the offset: it is above the true one by the fastest answer's way back, so a mapped moment
    is never earlier than the true one. `latest` is the last reading.
    """

    page: Page | PageLocator
    key: str
    clock: Clock
    latest: Beat | None = None
    _offsets: dict[str, float] = field(default_factory=dict)

    async def read(self, since: int = -1) -> Beat | None:
        """Return the state now; None while the document is being replaced."""
        return await self._ask(f"since => window[{self.key!r}].read(since)", since)

    async def next(self, since: Beat, within_s: float) -> Beat | None:
        """Return the state at the next change after `since` (another document is one), or after `within_s`."""
        script = f"([doc, seq, ms]) => window[{self.key!r}].next(doc, seq, ms)"
        return await self._ask(script, [since.doc, since.seq, within_s * 1000])

    async def _ask(self, script: str, argument: object) -> Beat | None:
        try:
            if isinstance(self.page, Page):
                return self.beat(await self.page.evaluate(script, argument))
            answer = await self.page.evaluate_all(f"(root, argument) => root.length && ({script})(argument)", argument)
        except PlaywrightError as error:
            if is_passing(error):
                return None
            if without_frame(error):
                self.latest = None
                return None
            raise
        return self.beat(answer) if answer else None

    def beat(self, answer: Mapping[str, Any]) -> Beat:
        """Translate what the page's script answered just now.

        Raises:
            PageTamperedError: It is no such answer.
        """
        try:
            return self._beat(answer)
        except (TypeError, KeyError, ValueError) as error:
            raise PageTamperedError(type(error).__name__) from None

    def _beat(self, answer: Mapping[str, Any]) -> Beat:
        doc, offset_s = str(answer["doc"]), self.clock() - float(answer["now"]) / 1000
        offset_s = self._offsets[doc] = min(offset_s, self._offsets.get(doc, offset_s))
        self.latest = Beat(
            doc=doc,
            seq=int(answer["seq"]),
            moves=tuple(float(at) / 1000 + offset_s for at in answer["moves"]),
            last=None if answer["last"] is None else float(answer["last"]) / 1000 + offset_s,
            leaving=None if answer["leaving"] is None else float(answer["leaving"]) / 1000 + offset_s,
            ready=bool(answer["ready"]),
            complete=bool(answer["complete"]),
            blank=bool(answer["blank"]),
            href=str(answer["href"]),
        )
        return self.latest


@dataclass(slots=True)
class FramedPulse:
    """The heartbeat of a tab together with that of frames in it: what matters may change in any of them.

    `outside`: what is looked for may stand outside of the frames too.
    """

    outer: Pulse
    inner: tuple[Pulse, ...]
    outside: bool

    @property
    def latest(self) -> Beat | None:
        """The last reading; None when a new one is needed."""
        return None

    async def read(self) -> Beat | None:
        """Return the state now; None while the tab's document is being replaced. Frames that are not there are none."""
        beat = await self.outer.read()
        framed = [found for pulse in self.inner if (found := await pulse.read()) is not None]
        if beat is None:
            return None
        unseen = not self.outside and bool(framed) and all(one.blank for one in framed)
        return replace(_joined(beat, framed), blank=beat.blank or unseen)

    async def next(self, since: Beat, within_s: float) -> Beat | None:
        """Return the state at the next change of a frame, or after `within_s`; each change keeps its own moment."""
        awaited = next((pulse for pulse in self.inner if pulse.latest is not None), self.outer)
        await awaited.next(awaited.latest or since, within_s)
        return await self.read()


def _joined(beat: Beat, framed: list[Beat]) -> Beat:
    every = (beat, *framed)
    return replace(
        beat,
        doc=" ".join(one.doc for one in every),
        moves=tuple(sorted(chain.from_iterable(one.moves for one in every))),
        last=max((one.last for one in every if one.last is not None), default=None),
        leaving=next((one.leaving for one in every if one.leaving is not None), None),
        ready=all(one.ready for one in every),
        complete=all(one.complete for one in every),
    )
