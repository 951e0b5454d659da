"""What one run says about each indicator: pure functions from a run to observations.

Indicators that no run can give yet (progress_shown, help_items, notices) simply have no observation; they are left out
and their points go to the rest of their pillar. `axe` comes from audits (`ranking.tally`).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from checks.config import AnyCheck, Target
from checks.model import BrowserCheck, HttpCheck, Reference, TlsCheck
from checks.ranking import IndicatorId
from checks.run import Reason, Run, Verdict
from ranking.availability import Fate

USED_TYPES = (BrowserCheck, HttpCheck, TlsCheck)
"""Checks whose runs give an indicator; coverage is asked of these."""

QUANTILES: dict[IndicatorId, float] = {"lcp_p75": 0.75, "step_p95": 0.95}
_REACHED = (Verdict.OK, Verdict.SLOW)
_TIMED_OUT = (Reason.TIMEOUT, Reason.DEADLINE)


@dataclass(frozen=True, slots=True)
class Part:
    """`top` of `bottom`; the indicator is the sum of the tops over the sum of the bottoms."""

    indicator: IndicatorId
    top: float
    bottom: float = 1.0


@dataclass(frozen=True, slots=True)
class Time:
    """One measured time for a quantile, in seconds."""

    indicator: IndicatorId
    seconds: float


Observation = Part | Time


def observations(run: Run, outcome: Fate, target: Target[AnyCheck], apdex_t: float) -> Iterator[Observation]:
    """Yield what a run that counts (good or bad) says; times are in seconds, shares 0-1."""
    good = outcome is Fate.GOOD
    if isinstance(target.check, HttpCheck):
        yield Part("page_availability", float(good))
    if isinstance(target.check, BrowserCheck):
        yield Part("journey_completion", float(good))
        if target.check.device == "mobile":
            yield Part("mobile", float(good))
        yield from _response(run, target, target.check, apdex_t)
        if good:
            yield from _convenience(run, target)
    secure = certificate_valid(run, target)
    if secure is not None:
        yield Part("https", float(secure))


def certificate_valid(run: Run, target: Target[AnyCheck]) -> bool | None:
    """Whether this run met a trusted certificate that has not run out; None when it cannot tell.

    An answer over plain HTTP counts as no certificate in production only: test systems may do without.
    """
    if not isinstance(target.check, HttpCheck | TlsCheck):
        return None
    if run.certificate is not None:
        return run.certificate.trusted and run.certificate.days_left > 0
    if run.reason is Reason.TLS:
        return False
    plain = isinstance(target.check, HttpCheck) and target.check.url.startswith("http://")
    return False if plain and run.good and target.system.environment == "production" else None


def _response(run: Run, target: Target[AnyCheck], check: BrowserCheck, apdex_t: float) -> Iterator[Observation]:
    if run.verdict is Verdict.SLOW and run.blame != "system":
        return  # the time belongs to the outside system that was waited for
    timeouts = {step.name: step.timeout for step in target.steps}
    if run.timed:
        yield from _lcps(run)
    for step in run.steps:
        if step.verdict in _REACHED and run.timed:
            yield Part("apdex", _satisfaction(step.duration_s, apdex_t))
            yield Time("step_p95", step.duration_s)
        elif step.verdict is Verdict.FAILED:
            yield Part("apdex", 0.0)
            if step.reason in _TIMED_OUT:
                yield Time("step_p95", max(step.duration_s, timeouts.get(step.name) or check.step_timeout))


def _lcps(run: Run) -> Iterator[Time]:
    steps = [step.vitals.lcp_s for step in run.steps if step.vitals.lcp_s is not None]
    whole = [run.vitals.lcp_s] if run.vitals.lcp_s is not None else []
    return (Time("lcp_p75", lcp) for lcp in steps or whole)


def _satisfaction(duration_s: float, apdex_t: float) -> float:
    """Return 1 up to T, one half up to 4 T, else 0 (Apdex)."""
    if duration_s <= apdex_t:
        return 1.0
    return 0.5 if duration_s <= 4 * apdex_t else 0.0


def _convenience(run: Run, target: Target[AnyCheck]) -> Iterator[Part]:
    if run.ux.clicks_to_find is not None:
        yield Part("clicks_to_find", run.ux.clicks_to_find)
    reference = target.service.reference if target.service is not None else Reference()
    walked = ((run.ux.steps, reference.steps), (run.ux.clicks, reference.clicks))
    ratios = [count / norm for count, norm in walked if norm is not None]
    if ratios:
        yield Part("steps_and_clicks", sum(ratios) / len(ratios))
    if reference.fields is not None:
        again = run.ux.re_entry / run.ux.fields if run.ux.fields else 0.0
        yield Part("fields_and_re_entry", run.ux.fields / reference.fields + again)
    if reference.handling is not None and run.timed:
        yield Part("handling_time", run.ux.handling_s / reference.handling)
