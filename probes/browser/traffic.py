"""The requests of a walk: whose they were, what is still awaited, and which of them the citizen waited for."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, Page, Request
from playwright.async_api import Error as PlaywrightError

from checks.owners import HostOwners
from checks.run import OwnerShare, Pushback
from probes.browser.gate import REFUSED_INSIDE, Gate
from probes.browser.listening import listener
from probes.browser.pulse import Clock
from probes.pushback import pushback

_ABORTED = "net::ERR_ABORTED"
_SHEET = "stylesheet"
_NEEDED = frozenset({"document", "script", _SHEET, "xhr", "fetch"})
"""What a page may have to wait for; pictures, fonts, sounds and reports come beside it."""
_ASKING = frozenset({"xhr", "fetch"})
_MOVED = 300
_BAD_STATUS = 400
_BROKEN_STATUS = 500
_WITHOUT_BODY = frozenset({204, 205, 304})
_WEIGHING_S = 1.0
_MOST_WEIGHED = 500
_MOST_KEPT = 10_000
_LONGEST_NUMBER = 15
"""Digits of a size; a server may say anything."""
_SLACK_S = 0.05


@dataclass(slots=True)
class Sent:
    """One request; moments are ours, `server_s` is the browser's own measure of request sent to first byte.

    `lookup` is from when until when our own resolver was asked for its name, once an answer has told.
    """

    request: Request
    url: str
    owner: str
    kind: str
    step: int
    started: float
    page: Page | None
    main: bool
    redirected: bool
    ended: float | None = None
    error: str | None = None
    status: int | None = None
    retry_after: str | None = None
    server_s: float | None = None
    lookup: tuple[float, float] | None = None
    bytes: int | None = None

    @property
    def pending(self) -> bool:
        """Whether its answer is not complete yet."""
        return self.ended is None

    @property
    def moved(self) -> bool:
        """Whether it was answered with another address to ask."""
        return _MOVED <= (self.status or 0) < _BAD_STATUS

    @property
    def headers(self) -> Mapping[str, str]:
        """The header fields of its answer, names in lower case; none before it came."""
        response = self.request.existing_response
        return response.headers if response is not None else {}

    @property
    def host(self) -> str:
        """The host and port it was sent to; never its path or query, which may hold what was typed."""
        return urlsplit(self.url).netloc.rpartition("@")[2]

    @property
    def lost(self) -> bool:
        """Whether it broke off; one that the page gave up by itself, or that we did not let out, did not."""
        return self.error not in (None, _ABORTED, REFUSED_INSIDE)

    @property
    def failed(self) -> bool:
        """Whether it went wrong: broke off, or was answered with an error."""
        return self.lost or (self.status or 0) >= _BAD_STATUS


@dataclass  # without slots: Playwright keeps its wrapper of a listening method on the object
class Traffic:
    """Everything the tabs of one walk asked for; `step` is the number requests are booked to from now on."""

    owners: HostOwners
    clock: Clock
    gate: Gate
    step: int = 0
    sent: list[Sent] = field(default_factory=list)
    _by_request: dict[Request, Sent] = field(default_factory=dict)

    def attach(self, context: BrowserContext) -> None:
        """Listen to every tab of `context`.

        Not to `response`: each event costs as much as a question to the page, and an answer is known by its end.
        """
        context.on("request", listener(self._asked))
        context.on("requestfinished", listener(self._finished))
        context.on("requestfailed", listener(self._failed))

    def forget(self) -> None:
        """Start afresh, as after an unmeasured pass."""
        self.step = 0
        self.sent.clear()
        self._by_request.clear()

    def main(self, page: Page) -> Sent | None:
        """Return the latest request for the document shown in `page`."""
        return next((sent for sent in self._documents() if sent.main and sent.page in (page, None)), None)

    def document(self, page: Page) -> Sent | None:
        """Return the latest request for a document shown in `page` or in a frame of it."""
        return next((sent for sent in self._documents() if sent.page in (page, None)), None)

    def rounds(self, page: Page, since: float) -> int:
        """Return how many documents `page` has asked for since a moment, redirect hops not counted."""
        return sum(s.main and s.page is page and not s.redirected and s.started >= since for s in self.sent)

    def latest_main(self) -> Sent | None:
        """Return the latest main document that was answered, in any tab."""
        return next((sent for sent in self._documents() if sent.main and sent.status is not None), None)

    def let_in(self, main: Sent | None) -> bool:
        """Whether the host of a main document has shown a good one before it."""
        if main is None:
            return False
        before = (sent for sent in self._documents() if sent.main and sent.started < main.started)
        return any(sent.host == main.host and 0 < (sent.status or 0) < _MOVED for sent in before)

    def _documents(self) -> Iterator[Sent]:
        return (_hear(sent) for sent in reversed(self.sent) if sent.main or sent.kind == "document")

    def before(self, main: Sent) -> str:
        """Return the address of whatever led to a main document: the hop before it, else the page shown before."""
        hop = main.request.redirected_from
        latest = self.latest_main()
        return hop.url if hop is not None else latest.url if latest is not None else ""

    def pushback(self, now: datetime) -> Pushback | None:
        """Return the latest word to come later with which a main document was answered."""
        words = (pushback(s.url, s.status, s.retry_after, now) for s in self._documents() if s.main and s.status)
        return next((word for word in words if word is not None), None)

    def awaited(self, age_s: float) -> list[Sent]:
        """Return the needed requests that have been pending for `age_s` or longer, oldest first."""
        now = self.clock()
        return [s for s in self.sent if s.pending and s.kind in _NEEDED and now - s.started >= age_s]

    def sheets_awaited(self, page: Page) -> list[Sent]:
        """Return the style sheets of `page` that are pending, oldest first: what a white page waits for."""
        return [sent for sent in self.awaited(0.0) if sent.kind == _SHEET and sent.page is page]

    def troubles(self, page: Page, step: int) -> list[Sent]:
        """Return the needed requests that went wrong: those of a step, and those of the document shown in `page`.

        An answer of code 4xx to a script's question is an answer (nobody is signed in, nothing was found); a script, a
        style sheet or a frame that is answered so is a fault.
        """
        main = self.main(page)
        shown_since = main.started if main is not None else 0.0
        return [
            sent
            for sent in self.sent
            if sent.kind in _NEEDED
            and (sent.step == step or (sent.page is page and sent.started >= shown_since))
            and (sent.lost or (sent.status or 0) >= (_BROKEN_STATUS if sent.kind in _ASKING else _BAD_STATUS))
        ]

    def waited_for(self, began: float, ended: float, *, blank: bool = False) -> dict[str, float]:
        """Return the seconds by owner during which an unmet goal was waited for; what is still pending waits on.

        Of what is pending, a page that is still white (`blank`) waits for its style sheets only.
        """
        sent = (one for one in self.sent if not (blank and one.pending) or one.kind == _SHEET)
        return critical_path(sent, began, ended, pending_until=ended)

    def lookup_s(self, began: float, ended: float, *, met: bool = True) -> float:
        """Return for how long a step waited for our own resolver: look-ups of what stands on its critical path."""
        path = critical_answers(self.sent, began, ended, None if met else ended)
        return sum(_lookup_s(sent, start, end) for sent, start, end in path)

    def owners_of_chain(self, main: Sent) -> set[str]:
        """Return whose hosts a main document was asked of, hop after hop."""
        owners, hop = {main.owner}, main.request.redirected_from
        while hop is not None:
            owners.add(self.owners.owner(hop.url))
            hop = hop.redirected_from
        return owners

    def faults(self, step: int) -> list[Sent]:
        """Return the requests of a step that went wrong."""
        return [sent for sent in self.sent if sent.step == step and sent.failed]

    def server_s(self, step: int) -> float | None:
        """Return how long the servers took for the main documents of a step, redirect hops included."""
        mains = [_hear(sent) for sent in self.sent if sent.step == step and sent.main]
        spans = [sent.server_s for sent in mains if sent.server_s is not None]
        return sum(spans) if spans else None

    def redirects(self, step: int) -> int:
        """Return how many hops the main documents of a step took before they settled."""
        return sum(sent.step == step and sent.main and sent.redirected for sent in self.sent)

    def shares(self, step: int, began: float, goal: float) -> tuple[OwnerShare, ...]:
        """Return what each owner contributed to a step that lasted from `began` to `goal`."""
        mine = sorted((sent for sent in self.sent if sent.step == step), key=lambda sent: sent.owner)
        critical = critical_path(self.sent, began, goal)
        by_owner = {owner: list(group) for owner, group in groupby(mine, key=lambda sent: sent.owner)}
        # What was asked for in the step before may be waited for in this one.
        owners = sorted(by_owner.keys() | critical.keys())
        return tuple(_share(owner, by_owner.get(owner, []), critical.get(owner, 0.0)) for owner in owners)

    async def weigh(self) -> None:
        """Ask the browser for the size of answers that did not say it; not while anything is timed."""
        unknown = [s for s in self.sent if s.bytes is None and s.ended is not None and s.error is None]
        try:
            async with asyncio.timeout(_WEIGHING_S):
                await asyncio.gather(*(_weigh(sent) for sent in unknown[:_MOST_WEIGHED]))
        except TimeoutError:
            return

    def _asked(self, request: Request) -> None:
        page, main = _place(request)
        if len(self.sent) >= _MOST_KEPT and not main:  # a page that never stops asking must not cost us memory
            return
        sent = Sent(
            request=request,
            url=request.url,
            owner=self.owners.owner(request.url),
            kind=request.resource_type,
            step=self.step,
            started=self.clock(),
            page=page,
            main=main,
            redirected=request.redirected_from is not None,
        )
        self.sent.append(sent)
        self._by_request[request] = sent

    def _finished(self, request: Request) -> None:
        sent = self._by_request.get(request)
        if sent is not None:
            # The browser's own word for how long it took: we may hear of the end late, but never before it.
            span_ms = request.timing["responseEnd"]
            sent.ended = min(self.clock(), sent.started + span_ms / 1000) if span_ms > 0 else self.clock()
            sent.lookup = sent.lookup or self.gate.asked_when(sent.url)
            _hear(sent)

    def _failed(self, request: Request) -> None:
        sent = self._by_request.get(request)
        if sent is not None:
            sent.ended = self.clock()
            sent.error = self.gate.told(sent.url, request.failure or "unknown")
            sent.lookup = sent.lookup or self.gate.asked_when(sent.url)
            _hear(sent)
            sent.bytes = 0  # how much of it came before it broke off is not known


def _hear(sent: Sent) -> Sent:
    """Note what the head of the answer says, as soon as it is there; for documents that is before their end."""
    response = sent.request.existing_response
    if sent.status is None and response is not None:
        sent.status = response.status
        sent.retry_after = response.headers.get("retry-after")
        length = response.headers.get("content-length", "")
        sent.bytes = int(length) if length.isdecimal() and len(length) <= _LONGEST_NUMBER else None
        if response.status in _WITHOUT_BODY:
            sent.bytes = 0
        timing = sent.request.timing
        if timing["domainLookupStart"] >= 0:
            asked, told = timing["domainLookupStart"], timing["domainLookupEnd"]
            sent.lookup = sent.started + asked / 1000, sent.started + told / 1000
        if timing["requestStart"] < 0:
            sent.bytes = 0  # from the browser's cache: nothing was sent
        elif timing["responseStart"] >= 0:
            sent.server_s = (timing["responseStart"] - timing["requestStart"]) / 1000
    return sent


def _place(request: Request) -> tuple[Page | None, bool]:
    """Return the tab of a request and whether it is for the tab's main document."""
    navigation = request.is_navigation_request()
    try:
        frame = request.frame
    except PlaywrightError:  # a new tab's first document, or a service worker
        return None, navigation
    return frame.page, navigation and frame.parent_frame is None


async def _weigh(sent: Sent) -> None:
    try:
        sent.bytes = max(0, (await sent.request.sizes())["responseBodySize"])
    except PlaywrightError:  # its tab is gone; an unknown size counts as none
        return


def critical_path(
    sent: Iterable[Sent], began: float, goal: float, pending_until: float | None = None
) -> dict[str, float]:
    """Return the seconds by owner during which a step waited for an answer it may have needed.

    Walks back from the goal: the last answer before it, then the last answer before that request was sent, and so
    on. Requests running beside these count nothing, so the sum never exceeds the step; nor does what our own resolver
    took. We hear of an answer a trip through the driver after the page has it, hence the slack. Where the goal never
    came, what is pending counts as answered at `pending_until`; of several, the one asked first is the one that is
    waited for.
    """
    spent: dict[str, float] = {}
    for one, start, end in critical_answers(sent, began, goal, pending_until):
        spent[one.owner] = spent.get(one.owner, 0.0) + end - start - _lookup_s(one, start, end)
    return spent


def critical_answers(
    sent: Iterable[Sent], began: float, goal: float, pending_until: float | None = None
) -> Iterator[tuple[Sent, float, float]]:
    """Yield the answers on a step's critical path, last first, each with the part of the time that is its own."""
    spans = sorted(
        (
            (end, -s.started, s.owner, s)
            for s in sent
            if s.kind in _NEEDED
            if (end := s.ended or pending_until) is not None
        ),
        key=lambda span: span[:3],
    )
    cursor = goal
    for ended, negated, _, one in reversed(spans):
        started = -negated
        if ended > cursor + _SLACK_S or started >= cursor or ended <= began:
            continue
        start = max(started, began)
        yield one, start, min(ended, cursor)
        cursor = start


def _lookup_s(sent: Sent, start: float, end: float) -> float:
    asked, told = sent.lookup or (start, start)
    return max(0.0, min(told, end) - max(asked, start))


def _share(owner: str, sent: list[Sent], critical_s: float) -> OwnerShare:
    return OwnerShare(
        owner=owner,
        requests=len(sent),
        failed=sum(one.failed for one in sent),
        bytes=sum(one.bytes or 0 for one in sent),
        critical_s=critical_s,
    )
