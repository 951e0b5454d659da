"""What each visitor did, counted by the province itself: by its servers, and by the script in its pages."""

import re
import secrets
from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from aiohttp import web

LIMIT = 5000
_LATEST = 10
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")

OF_HANDS = ("clicks", "drags", "fields", "keystrokes", "choices", "files", "dialogs")
"""What the pages' script counts: see templates/usage.js."""
OF_SERVERS = (
    "documents", "frames", "routes", "redirects", "uploads", "sign_ins", "otps", "payments", "submissions", "look_ups",
)  # fmt: skip
"""What the servers count: see docs/sandbox.md."""
_MOST_AT_ONCE = 10_000
_MOST_HANDS = 10_000
_SHOWN = {"document": "documents", "iframe": "frames", "empty": "routes"}


@dataclass
class Visitor:
    """One browser, as its cookie tells. `hands` holds (moment in ms, mouse or keys), `tabs` the names of its tabs."""

    counts: Counter[str] = field(default_factory=Counter)
    tabs: set[str] = field(default_factory=set)
    hands: list[tuple[float, str]] = field(default_factory=list)

    def served(self, wanted: str, response: web.StreamResponse) -> None:
        """Count an answer; `wanted` is what the browser said it wanted it for (Sec-Fetch-Dest)."""
        if response.headers.get("Location"):
            self.counts["redirects"] += wanted == "document"
        elif response.content_type == "text/html" and wanted in _SHOWN:
            # A page that a script fetched and that refuses the form again is the screen that stood there already.
            again = wanted == "empty" and response.status != web.HTTPOk.status_code
            self.counts[_SHOWN[wanted]] += not again

    def told(self, report: Any) -> None:
        """Take a report of the script of a page.

        Raises:
            ValueError: It is not one.
        """
        if not isinstance(report, dict):
            raise ValueError("an object is expected")  # noqa: TRY004 -- one kind of error for whatever is wrong with it
        counts = {name: int(count) for name, count in dict(report.get("counts", {})).items()}
        hands = [(float(at), str(hand)) for at, hand in list(report.get("hands", ()))]
        if set(counts) - set(OF_HANDS) or any(abs(count) > _MOST_AT_ONCE for count in counts.values()):
            raise ValueError("unknown or unbelievable counts")
        self.counts.update(counts)
        self.hands = (self.hands + hands)[-_MOST_HANDS:]
        if report.get("tab"):
            self.tabs.add(str(report["tab"])[:40])

    def as_json(self) -> dict[str, int]:
        """Every count, zero or not. A tab is new when it is not the visitor's first."""
        changes = sum(one[1] != next_one[1] for one, next_one in pairwise(sorted(self.hands)))
        return {
            **{name: self.counts[name] for name in (*OF_HANDS, *OF_SERVERS)},
            "new_tabs": max(0, len(self.tabs) - 1),
            "hand_changes": changes,
        }


class VisitorBook:
    """The visitors by their cookies; the oldest beyond a limit are forgotten."""

    def __init__(self) -> None:
        self._visitors: OrderedDict[str, Visitor] = OrderedDict()

    def welcome(self, token: str | None) -> tuple[str, Visitor]:
        """Return the visitor with this cookie and the cookie; a new one where there was none."""
        known = token if token is not None and _TOKEN.fullmatch(token) else secrets.token_urlsafe(16)
        visitor = self._visitors.setdefault(known, Visitor())
        while len(self._visitors) > LIMIT:
            self._visitors.popitem(last=False)
        return known, visitor

    def as_json(self) -> list[dict[str, int]]:
        """The counts of every visitor who saw or did something, in the order of their first visit."""
        told = (visitor.as_json() for visitor in self._visitors.values())
        return [counts for counts in told if any(counts.values())]

    def latest(self) -> list[dict[str, int]]:
        """The last few of them, newest first."""
        return self.as_json()[: -_LATEST - 1 : -1]
