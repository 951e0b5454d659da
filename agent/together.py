"""Many failing together: one cause common to them all, or our own network. Pure rules; see docs/measures.md."""

from collections.abc import Iterable
from dataclasses import dataclass

from checks.run import SYSTEM, Finding, Reason, Verdict

WINDOW_S = 60.0
"""How far back from the judgement others are looked at, at least; further when the slot began earlier."""

NETWORK_KIND = frozenset({Reason.DNS, Reason.TCP, Reason.TLS, Reason.TIMEOUT, Reason.DEADLINE})
"""Reasons that a broken network of ours looks like from inside."""


@dataclass(frozen=True, slots=True)
class Bar:
    """How many systems must fail together, and which share of those that were looked at."""

    least: int
    share: float


WITH_REFERENCES = Bar(least=3, share=0.6)
WITHOUT_REFERENCES = Bar(least=2, share=0.5)
"""Stricter: nobody else can say whether the network here worked."""


@dataclass(frozen=True, slots=True)
class Attempted:
    """One attempt that was measured: when it ended (monotonic seconds), of which system, and whom it found silent.

    `silent` is the id of the system or dependency that a failure of network kind was charged to; None otherwise.
    """

    ended_s: float
    system: str
    silent: str | None


def attempted(finding: Finding, system: str, ended_s: float) -> Attempted | None:
    """Return what an attempt says about who could be reached; None when it says nothing."""
    if finding.verdict in (Verdict.INCONCLUSIVE, Verdict.SKIPPED):
        return None
    silent = accused(finding, system) if finding.verdict is Verdict.FAILED and finding.reason in NETWORK_KIND else None
    return Attempted(ended_s, system, silent)


def accused(finding: Finding, system: str) -> str:
    """Return the id of the system or dependency that a finding on `system` is charged to."""
    return system if finding.blame == SYSTEM else finding.blame.partition(":")[2] or system


def failing_together(attempts: Iterable[Attempted], since_s: float, bar: Bar) -> frozenset[str]:
    """Return who failed together since a moment; nobody when they are too few.

    One good attempt on a system clears it. Two systems never share a host (the loader sees to that), so these are
    always different servers.
    """
    recent = [one for one in attempts if one.ended_s >= since_s]
    reached = {one.system for one in recent if one.silent != one.system}
    silent = {one.silent for one in recent if one.silent is not None}
    failing = silent - reached
    enough = len(failing) >= bar.least and len(failing) >= bar.share * len(reached | silent)
    return frozenset(failing) if enough else frozenset()
