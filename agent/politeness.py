"""How much any one host is asked of: a budget of visits a minute, and rest for whoever asks to be left alone.

Decided in pure functions; `Politeness` remembers, in memory only. Spans are monotonic seconds.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from agent.clock import SystemClock
from checks import model
from checks.config import AnyCheck, Target
from checks.run import Finding, Pushback
from checks.visits import is_limited, visited
from exporters.snapshot import Resting

_WINDOW_S = 60.0
_FIRST_REST_S = 60.0
_EARLY_S = 0.01  # timers may fire a moment before their time


@dataclass(frozen=True, slots=True)
class Rest:
    """A host is left alone until `ends_s`; `span_s` is how long that was from the start."""

    ends_s: float
    span_s: float


def turn_in_s(begun: Sequence[float], now_s: float, most: int) -> float:
    """Return how long a visit must wait when earlier ones of the host began at `begun` (oldest first)."""
    if len(begun) < most:
        return 0.0
    return max(0.0, begun[-most] + _WINDOW_S - now_s)


def rest_for(word: Pushback, before: Rest | None, now_s: float, longest_s: float) -> Rest:
    """Return how long a host that pushed back is left alone: as long as it said, else twice as long as before."""
    if word.retry_after_s is not None:
        span_s = word.retry_after_s
    else:
        span_s = 2 * before.span_s if before is not None else _FIRST_REST_S
    span_s = min(span_s, longest_s)
    return Rest(max(now_s + span_s, before.ends_s if before is not None else 0.0), span_s)


@dataclass(slots=True)
class Politeness:
    """Remembers the visits and the wishes of every host (`host:port` of a document) while the process lives."""

    settings: model.Politeness
    clock: SystemClock
    _begun: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    _rests: dict[str, Rest] = field(default_factory=dict)
    _met: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def rest_s(self, target: Target[AnyCheck]) -> float:
        """Return for how long a check must still stay away: from its host, and from others that pushed it back."""
        if not self._rests:
            return 0.0
        now_s = self.clock.monotonic()
        hosts = {visited(target), *self._met.get(target.check.id, ())}
        left = (rest.ends_s - now_s for host in hosts if (rest := self._rests.get(host)))
        return max((span_s for span_s in left if span_s > _EARLY_S), default=0.0)

    async def turn(self, target: Target[AnyCheck], patience_s: float) -> bool:
        """Wait for a visit's turn and take it; False if it does not come within `patience_s`."""
        host = visited(target)
        if not host or not is_limited(target):
            return True
        ends_s = self.clock.monotonic() + patience_s
        while True:
            now_s = self.clock.monotonic()
            begun = [moment for moment in self._begun[host] if moment > now_s - _WINDOW_S]
            wait_s = turn_in_s(begun, now_s, self.settings.visits_per_minute)
            if wait_s == 0.0:
                self._begun[host] = [*begun, now_s]
                return True
            if now_s + wait_s > ends_s:
                return False
            await self.clock.sleep(wait_s)

    def told(self, target: Target[AnyCheck], finding: Finding) -> None:
        """Take what a visit has shown: a wish to be left alone, or that all is well again."""
        word, now_s = finding.pushback, self.clock.monotonic()
        if word is not None and word.host:
            self._met[target.check.id].add(word.host)
            self._rests[word.host] = rest_for(word, self._rests.get(word.host), now_s, self.settings.longest_rest)
        elif finding.good:
            for host in {visited(target), *self._met.pop(target.check.id, ())}:
                if host in self._rests and self._rests[host].ends_s <= now_s:
                    del self._rests[host]

    def resting(self) -> tuple[Resting, ...]:
        """Return the hosts that are left alone now, and until when, in order of their names."""
        now_s, now = self.clock.monotonic(), self.clock.now()
        left = {host: rest.ends_s - now_s for host, rest in sorted(self._rests.items())}
        return tuple(Resting(host, now + timedelta(seconds=span_s)) for host, span_s in left.items() if span_s > 0)
