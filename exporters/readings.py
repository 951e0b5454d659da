"""From a snapshot to single numbers: which run each metric is read from, and when it is left out."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from checks.model import BrowserCheck, HttpCheck
from checks.owners import THIRD_PARTY
from checks.run import AGENT as AGENT_BLAME
from checks.run import NOBODY, SYSTEM, Blame, Cause, Reason, Run, Verdict
from exporters import catalogue
from exporters.catalogue import Metric
from exporters.distribution import Distribution
from exporters.snapshot import AgentFacts, CheckRecord, Snapshot, timed

UNKNOWN = "unknown"
STATES = (*(verdict.value for verdict in Verdict), UNKNOWN)

# A counter that appears with its first event hides that event from increase(); the usual ones start at 0.
_USUAL: Mapping[tuple[Verdict, Blame], int] = {
    (Verdict.OK, NOBODY): 0,
    (Verdict.SLOW, SYSTEM): 0,
    (Verdict.FAILED, SYSTEM): 0,
    (Verdict.INCONCLUSIVE, AGENT_BLAME): 0,
    (Verdict.SKIPPED, AGENT_BLAME): 0,
}

_USUAL_SKIPS: Mapping[Reason | None, int] = {
    Reason.OVERLAP: 0,
    Reason.AGENT_OVERLOAD: 0,
    Reason.AGENT_STOPPED: 0,
}


_AUDITS_MISSED = 3
WHERE = ("lookup", "socket", "tls", "http", "dns", "chromium", "playwright", "program")


class Reading(NamedTuple):
    """One sample: `labels` in the order of the metric's row; a histogram's value is its distribution."""

    metric: Metric
    labels: tuple[str, ...]
    value: float | Distribution


def readings(snapshot: Snapshot, now: datetime) -> Iterator[Reading]:
    """Yield every sample that is true at `now`; a value that is unknown or too old yields nothing."""
    for record in snapshot.records():
        yield Reading(catalogue.CHECK_INFO, _info(record, snapshot.location), 1.0)
        yield from _state(record, now)
        yield from _counts(record)
        yield from _moments(record)
        yield from _times(record, now)
        yield from _walk(record, now)
        yield from _page(record, now)
        yield from _access(record, now)
    if snapshot.agent is not None:
        yield from _agent(snapshot.agent)
    yield Reading(catalogue.CONFIG_CHECKS, (), float(len(snapshot.records())))
    for reason, count in (dict(_USUAL_SKIPS) | dict(snapshot.skipped())).items():
        yield Reading(catalogue.SLOTS_SKIPPED, (reason.value if reason else "none",), float(count))
    for cause, count in snapshot.degradations().items():
        yield Reading(catalogue.RUN_DEGRADATIONS, (cause.value,), float(count))


def _info(record: CheckRecord, location: str) -> tuple[str, ...]:
    target = record.target
    check = target.check
    journey, device = (check.journey, check.device) if isinstance(check, BrowserCheck) else ("", "none")
    return (
        check.id,
        target.title,
        check.type,
        target.service.id if target.service else "",
        target.system.id,
        target.agency.id,
        journey,
        check.depth if isinstance(check, BrowserCheck | HttpCheck) else "L0",
        device,
        location,
    )


def _state(record: CheckRecord, now: datetime) -> Iterator[Reading]:
    check = record.target.check.id
    last = record.fresh(record.last, now)
    current = last.verdict.value if last else UNKNOWN
    for state in STATES:
        yield Reading(catalogue.CHECK_STATE, (check, state), float(state == current))
    if last is not None and (last.good or last.verdict is Verdict.FAILED):
        yield Reading(catalogue.CHECK_UP, (check,), float(last.good))
    yield Reading(catalogue.CHECK_STALE_AFTER, (check,), record.stale_after_s)


def _counts(record: CheckRecord) -> Iterator[Reading]:
    check = record.target.check.id
    for (verdict, blame), count in sorted((dict(_USUAL) | dict(record.runs)).items()):
        yield Reading(catalogue.RUNS, (check, verdict.value, blame), float(count))
    yield Reading(catalogue.FIRST_ATTEMPT_FAILURES, (check,), float(record.first_attempt_failures))
    yield Reading(catalogue.DEGRADED_RUNS, (check,), float(record.degraded_runs))
    yield Reading(catalogue.RUN_SECONDS, (check, record.target.check.type), record.durations)


def _moments(record: CheckRecord) -> Iterator[Reading]:
    """Moments stay however old they are: their age is what tells that a check stands still."""
    check = record.target.check.id
    for metric, run in (
        (catalogue.LAST_RUN, record.ran),
        (catalogue.LAST_CONCLUSIVE_RUN, record.conclusive),
        (catalogue.LAST_GOOD_RUN, record.good),
    ):
        if run is not None:
            yield Reading(metric, (check,), run.finished_at.timestamp())


def _times(record: CheckRecord, now: datetime) -> Iterator[Reading]:
    check = record.target.check.id
    ran = record.fresh(record.ran, now)
    if ran is not None:
        yield Reading(catalogue.QUEUE_DELAY, (check,), ran.queue_delay_s)
    measured = record.fresh(record.measured, now)
    if measured is None:
        return
    if timed(measured, measured):
        yield Reading(catalogue.RUN_DURATION, (check,), measured.duration_s)
    yield from _steps(record, measured)
    if not measured.timed:
        return
    for phase, seconds in measured.phases.items():
        yield Reading(catalogue.HTTP_PHASE, (check, phase), seconds)
    for field, metric in catalogue.VITALS.items():
        value = getattr(measured.vitals, field)
        if value is not None:
            yield Reading(metric, (check,), float(value))


def _steps(record: CheckRecord, run: Run) -> Iterator[Reading]:
    """Only steps that the configuration names, once each: a label's values must be known beforehand."""
    walked = {step.name: step for step in reversed(run.steps)}
    places = {step.name: place for place, step in reversed(tuple(enumerate(record.target.steps, start=1)))}
    for name, place in sorted(places.items(), key=lambda item: item[1]):
        if (step := walked.get(name)) is None:
            continue
        labels = (run.check, name, f"{place:02d}")
        if timed(run, step):
            yield Reading(catalogue.STEP_DURATION, labels, step.duration_s)
        if step.server_s is not None and run.timed:
            yield Reading(catalogue.STEP_SERVER, labels, step.server_s)


def _walk(record: CheckRecord, now: datetime) -> Iterator[Reading]:
    """What a walk took, from the newest one that reached its end: a broken walk always looks short."""
    good = record.fresh(record.good, now)
    if good is None or good.type != "browser":
        return
    for field, metric in catalogue.UX.items():
        value = getattr(good.ux, field)
        if value is not None and (good.timed or not field.endswith("_s")):
            yield Reading(metric, (good.check,), float(value))
    known = {*record.target.owners.owners.values(), THIRD_PARTY}
    for share in good.owners:
        if share.owner in known:
            yield Reading(catalogue.OWNER_REQUESTS, (good.check, share.owner), float(share.requests))
            yield Reading(catalogue.OWNER_BYTES, (good.check, share.owner), float(share.bytes))


def _page(record: CheckRecord, now: datetime) -> Iterator[Reading]:
    check = record.target.check.id
    conclusive = record.fresh(record.conclusive, now)
    if conclusive is not None and conclusive.http_status is not None:
        yield Reading(catalogue.HTTP_STATUS, (check,), float(conclusive.http_status))
    certified = record.fresh(record.certified, now)
    if certified is not None and certified.certificate is not None:
        expires = certified.certificate.not_after.timestamp()
        yield Reading(catalogue.CERTIFICATE_EXPIRY, (check,), expires)


def _access(record: CheckRecord, now: datetime) -> Iterator[Reading]:
    """What the newest audit found, until three more should have come; its moment stays, so that its age tells."""
    check, audit = record.target.check, record.audit
    if audit is None or not isinstance(check, BrowserCheck) or not check.accessibility.enabled:
        return
    yield Reading(catalogue.ACCESSIBILITY_AUDIT, (check.id,), audit.finished_at.timestamp())
    if (now - audit.finished_at).total_seconds() <= _AUDITS_MISSED * check.accessibility.every:
        for impact, count in audit.counts.items():
            yield Reading(catalogue.ACCESSIBILITY_VIOLATIONS, (check.id, impact), float(count))


def _agent(facts: AgentFacts) -> Iterator[Reading]:
    yield Reading(catalogue.BUILD_INFO, (facts.version, facts.python, facts.browser or "none", facts.config_hash), 1.0)
    for field, metric in catalogue.AGENT.items():
        value = getattr(facts, field)
        yield Reading(metric, (), value.timestamp() if isinstance(value, datetime) else float(value))
    yield from _health(facts)
    yield from _network(facts)


def _health(facts: AgentFacts) -> Iterator[Reading]:
    for cause in Cause:
        yield Reading(catalogue.DEGRADED_CAUSE, (cause.value,), float(cause in facts.causes))
    told = (
        (catalogue.SLOWDOWN, facts.slowdown),
        (catalogue.CPU_PRESSURE, facts.cpu_pressure),
        (catalogue.CPU_STEAL, facts.steal),
    )
    for metric, value in told:
        if value is not None:
            yield Reading(metric, (), value)


def _network(facts: AgentFacts) -> Iterator[Reading]:
    for where, count in (dict.fromkeys(WHERE, 0) | dict(facts.unknown_errors)).items():
        yield Reading(catalogue.UNKNOWN_ERRORS, (where,), float(count))
    for one in facts.references:
        yield Reading(catalogue.REFERENCE_UP, (one.label,), float(one.up))
    for metric, value in ((catalogue.NETWORK_UP, facts.network_up), (catalogue.CLOCK_AHEAD, facts.clock_ahead_s)):
        if value is not None:
            yield Reading(metric, (), float(value))
