"""Moments -> business steps: where one ends, when it is over, and what a citizen would call it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from checks.recordings.naming import named
from checks.recordings.recording import Landing, Moment, Recording, Written, locator_of
from checks.recordings.words import lasting_path, parts_of, path_of

_PRESSED = frozenset({"link", "button", "tab", "menuitem"})
_CHOICES = frozenset({"option", "menuitem", "listitem"})
_TYPED = frozenset({"fill", "select", "check", "uncheck", "upload", "type", "clear", "totp"})
BASE = "${system.url}"
_UNTOLD = "nothing in the recording tells when this step is over; give it an `until`"


@dataclass(slots=True)
class Draft:
    """A step as it will be written: its moments in order, and the goal that ends it (None: nobody knows)."""

    moments: list[Moment]
    name: str = ""
    until: Written | None = None

    @property
    def done(self) -> list[Moment]:
        """Return the moments in which something was done or expected."""
        return [moment for moment in self.moments if moment.action is not None or moment.expects is not None]

    @property
    def lands(self) -> Landing | None:
        """Return the page this step led to, as far as the recording tells."""
        return next((m.lands for m in reversed(self.moments) if m.lands is not None), None)


@dataclass(slots=True)
class _Groups:
    """Cuts moments into steps. `over` says that the step is over unless something is expected of its page."""

    by_presses: bool
    groups: list[list[Moment]] = field(default_factory=lambda: [[]])
    over: bool = False
    lost: list[Moment] = field(default_factory=list)

    def take(self, moment: Moment) -> None:
        if moment.lost:
            self.lost.append(moment)
            return
        belongs = moment.expects is not None or moment.kind == "new_tab"
        opens = moment.kind == "goto" and bool(self.groups[-1])
        if opens or (self.over and not belongs and not self._chooses(moment)):
            self.groups.append([])
        self.groups[-1] += [*self.lost, moment]
        self.lost = []
        self.over = self._ends(moment)

    def _ends(self, moment: Moment) -> bool:
        if moment.lands is not None or moment.expects is not None:
            return True
        if moment.kind == "new_tab":
            return True
        return self.by_presses and self._presses(moment)

    def _presses(self, moment: Moment) -> bool:
        if moment.kind == "press":
            return moment.target.get("key") == "Enter"
        if moment.kind not in ("click", "download"):
            return False
        target = moment.target
        return target.get("role") in _PRESSED or "text" in target

    def _chooses(self, moment: Moment) -> bool:
        """A click on an option belongs to the click that opened the list."""
        return moment.kind == "click" and moment.target.get("role") in _CHOICES and self.groups[-1][-1].lands is None


def steps(recording: Recording) -> list[Draft]:
    """Return the business steps of a recording, each with the goal that the recording tells or lets one guess."""
    groups = _Groups(by_presses=not recording.navigates)
    for moment in _tidy(recording.moments):
        groups.take(moment)
    if groups.lost:
        groups.groups[-1] += groups.lost
    drafts = [Draft(group) for group in groups.groups if group]
    _goals(drafts, recording)
    taken: set[str] = set()
    for draft in drafts:
        draft.name = named(draft.done, draft.lands, draft.until, taken)
        taken.add(draft.name)
    return drafts


def _tidy(moments: Sequence[Moment]) -> Iterator[Moment]:
    """Leave out the click that only put the cursor where the next moment types, and the Tab that moved on to it."""
    for index, moment in enumerate(moments):
        after = moments[index + 1] if index + 1 < len(moments) else None
        if after is not None and moment.lands is None and after.kind in _TYPED:
            focused = moment.kind == "click" and locator_of(moment.target) == locator_of(after.target)
            moved_on = moment.kind == "press" and moment.target.get("key") in ("Tab", "Shift+Tab")
            if focused or moved_on:
                continue
        yield moment


def _goals(drafts: Sequence[Draft], recording: Recording) -> None:
    title, path = "", ""
    used: list[Moment] = []
    for index, draft in enumerate(drafts):
        arrived = draft.lands
        following = drafts[index + 1] if index + 1 < len(drafts) else None
        last = draft.done[-1] if draft.done else None
        if last is not None and last.expects is not None:
            draft.until = last.expects
            draft.moments.remove(last)
        elif arrived is not None and arrived.title.strip() and arrived.title.strip() not in title:
            draft.until = {"title": arrived.title.strip()}
        elif following is not None and (sign := _first_new(following, [*used, *draft.done])) is not None:
            draft.until = {"visible": sign}
        elif arrived is not None and arrived.url and lasting_path(arrived.url) not in (path or "/"):
            draft.until = {"url": lasting_path(arrived.url)}
        else:
            recording.note(draft.moments[-1].line, _UNTOLD)
        used = [] if arrived is not None else [*used, *draft.done]
        title = arrived.title if arrived is not None else title
        path = f"{path_of(arrived.url)}?{parts_of(arrived.url).query}" if arrived is not None and arrived.url else path


def _first_new(draft: Draft, used: Sequence[Moment]) -> Written | None:
    """Return the first thing the next step uses, unless it was there before: then it tells nothing."""
    first = next((m for m in draft.done if m.kind not in ("dialog", "new_tab", "goto")), None)
    if first is None or not (first.target or first.expects):
        return None
    if first.expects is not None:
        return first.expects.get("visible")
    located = locator_of(first.target)
    if not located or first.kind == "upload" or any(locator_of(moment.target) == located for moment in used):
        return None
    return located
