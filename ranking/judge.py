"""One unit's month: enough data or not, its points, its class, and what can be said with certainty."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from checks.ranking import ClassName, RankingMethod
from ranking.availability import total
from ranking.estimate import Floats
from ranking.intervals import as_it_was, interval, resampled, with_unseen_days
from ranking.outages import Outage
from ranking.period import Period
from ranking.recommend import fixes
from ranking.result import Effort, Judgement, Shortfall, Standing, UnitScore
from ranking.score import Scored, class_of, gates, score
from ranking.tally import Facts
from ranking.units import Unit, weights


@dataclass(frozen=True)
class Month:
    """What the runs came to, check by check; `unexcused` has announced stops counted, for the checks that had some."""

    method: RankingMethod
    period: Period
    facts: Mapping[str, Facts]
    unexcused: Mapping[str, Facts]

    @cached_property
    def mixtures(self) -> Floats:
        """Return the month as it was, followed by the resampled ones."""
        present = sorted({day for facts in self.facts.values() for day in facts.days})
        return resampled(present, self.period.days, self.method.draws, self.method.seed)

    @cached_property
    def itself(self) -> Floats:
        """Return the month as it was."""
        return as_it_was(self.period.days)


def judge(unit: Unit, month: Month) -> tuple[UnitScore, Floats | None]:
    """Return the unit's month without a place, and its scores under every mixture if it may be ranked."""
    method = month.method
    facts = [month.facts[target.check.id] for target in unit.targets]
    coverage = sum(one.counts.coverage or 0.0 for one in facts) / len(facts)
    days = len(frozenset().union(*(one.days for one in facts)))
    plain = score(facts, method.table, month.itself)
    missing = _shortfalls(method, coverage, days, plain)
    scored = plain if missing else score(facts, method.table, with_unseen_days(month.mixtures, method.seed, unit.id))
    scores = scored.scores
    judgement = _judgement(method, scored, facts, ranked=not missing)
    pillars = scored.pillars(method.table)
    best = method.classes[0].name
    judged = UnitScore(
        id=unit.id,
        name=unit.name,
        agency=unit.agency,
        group=unit.group,
        depth=unit.depth,
        judgement=judgement,
        place=None,
        score_with_maintenance=_unexcused_score(unit, month),
        pillars=pillars,
        counts=total(one.counts for one in facts),
        coverage=coverage,
        days=days,
        outages=_outages(facts),
        effort=_effort(facts),
        shortfalls=missing,
        fixes=() if judgement.class_name in (None, best) else fixes(pillars, method.table),
    )
    return judged, None if missing else scores


def _shortfalls(method: RankingMethod, coverage: float, days: int, scored: Scored) -> tuple[Shortfall, ...]:
    found = []
    if not scored.got:
        found.append(Shortfall("indicators", 0, 1))
    if coverage < method.minimum.coverage:
        found.append(Shortfall("coverage", coverage, method.minimum.coverage))
    if days < method.minimum.days:
        found.append(Shortfall("days", days, method.minimum.days))
    return tuple(found)


def _judgement(method: RankingMethod, scored: Scored, facts: Sequence[Facts], *, ranked: bool) -> Judgement:
    fired, certain = gates(method, scored, max(one.certificate_invalid_s for one in facts))
    scores = scored.scores
    points = None if scores is None else float(scores[0])
    if not ranked or scores is None or points is None:
        return Judgement(points, None, None, fired, (), "ordinary")
    class_name = class_of(points, method.classes, fired)
    sure = interval(scores)
    certainly_low = bool(certain) or (class_name in ("D", "E") and sure.high < method.weak_below)
    return Judgement(points, sure, class_name, fired, certain, _standing(class_name, certainly_low, bool(fired)))


def _standing(class_name: ClassName, certainly_low: bool, capped: bool) -> Standing:
    """Nobody is called weak on the strength of one number: the interval must say so, or a gate beyond chance."""
    if certainly_low:
        return "weak"
    return "watch" if capped or class_name in ("D", "E") else "ordinary"


def _unexcused_score(unit: Unit, month: Month) -> float | None:
    checks = [target.check.id for target in unit.targets]
    if not any(month.facts[check].counts.maintenance for check in checks):
        return None
    facts = [month.unexcused.get(check, month.facts[check]) for check in checks]
    scores = score(facts, month.method.table, month.itself).scores
    return None if scores is None else float(scores[0])


def _outages(facts: Sequence[Facts]) -> tuple[Outage, ...]:
    every = (outage for one in facts for outage in one.outages)
    return tuple(sorted(every, key=lambda outage: (-outage.seconds, outage.began_at, outage.check)))


def _effort(facts: Sequence[Facts]) -> Effort | None:
    walked = [one for one in facts if one.ux]
    if not walked:
        return None
    weight = weights([one.target for one in walked])
    whole = sum(weight)

    def mean(name: str) -> float:
        return sum(w * one.ux[name] for w, one in zip(weight, walked, strict=True)) / whole

    return Effort(len(walked), mean("steps"), mean("clicks"), mean("fields"), mean("re_entry"), mean("handling_s"))
