"""From what happened to a Finding: verdicts, counts and owners, step by step and in total."""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import reduce
from itertools import groupby

from checks.journey import Step
from checks.owners import mostly
from checks.run import (
    NETWORK,
    NOBODY,
    SYSTEM,
    Blame,
    Census,
    Finding,
    OwnerShare,
    Reason,
    Screen,
    StepRun,
    UxCounts,
    Verdict,
)
from probes.browser.stage import Stage
from probes.browser.walker import Walked
from probes.browser.watch import worst_vitals
from probes.browser.wording import in_step
from probes.wording import seconds


def finding(stage: Stage, walked: list[Walked], *, timed: bool = True) -> Finding:
    """Tell a finished walk; one that is not `timed` breaks no budget."""
    reached = [_step_run(stage, index, one, walked[0].began, timed=timed) for index, one in enumerate(walked)]
    skipped = [StepRun(name=s.name, verdict=Verdict.SKIPPED, budget_s=_budget(stage, s)) for s in _rest(stage, walked)]
    owners = _total(share for step in reached for share in step.owners)
    # The time our looking took stands between the steps and belongs to nobody.
    observing_s = sum(one.observe_s for one in walked[:-1]) + sum(stage.watch.cost_s(i) for i in range(len(walked)))
    duration_s = max(0.0, walked[-1].goal - walked[0].began - observing_s)
    verdict, blame, reason, message = _verdict(stage, walked, reached, duration_s, owners, timed=timed)
    main = stage.traffic.latest_main()
    return Finding(
        verdict=verdict,
        blame=blame,
        reason=reason,
        message=message,
        duration_s=duration_s,
        steps=(*reached, *skipped),
        ux=reduce(UxCounts.__add__, (step.ux for step in reached)),
        vitals=worst_vitals([step.vitals for step in reached]),
        owners=owners,
        http_status=main.status if main is not None else None,
        pushback=stage.traffic.pushback(datetime.fromtimestamp(stage.wall(), UTC)),
    )


def _rest(stage: Stage, walked: list[Walked]) -> tuple[Step, ...]:
    return stage.target.steps[len(walked) :]


def _budget(stage: Stage, step: Step) -> float | None:
    return step.budget or stage.target.check.step_budget


def _step_run(stage: Stage, index: int, one: Walked, journey_began: float, *, timed: bool) -> StepRun:
    duration_s = max(0.0, one.goal - one.began - stage.watch.cost_s(index))
    owners = stage.traffic.shares(index, one.began, one.goal)
    budget_s = _budget(stage, one.step)
    name = stage.secrets.redact(one.step.name)
    lookup_s = min(duration_s, stage.traffic.lookup_s(one.began, one.goal, met=one.failure is None))
    verdict, reason, message = _reached(duration_s, lookup_s, budget_s if timed else None)
    if one.failure is not None:
        verdict, reason, message = one.failure.verdict, one.failure.reason, stage.secrets.redact(one.failure.message)
    screens = stage.watch.left(index)
    ux = stage.tally.counts(
        index,
        screens=stage.watch.screens(index),
        redirects=stage.traffic.redirects(index),
        forced_wait_s=max(0.0, one.goal - one.acted),
        to_find=one.clicks_to_find,
    )
    return StepRun(
        name=name,
        verdict=verdict,
        reason=reason,
        message=in_step(name, message) if message else "",
        started_s=one.began - journey_began,
        duration_s=duration_s,
        lookup_s=lookup_s,
        server_s=stage.traffic.server_s(index),
        observe_s=one.observe_s + stage.watch.cost_s(index),
        budget_s=budget_s,
        ux=ux,
        census=summed(screens),
        screens=screens,
        vitals=stage.watch.vitals(index, len(stage.traffic.faults(index))),
        owners=owners,
        drift=tuple(stage.secrets.redact(said) for said in one.drift),
        goal_before=one.goal_before,
    )


def _reached(duration_s: float, lookup_s: float, budget_s: float | None) -> tuple[Verdict, Reason | None, str]:
    """Judge a goal that was met; a budget that only our own resolver broke is held against nobody."""
    if budget_s is None or duration_s <= budget_s:
        return Verdict.OK, None, ""
    if duration_s - lookup_s > budget_s:
        return Verdict.SLOW, Reason.BUDGET, f"mất {seconds(duration_s)}, vượt ngưỡng {seconds(budget_s)}"
    return Verdict.INCONCLUSIVE, Reason.DNS, _by_resolver(duration_s, lookup_s, budget_s)


def _by_resolver(duration_s: float, lookup_s: float, budget_s: float) -> str:
    return (
        f"mất {seconds(duration_s)}, trong đó {seconds(lookup_s)} chờ máy chủ tên miền của máy đo;"
        f" phần còn lại không vượt ngưỡng {seconds(budget_s)}"
    )


def summed(screens: tuple[Screen, ...]) -> Census | None:
    """Return the controls and words of all `screens` together; None when there are none."""
    if not screens:
        return None
    return Census(**{name: sum(getattr(one.census, name) for one in screens) for name in Census.model_fields})


def _verdict(
    stage: Stage,
    walked: list[Walked],
    reached: list[StepRun],
    duration_s: float,
    owners: tuple[OwnerShare, ...],
    *,
    timed: bool,
) -> tuple[Verdict, Blame, Reason | None, str]:
    failure = walked[-1].failure
    if failure is not None:
        return failure.verdict, failure.blame, failure.reason, reached[-1].message
    slow = next((step for step in reached if step.verdict is Verdict.SLOW), None)
    if slow is not None:
        return Verdict.SLOW, _slowest(stage, slow.owners, slow.duration_s - slow.lookup_s), Reason.BUDGET, slow.message
    budget_s = stage.target.check.budget
    late = [step.message for step in reached if step.verdict is Verdict.INCONCLUSIVE]
    if timed and budget_s is not None and duration_s > budget_s:
        lookup_s = sum(step.lookup_s for step in reached)
        if duration_s - lookup_s > budget_s:
            message = f"Cả lượt mất {seconds(duration_s)}, vượt ngưỡng {seconds(budget_s)}"
            return Verdict.SLOW, _slowest(stage, owners, duration_s - lookup_s), Reason.BUDGET, message
        late.append(f"Cả lượt {_by_resolver(duration_s, lookup_s, budget_s)}")
    return (Verdict.INCONCLUSIVE, NETWORK, Reason.DNS, late[0]) if late else (Verdict.OK, NOBODY, None, "")


def _slowest(stage: Stage, owners: Iterable[OwnerShare], duration_s: float) -> Blame:
    """An outside system is blamed for slowness when it alone was waited for more than half of the time."""
    longest = mostly({share.owner: share.critical_s for share in owners}, duration_s)
    return stage.target.owners.blame_of(longest) if longest is not None else SYSTEM


def _total(shares: Iterable[OwnerShare]) -> tuple[OwnerShare, ...]:
    by_owner = groupby(sorted(shares, key=lambda share: share.owner), key=lambda share: share.owner)
    return tuple(
        OwnerShare(
            owner=owner,
            requests=sum(s.requests for s in several),
            failed=sum(s.failed for s in several),
            bytes=sum(s.bytes for s in several),
            critical_s=sum(s.critical_s for s in several),
        )
        for owner, group in by_owner
        for several in [list(group)]
    )
