"""From a stream of runs to a ranking: fold the runs, then conclude. Knows neither store nor clock."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from hashlib import sha256

import numpy as np

from checks.audit import Audit
from checks.config import Config
from checks.run import Depth, Run
from ranking.alphabet import vietnamese_key
from ranking.availability import total
from ranking.estimate import Floats
from ranking.indicators import USED_TYPES
from ranking.intervals import groups_of_equals, rank_intervals
from ranking.judge import Month, judge
from ranking.maintenance import windows
from ranking.period import Period
from ranking.result import Place, Ranking, Table, UnitScore
from ranking.tally import Tally
from ranking.units import Unit, UnitKind, units

_DIGEST_MODULUS = 2**256


def rank(
    runs: Iterable[Run],
    config: Config,
    period: Period,
    unit: UnitKind | None = None,
    audits: Iterable[Audit] = (),
) -> Ranking:
    """Rank a period's runs by `unit` (default: the configuration's).

    Args:
        runs: Slots' results, in any order; streamed, never kept. Those outside the period are ignored.
        config: What was watched and by which numbers.
        period: The span that is judged.
        unit: What a row of the table is.
        audits: Looks at accessibility; the newest complete one of each check in the period counts.
    """
    fold = Fold(config, period)
    for audit in audits:
        fold.look(audit)
    for run in runs:
        fold.add(run)
    return fold.ranking(unit)


class Fold:
    """Takes a period's runs one by one; for callers whose runs come asynchronously."""

    def __init__(self, config: Config, period: Period) -> None:
        self._config = config
        self._period = period
        self._windows = windows(config.maintenance, period, config.ranking.notice_days)
        self._tallies = {name: self._tally(name) for name in config.targets}
        self._unexcused: dict[str, Tally] = {name: self._tally(name) for name in self._stopped()}
        self._runs = 0
        self._unknown = 0
        self._digest = 0

    def _tally(self, check: str) -> Tally:
        return Tally(self._config.targets[check], self._period, self._config.ranking)

    def _stopped(self) -> list[str]:
        """Return the checks that an accepted stop touches."""
        accepted = [window for window in self._windows if window.accepted]
        return [
            name
            for name, target in self._config.targets.items()
            if any(target.system.id in w.systems or target.check.service in w.services for w in accepted)
        ]

    def add(self, run: Run) -> None:
        """Take one slot's result; an earlier attempt of a slot, or a run outside the period, changes nothing."""
        if run.attempt < run.attempts or not self._period.covers(run.scheduled_at):
            return
        if run.check not in self._tallies:
            self._unknown += 1
            return
        self._runs += 1
        # A sum does not depend on the order in which a store yields the runs.
        digest = sha256(run.model_dump_json().encode()).digest()
        self._digest = (self._digest + int.from_bytes(digest, "big")) % _DIGEST_MODULUS
        stopped = any(window.accepted and window.holds(run) for window in self._windows)
        self._tallies[run.check].add(run, in_maintenance=stopped)
        if run.check in self._unexcused:
            self._unexcused[run.check].add(run, in_maintenance=False)

    def look(self, audit: Audit) -> None:
        """Take one audit of accessibility; one outside the period, not complete, or of an unknown check is left out."""
        if audit.check in self._tallies and self._period.covers(audit.started_at):
            for tallies in (self._tallies, self._unexcused):
                if audit.check in tallies:
                    tallies[audit.check].look(audit)

    def _digest_with_audits(self) -> int:
        used = (tally.audit for tally in self._tallies.values())
        digests = (sha256(audit.model_dump_json().encode()).digest() for audit in used if audit is not None)
        return (self._digest + sum(int.from_bytes(digest, "big") for digest in digests)) % _DIGEST_MODULUS

    def ranking(self, unit: UnitKind | None = None) -> Ranking:
        """Conclude from the runs so far."""
        method = self._config.ranking
        kind = unit or method.unit
        scored_units = units(self._config, kind)
        month = Month(
            method=method,
            period=self._period,
            facts={name: tally.facts() for name, tally in self._tallies.items()},
            unexcused={name: tally.facts() for name, tally in self._unexcused.items()},
        )
        used = [name for name, t in self._config.targets.items() if t.check.enabled and isinstance(t.check, USED_TYPES)]
        return Ranking(
            method_version=method.version,
            unit=kind,
            period=self._period,
            config_digest=self._config.digest,
            runs_digest=f"{self._digest_with_audits():064x}",
            runs=self._runs,
            unknown_runs=self._unknown,
            checks=len(used),
            counts=total(month.facts[name].counts for name in used),
            indicators=method.table,
            maintenance=self._windows,
            tables=_tables(scored_units, month),
        )


def _tables(every: Sequence[Unit], month: Month) -> tuple[Table, ...]:
    by_table: dict[tuple[str, Depth], list[Unit]] = {}
    for unit in every:
        by_table.setdefault((unit.group, unit.depth), []).append(unit)
    found = [Table(group, depth, _ordered(members, month)) for (group, depth), members in by_table.items()]
    return tuple(sorted(found, key=lambda table: (vietnamese_key(table.group), table.depth)))


def _ordered(members: Sequence[Unit], month: Month) -> tuple[UnitScore, ...]:
    judged = [judge(unit, month) for unit in members]
    ranked = [(unit, scores) for unit, scores in judged if scores is not None]
    unranked = sorted((unit for unit, scores in judged if scores is None), key=_alphabetic)
    return (*_placed(ranked, month.method.equal_within), *unranked)


def _placed(ranked: Sequence[tuple[UnitScore, Floats]], margin: float) -> list[UnitScore]:
    """Give each unit its group's place; a group is listed by alphabet."""
    if not ranked:
        return []
    scores = np.array([column for _, column in ranked])
    ends = rank_intervals(scores)
    found: list[UnitScore] = []
    for group in groups_of_equals(scores, margin):
        place = len(found) + 1
        members = [replace(ranked[n][0], place=Place(place, *_holding(ends[n], place), len(group))) for n in group]
        found += sorted(members, key=_alphabetic)
    return found


def _holding(ends: tuple[int, int], place: int) -> tuple[int, int]:
    """Return the interval of places, stretched to hold the printed place."""
    return min(ends[0], place), max(ends[1], place)


def _alphabetic(unit: UnitScore) -> tuple[object, str]:
    return vietnamese_key(unit.name), unit.id
