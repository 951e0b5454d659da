"""What a month of one check's runs comes to: counts, and one estimate per indicator."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from checks.audit import Audit
from checks.config import AnyCheck, Target
from checks.model import BrowserCheck, HttpCheck
from checks.ranking import IndicatorId, RankingMethod
from checks.run import Run, Verdict
from ranking.availability import Counts, Fate, fate
from ranking.estimate import Estimate, Fixed, Floats, Peak, Quantile, Ratio, pack
from ranking.indicators import QUANTILES, Part, certificate_valid, observations
from ranking.outages import Outage, outages
from ranking.period import Period

COUNTED = (Fate.GOOD, Fate.BAD)
_SUFFER: tuple[IndicatorId, ...] = ("journey_completion", "page_availability", "mobile", "apdex")
"""Ratios that an interruption lowers."""
_DAY_S = 86400.0
_UX = ("steps", "clicks", "fields", "re_entry", "handling_s")


@dataclass(frozen=True, slots=True)
class Facts:
    """One check's month.

    Attributes:
        estimates: What can be said per indicator; those without a sample are not in it.
        ux: Mean counts of a walk finished at the first attempt (steps, clicks, fields, re_entry, handling_s); empty
            without one.
        days: Days of the period (0-based) that have a counted result.
        outages: Bad spans, longest first.
        certificate_invalid_s: Longest span in which the certificate was not valid.
    """

    target: Target[AnyCheck]
    counts: Counts
    estimates: Mapping[IndicatorId, Estimate]
    ux: Mapping[str, float]
    days: frozenset[int]
    outages: tuple[Outage, ...]
    certificate_invalid_s: float


class Tally:
    """Collects one check's runs, in any order."""

    def __init__(self, target: Target[AnyCheck], period: Period, method: RankingMethod) -> None:
        self._target = target
        self._period = period
        self._apdex_t = method.apdex_t
        self._unseen_s = min(method.unseen_outage, _DAY_S)
        self._fates: Counter[Fate] = Counter()
        self._slow = 0
        self._tops: defaultdict[IndicatorId, Floats] = defaultdict(lambda: np.zeros(period.days + 1))
        self._bottoms: defaultdict[IndicatorId, Floats] = defaultdict(lambda: np.zeros(period.days + 1))
        self._times: defaultdict[IndicatorId, array[int]] = defaultdict(lambda: array("Q"))
        self._ux: Counter[str] = Counter()
        self._walks = 0
        self._days: set[int] = set()
        self._slots: defaultdict[str, list[tuple[datetime, bool]]] = defaultdict(list)
        self._audit: Audit | None = None
        self._certificates: defaultdict[str, list[tuple[datetime, bool]]] = defaultdict(list)

    def add(self, run: Run, *, in_maintenance: bool) -> None:
        """Take one slot's result."""
        outcome = fate(run, in_maintenance=in_maintenance)
        self._fates[outcome] += 1
        if isinstance(self._target.check, BrowserCheck | HttpCheck):
            self._slots[run.location].append((run.scheduled_at, outcome is Fate.BAD))
        if outcome in COUNTED:
            self._count(run, outcome)

    @property
    def audit(self) -> Audit | None:
        """The newest complete audit so far: the only one that counts."""
        return self._audit

    def look(self, audit: Audit) -> None:
        """Take one audit of accessibility."""
        order = (audit.started_at, audit.id)
        if audit.complete and (self._audit is None or order > (self._audit.started_at, self._audit.id)):
            self._audit = audit

    def _count(self, run: Run, outcome: Fate) -> None:
        day = self._period.day_of(run.scheduled_at)
        self._days.add(day)
        self._slow += run.verdict is Verdict.SLOW
        for seen in observations(run, outcome, self._target, self._apdex_t):
            if isinstance(seen, Part):
                self._tops[seen.indicator][day] += seen.top
                self._bottoms[seen.indicator][day] += seen.bottom
            else:
                self._times[seen.indicator].append(pack(day, seen.seconds))
        valid = certificate_valid(run, self._target)
        if valid is not None:
            self._certificates[run.location].append((run.scheduled_at, not valid))
        if outcome is Fate.GOOD and run.type == "browser" and run.timed:
            self._walks += 1
            for name in _UX:
                self._ux[name] += getattr(run.ux, name)

    def facts(self) -> Facts:
        """Return what the runs so far come to."""
        found = self._spans(self._slots)
        invalid = self._spans(self._certificates)
        return Facts(
            target=self._target,
            counts=self._counts(),
            estimates=self._estimates(found),
            ux={name: self._ux[name] / self._walks for name in _UX} if self._walks else {},
            days=frozenset(self._days),
            outages=tuple(sorted(found, key=lambda outage: (-outage.seconds, outage.began_at))),
            certificate_invalid_s=max((span.seconds for span in invalid), default=0.0),
        )

    def _spans(self, slots: Mapping[str, list[tuple[datetime, bool]]]) -> list[Outage]:
        check = self._target.check
        return [span for one in slots.values() for span in outages(check.id, sorted(one), check.every)]

    def _counts(self) -> Counts:
        recorded = sum(self._fates.values())
        scheduled = int(self._period.seconds // self._target.check.every) * max(1, len(self._slots))
        by_fate = {outcome.value: self._fates[outcome] for outcome in Fate}
        return Counts(due=max(recorded, scheduled), slow=self._slow, **by_fate)

    def _estimates(self, found: list[Outage]) -> dict[IndicatorId, Estimate]:
        estimates: dict[IndicatorId, Estimate] = {name: self._ratio(name) for name in self._tops}
        estimates |= {name: Quantile(QUANTILES[name], np.array(times)) for name, times in self._times.items()}
        if self._slots and self._days:
            estimates["longest_outage"] = self._peak(found)
        if self._audit is not None:
            estimates["axe"] = Fixed(self._audit.severe)
        return estimates

    def _ratio(self, name: IndicatorId) -> Ratio:
        """Return the days as they were, and an unseen day: the mean of them with an interruption in it."""
        top, bottom = self._tops[name].copy(), self._bottoms[name].copy()
        seen = np.count_nonzero(bottom)
        if name in _SUFFER:
            top[-1] = top.sum() / seen * (1 - self._unseen_s / _DAY_S)
            bottom[-1] = bottom.sum() / seen
        return Ratio(top, bottom)

    def _peak(self, found: list[Outage]) -> Peak:
        longest = np.full(self._period.days + 1, np.nan)
        longest[list(self._days)] = 0.0
        longest[-1] = self._unseen_s
        for outage in found:
            day = self._period.day_of(outage.began_at)
            longest[day] = max(longest[day], outage.seconds)
        return Peak(longest, sum(self._fates[outcome] for outcome in COUNTED))
