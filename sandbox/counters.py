"""Independent counts of what really reached the province."""

from collections import Counter
from typing import Any

from sandbox.visitors import VisitorBook


class Counters:
    """Counts kept where things happen; `submissions` rises exactly when a dossier is created."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin again at zero."""
        self.page_views: Counter[tuple[str, str, str]] = Counter()
        self.submissions: Counter[str] = Counter()
        self.uploads: Counter[str] = Counter()
        self.sign_ins: Counter[str] = Counter()
        self.payments: Counter[str] = Counter()
        self.look_ups: Counter[str] = Counter()
        self.requests: Counter[str] = Counter()
        self.visitors = VisitorBook()

    def as_json(self) -> dict[str, Any]:
        """The counts as a JSON object; page views are a list of rows."""
        views = [
            {"system": system, "service": service, "step": step, "count": count}
            for (system, service, step), count in sorted(self.page_views.items())
        ]
        return {
            "page_views": views,
            "submissions": dict(sorted(self.submissions.items())),
            "submissions_total": self.submissions.total(),
            "uploads": dict(sorted(self.uploads.items())),
            "sign_ins": {"succeeded": self.sign_ins["succeeded"], "refused": self.sign_ins["refused"]},
            "payments": dict(sorted(self.payments.items())),
            "look_ups": {"found": self.look_ups["found"], "not_found": self.look_ups["not_found"]},
            "requests": dict(sorted(self.requests.items())),
            "visitors": self.visitors.as_json(),
        }
