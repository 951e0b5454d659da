"""From indicator values to points, pillars, gates and classes. One row per mixture of days, row 0 the month itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from checks.ranking import PILLARS, ClassCut, ClassName, Gate, Indicator, IndicatorId, RankingMethod
from ranking.estimate import Floats
from ranking.result import IndicatorScore, PillarScore
from ranking.tally import Facts
from ranking.units import weights


def share_of_points(indicator: Indicator, values: Floats) -> Floats:
    """Return 1 at the full anchor and beyond, 0 at the zero anchor and beyond, in proportion between."""
    return np.clip((values - indicator.zero) / (indicator.full - indicator.zero), 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Scored:
    """A unit's points under every mixture of days.

    `values` and `got` have one array of N rows per scored indicator; `of` is the indicator's points of 100.
    """

    values: Mapping[IndicatorId, Floats]
    samples: Mapping[IndicatorId, int]
    of: Mapping[IndicatorId, float]
    got: Mapping[IndicatorId, Floats]

    @property
    def scores(self) -> Floats | None:
        """Return N scores of 0-100; None when no indicator has data."""
        # Rounded so that equal units stay equal whatever the order of the sums.
        return np.round(np.sum(list(self.got.values()), axis=0), 6) if self.got else None

    def pillars(self, table: Mapping[IndicatorId, Indicator]) -> tuple[PillarScore, ...]:
        """Return the explanation of row 0, in the order of the papers."""
        found = []
        for pillar in PILLARS:
            lines = tuple(self._line(name) for name, indicator in table.items() if indicator.pillar == pillar)
            found.append(PillarScore(pillar, sum(line.got for line in lines), sum(line.of for line in lines), lines))
        return tuple(found)

    def _line(self, name: IndicatorId) -> IndicatorScore:
        if name not in self.got:
            return IndicatorScore(name, None, 0, 0.0, 0.0)
        return IndicatorScore(
            name, float(self.values[name][0]), self.samples[name], float(self.got[name][0]), self.of[name]
        )


def score(facts: Sequence[Facts], table: Mapping[IndicatorId, Indicator], days: Floats) -> Scored:
    """Score one unit's checks under every row of `days`."""
    values: dict[IndicatorId, Floats] = {}
    samples: dict[IndicatorId, int] = {}
    for name in table:
        having = [one for one in facts if name in one.estimates]
        if having:
            values[name] = _weighted(name, having, days)
            samples[name] = sum(one.estimates[name].samples for one in having)
    of = _redistributed({name: table[name] for name in values}, table)
    got = {name: of[name] * share_of_points(table[name], column) for name, column in values.items()}
    return Scored(values, samples, of, got)


def _weighted(name: IndicatorId, having: Sequence[Facts], days: Floats) -> Floats:
    """Return the weighted mean over checks; a row without any sample takes the month's own value."""
    weight = np.array(weights([one.target for one in having]))[:, None]
    columns = np.array([one.estimates[name].at(days) for one in having])
    known = ~np.isnan(columns) & (weight > 0)
    below = np.where(known, weight, 0.0).sum(axis=0)
    above = np.where(known, weight * columns, 0.0).sum(axis=0)
    mean: Floats = np.divide(above, below, out=np.full(len(days), np.nan), where=below > 0)
    if np.isnan(mean[0]):  # every check that has this indicator weighs nothing: then all weigh alike
        mean[:] = np.nanmean(columns, axis=0)
    return np.where(np.isnan(mean), mean[0], mean)


def _redistributed(
    present: Mapping[IndicatorId, Indicator], table: Mapping[IndicatorId, Indicator]
) -> dict[IndicatorId, float]:
    """Return points of 100: an absent indicator's points go to its pillar's others, an absent pillar's to all."""
    full = {pillar: sum(i.points for i in table.values() if i.pillar == pillar) for pillar in PILLARS}
    here = {pillar: sum(i.points for i in present.values() if i.pillar == pillar) for pillar in PILLARS}
    whole = sum(points for pillar, points in full.items() if here[pillar])
    return {name: i.points / here[i.pillar] * full[i.pillar] / whole * 100 for name, i in present.items()}


def gates(
    method: RankingMethod, scored: Scored, certificate_invalid_s: float
) -> tuple[tuple[Gate, ...], tuple[Gate, ...]]:
    """Return the gates that fired in the month, and those of them that fire in 97.5 % of the mixtures too."""
    fired: list[Gate] = []
    certain: list[Gate] = []
    completion = scored.values.get("journey_completion")
    for gate in method.gates:
        if gate.when == "certificate_invalid_longer_than":
            shut = np.array([certificate_invalid_s > gate.limit])
        else:
            shut = np.array([False]) if completion is None else completion < gate.limit
        if shut[0]:
            fired.append(gate)
            certain += [gate] if float(shut.mean()) >= 0.975 else []  # noqa: PLR2004 — the upper end of 95 %
    return tuple(fired), tuple(certain)


def class_of(points: float, cuts: Sequence[ClassCut], fired: Iterable[Gate]) -> ClassName:
    """Return the class of a score, capped by the gates that fired; the worst cap holds."""
    earned = next(cut.name for cut in cuts if points >= cut.from_score)
    return max([earned, *(gate.at_most for gate in fired)])
