"""What is known of every check and of the agent, fed run by run. No metric names and no Prometheus in here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

from checks.audit import Audit
from checks.config import AnyCheck, Target
from checks.run import Blame, Cause, Outcome, Reason, Run, StepRun, Verdict
from exporters.catalogue import RUN_BUCKETS
from exporters.distribution import Distribution, Example

CONCLUSIVE = frozenset({Verdict.OK, Verdict.SLOW, Verdict.FAILED})
"""Verdicts that say something of the service."""

_RAN_OUT_OF_TIME = frozenset({Reason.TIMEOUT, Reason.DEADLINE})


@dataclass(frozen=True, slots=True)
class Resting:
    """A host (`host:port`) that asked to be left alone, and until when it is."""

    host: str
    until: datetime


@dataclass(frozen=True, slots=True)
class ReferenceState:
    """A reference target: whether it answered the last time it was asked, and if not, in which way it failed."""

    label: str
    up: bool
    error: str = ""


@dataclass(frozen=True, slots=True)
class AgentFacts:
    """The agent as it is now. The four before `resting` count since the process started and never fall.

    `network_up` is None when no reference was asked yet, `clock_ahead_s` when none told its time; `together` are the
    systems that fail together now. `unknown_errors` counts, by where they were met, the errors that no table describes.

    `browser` is the version of the browser that walks, None while none was found. `config_loaded_at` belongs to
    the configuration in force; `config_reload_ok` tells whether the latest try to replace it worked. `queue_wait_s` is
    how long the run that came first has been waiting, `queue_dropped` counts those given up for younger ones, and
    `walks_held` tells that walks wait for headroom alone. `browser_demand` walks are under way at once, on average,
    when all goes by the schedule; `browser_capacity` may be. `causes` are the limits that make the agent degraded;
    `slowdown`, `cpu_pressure` and `steal` are as in a run's health, of the last minute.
    """

    version: str
    python: str
    browser: str | None
    config_hash: str
    config_loaded_at: datetime
    config_reload_ok: bool
    queue_length: int
    runs_in_progress: int
    loop_lag_s: float
    degraded: bool
    outbox_pending: int
    store_errors: int
    mails_sent: int
    mails_failed: int
    browser_launches: int
    resting: tuple[Resting, ...] = ()
    config_problems: tuple[str, ...] = ()
    clock_troubles: int = 0
    clock_held_s: float = 0.0
    store_up: bool = True
    spooled_outcomes: int = 0
    spool_dropped: int = 0
    references: tuple[ReferenceState, ...] = ()
    network_up: bool | None = None
    clock_ahead_s: float | None = None
    together: tuple[str, ...] = ()
    unknown_errors: Mapping[str, int] = field(default_factory=dict)
    queue_wait_s: float = 0.0
    queue_dropped: int = 0
    walks_held: bool = False
    browser_demand: float = 0.0
    browser_capacity: float = 0.0
    causes: tuple[Cause, ...] = ()
    slowdown: float | None = None
    cpu_pressure: float | None = None
    steal: float | None = None

    @property
    def systems_together(self) -> int:
        """How many systems fail together."""
        return len(self.together)

    @property
    def hosts_resting(self) -> int:
        """How many hosts are left alone."""
        return len(self.resting)


def timed(run: Run, part: Run | StepRun) -> bool:
    """Whether the duration of a run, or of a step of it, tells how long a citizen waits.

    It does when the goal was met in a walk whose times count, and when time ran out before it: then the limit is told.
    """
    if part.verdict in (Verdict.OK, Verdict.SLOW):
        return run.timed
    return part.verdict is Verdict.FAILED and part.reason in _RAN_OUT_OF_TIME


def _chosen(known: Run | None, run: Run, *, fits: bool) -> Run | None:
    return run if fits else known


@dataclass(frozen=True, slots=True)
class CheckRecord:
    """What is known of one check: the newest run of each kind, and counts since the process started.

    `measured` is the newest conclusive run during which the agent was healthy, but for a good confirming attempt: the
    only one whose times count. `audit` is the newest complete look at its accessibility.
    """

    target: Target[AnyCheck]
    durations: Distribution
    last: Run | None = None
    ran: Run | None = None
    conclusive: Run | None = None
    good: Run | None = None
    measured: Run | None = None
    certified: Run | None = None
    audit: Audit | None = None
    runs: Mapping[tuple[Verdict, Blame], int] = field(default_factory=dict)
    first_attempt_failures: int = 0
    degraded_runs: int = 0

    @classmethod
    def of(cls, target: Target[AnyCheck]) -> "CheckRecord":
        """Return the record of a check that has not run yet."""
        return cls(target, Distribution.empty(RUN_BUCKETS[target.check.type]))

    @property
    def stale_after_s(self) -> float:
        """Age at which a result no longer speaks of now: one slot may be lost, the next may use all its time."""
        check = self.target.check
        return 2 * (check.every + check.deadline) + check.confirm_after

    def fresh(self, run: Run | None, now: datetime) -> Run | None:
        """Return `run` if it still says something about `now`, else None."""
        if run is None or (now - run.finished_at).total_seconds() > self.stale_after_s:
            return None
        return run

    def seen(self, run: Run) -> Self:
        """Return the record with `run` as the newest of every kind it is of; counts stay."""
        conclusive = run.verdict in CONCLUSIVE
        measured = conclusive and not run.health.degraded and (run.timed or not run.good)
        return replace(
            self,
            last=run,
            ran=_chosen(self.ran, run, fits=run.verdict is not Verdict.SKIPPED),
            conclusive=_chosen(self.conclusive, run, fits=conclusive),
            good=_chosen(self.good, run, fits=run.good),
            measured=_chosen(self.measured, run, fits=measured),
            certified=_chosen(self.certified, run, fits=run.certificate is not None),
        )

    def counted(self, outcome: Outcome) -> Self:
        """Return the record with one more closed slot; what was last seen stays."""
        run = outcome.run
        first = outcome.earlier[0] if outcome.earlier else run
        key = (run.verdict, run.blame)
        degraded = run.health.degraded
        measures = timed(run, run) and not degraded
        example = Example(run.id, run.duration_s, run.finished_at)
        return replace(
            self,
            durations=self.durations.add(example) if measures else self.durations,
            runs={**self.runs, key: self.runs.get(key, 0) + 1},
            first_attempt_failures=self.first_attempt_failures + (first.verdict is Verdict.FAILED),
            degraded_runs=self.degraded_runs + degraded,
        )


class Snapshot:
    """The newest of everything, for one agent. Owned by whoever feeds it; read it from any thread.

    `keep` first: a check that was never named there is not shown, and one no longer named disappears.
    """

    def __init__(self) -> None:
        self._location = ""
        self._records: dict[str, CheckRecord] = {}
        self._skipped: dict[Reason | None, int] = {}
        self._degradations: dict[Cause, int] = dict.fromkeys(Cause, 0)
        self._agent: AgentFacts | None = None

    @property
    def location(self) -> str:
        """Where this agent measures from."""
        return self._location

    @property
    def agent(self) -> AgentFacts | None:
        """The agent as it last described itself."""
        return self._agent

    def records(self) -> tuple[CheckRecord, ...]:
        """Return what is known of each configured check, in the order of the configuration."""
        return tuple(self._records.values())

    def skipped(self) -> Mapping[Reason | None, int]:
        """Return how many slots were skipped, by reason."""
        return dict(self._skipped)

    def degradations(self) -> Mapping[Cause, int]:
        """Return how many runs each limit degraded; all causes are there from the start."""
        return dict(self._degradations)

    def keep(self, targets: Mapping[str, Target[AnyCheck]], location: str) -> None:
        """Show exactly the enabled checks among `targets` (check id -> target); known ones keep what they have."""
        enabled = {name: target for name, target in targets.items() if target.check.enabled}
        self._location = location
        self._records = {name: self._renewed(name, target) for name, target in enabled.items()}

    def _renewed(self, name: str, target: Target[AnyCheck]) -> CheckRecord:
        known = self._records.get(name)
        if known is None or known.target.check.type != target.check.type:
            return CheckRecord.of(target)
        return replace(known, target=target)

    def restore(self, runs: Iterable[Run]) -> None:
        """Take results of an earlier process as last seen, so that a restart does not make the world unknown.

        Counters stay: they count what this process did.
        """
        for run in runs:
            record = self._records.get(run.check)
            if record is not None and record.target.check.type == run.type:
                self._records[run.check] = record.seen(run)

    def observe(self, target: Target[AnyCheck], outcome: Outcome) -> None:
        """Take in the result of one slot, skipped ones too; results of checks not kept any more are dropped."""
        run = outcome.run
        if run.verdict is Verdict.SKIPPED:
            self._skipped[run.reason] = self._skipped.get(run.reason, 0) + 1
        for cause in run.health.causes:
            self._degradations[cause] += 1
        record = self._records.get(target.check.id)
        if record is not None and record.target.check.type == run.type:
            self._records[target.check.id] = record.seen(run).counted(outcome)

    def observe_audit(self, audit: Audit) -> None:
        """Take in a look at accessibility; one that is not complete gives no figure."""
        record = self._records.get(audit.check)
        if record is not None and audit.complete:
            self._records[audit.check] = replace(record, audit=audit)

    def observe_agent(self, facts: AgentFacts) -> None:
        """Take in how the agent is now."""
        self._agent = facts
