"""What a probe concludes, and how a conclusion becomes a Finding."""

import math
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from checks.config import AnyCheck, Target
from checks.run import AGENT, NETWORK, NOBODY, Blame, Finding, Reason, Verdict
from checks.secrets import Secrets
from probes.progress import Progress
from probes.wording import seconds

C = TypeVar("C", bound=AnyCheck)


@dataclass(frozen=True, slots=True)
class Conclusion:
    """A verdict with its cause; `blame` None means whoever owns the address that was waited for.

    `by_waiting`: it came about by time that went by, and whoever took most of that is meant, not who came last.
    """

    verdict: Verdict
    reason: Reason | None = None
    message: str = ""
    blame: Blame | None = None
    by_waiting: bool = False

    def filled(self, host: str, detail: str = "", **numbers: str) -> "Conclusion":
        """Return it about `host`, with the numbers that its message has places for, and with `detail` behind."""
        sentence = self.message.format(host=host, **numbers)
        return replace(self, message=f"{sentence} ({detail})" if detail else sentence)


def theirs(reason: Reason, message: str) -> Conclusion:
    """Conclude that a citizen could not have finished; the owner of the address is to blame."""
    return Conclusion(Verdict.FAILED, reason, message)


def ours(blame: Blame, reason: Reason, message: str) -> Conclusion:
    """Conclude that we cannot know, because of our agent or our network."""
    return Conclusion(Verdict.INCONCLUSIVE, reason, message, blame)


def unusable(error: Exception) -> Conclusion:
    """Conclude that checks.yaml names something that is not there (a secret, a CA file)."""
    return ours(AGENT, Reason.CONFIG, f"Cấu hình của phép đo chưa dùng được ({error})")


def reached(took_s: float, budget_s: float | None, *, lookup_s: float, flaw: str | None = None) -> Conclusion:
    """Conclude that the goal was met in `took_s`: ok, or slow when that broke the budget or there is a `flaw`.

    `lookup_s` is what our own resolver took of it. A budget that would have been kept without is nobody's fault.
    """
    allowed_s = math.inf if budget_s is None else budget_s
    if took_s - lookup_s > allowed_s:
        late = f"Chậm: {seconds(took_s)}, quá mức {seconds(allowed_s)}"
        message = f"{flaw}; {late}" if flaw else late
        return Conclusion(Verdict.SLOW, Reason.BUDGET, message, by_waiting=flaw is None)
    if flaw:
        return Conclusion(Verdict.SLOW, Reason.BUDGET, flaw)
    if took_s > allowed_s:
        lost = f"Máy chủ tên miền của máy đo mất {seconds(lookup_s)} trong {seconds(took_s)}"
        return ours(NETWORK, Reason.DNS, f"{lost}; không kể thì không quá mức {seconds(allowed_s)}")
    return Conclusion(Verdict.OK)


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
