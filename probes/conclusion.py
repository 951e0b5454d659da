"""What a probe concludes, and how a conclusion becomes a Finding."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from checks.config import AnyCheck, Target
from checks.run import AGENT, NOBODY, Blame, Finding, Reason, Verdict
from checks.secrets import Secrets
from probes.progress import Progress
from probes.wording import seconds

C = TypeVar("C", bound=AnyCheck)


@dataclass(frozen=True, slots=True)
class Conclusion:
    """A verdict with its cause; `blame` None means whoever owns the address that was waited for."""

    verdict: Verdict
    reason: Reason | None = None
    message: str = ""
    blame: Blame | None = None


def theirs(reason: Reason, message: str) -> Conclusion:
    """Conclude that a citizen could not have finished; the owner of the address is to blame."""
    return Conclusion(Verdict.FAILED, reason, message)


def ours(blame: Blame, reason: Reason, message: str) -> Conclusion:
    """Conclude that we cannot know, because of our agent or our network."""
    return Conclusion(Verdict.INCONCLUSIVE, reason, message, blame)


def unusable(error: Exception) -> Conclusion:
    """Conclude that checks.yaml names something that is not there (a secret, a CA file)."""
    return ours(AGENT, Reason.CONFIG, f"Cấu hình của phép đo chưa dùng được ({error})")


def reached(complaints: Iterable[str | None], note: str = "") -> Conclusion:
    """Conclude that the goal was met: ok, or slow when a budget was broken; `note` is said in either case."""
    broken = [complaint for complaint in complaints if complaint]
    message = "; ".join([*broken, note] if note else broken)
    return Conclusion(Verdict.SLOW, Reason.BUDGET, message) if broken else Conclusion(Verdict.OK, message=message)


def over_budget(duration_s: float, budget_s: float | None) -> str | None:
    """Say that a look lasted longer than its budget, if it did."""
    if budget_s is None or duration_s <= budget_s:
        return None
    return f"Chậm: {seconds(duration_s)}, quá mức {seconds(budget_s)}"


def finding(conclusion: Conclusion, progress: Progress, target: Target[C], secrets: Secrets, **seen: Any) -> Finding:
    """Make the Finding of one look; `seen` are further fields of it.

    Secrets are masked before the message is capped, so that no half of one is left at the cut.
    """
    blame = NOBODY if conclusion.verdict is Verdict.OK else conclusion.blame or target.owners.blame(progress.url)
    return Finding(
        verdict=conclusion.verdict,
        blame=blame,
        reason=conclusion.reason,
        message=secrets.redact(conclusion.message),
        duration_s=progress.elapsed_s,
        phases=dict(progress.phases),
        **seen,
    )
