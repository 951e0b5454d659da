"""How long the reference walk takes on this machine when nothing disturbs it: kept over restarts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import structlog

log = structlog.get_logger(__name__)

KEPT_HOURS = 7 * 24
"""The quickest of each hour is kept for a week: longer than a busy spell, shorter than the life of a machine."""

_HOUR_S = 3600
_LOW = 5  # a fifth lies below: low, and not one lucky moment
_TRUSTED = 2


@dataclass(slots=True)
class Baseline:
    """What was measured at rest. `key` names what it holds for: browser, processors, page; another one starts anew.

    `best` is hour -> the quickest in it, in seconds; `count` is how many were taken in.
    """

    key: str
    best: dict[int, float] = field(default_factory=dict)
    count: int = 0

    def take(self, took_s: float, now_s: float) -> None:
        """Take in what was measured at rest at `now_s` of the epoch."""
        hour = int(now_s // _HOUR_S)
        self.best[hour] = min(took_s, self.best.get(hour, took_s))
        self.best = {one: took for one, took in self.best.items() if hour - KEPT_HOURS < one <= hour}
        self.count += 1

    @property
    def rest_s(self) -> float | None:
        """How long it takes at rest: a fifth of the kept hours were quicker. None while too little is known."""
        if self.count < _TRUSTED:
            return None
        ordered = sorted(self.best.values())
        return ordered[len(ordered) // _LOW]

    def slowdown(self, took_s: float) -> float | None:
        """Return how many times as long as at rest something took; None while nobody can tell."""
        return took_s / self.rest_s if self.rest_s is not None else None

    @classmethod
    def read(cls, path: Path | None, key: str) -> Self:
        """Return what is kept for `key`; a new one when there is nothing, or nothing that can be read."""
        if path is None or not path.exists():
            return cls(key)
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            if kept["key"] == key:
                return cls(key, _hours(kept["best"]), int(kept["count"]))
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            log.warning("baseline_unreadable", path=str(path), error=str(error))
        return cls(key)

    def write(self, path: Path | None) -> None:
        """Keep it; a disk that takes nothing costs no more than the next start's first minutes."""
        if path is None:
            return
        fresh = path.with_suffix(".new")
        try:
            fresh.write_text(json.dumps({"key": self.key, "best": self.best, "count": self.count}), encoding="utf-8")
            fresh.replace(path)
        except OSError as error:
            log.warning("baseline_not_kept", path=str(path), error=str(error))


def _hours(kept: Mapping[str, Any]) -> dict[int, float]:
    best = {int(hour): float(took) for hour, took in kept.items()}
    if not best or not all(0 < took < _HOUR_S for took in best.values()):
        raise ValueError("holds times that nothing can have taken")
    return best
