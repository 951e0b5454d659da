"""The runs of slots that nobody walked to their end: what an earlier process left, and what could not be kept."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from agent.clock import SystemClock
from agent.records import Passed, Span
from agent.runner import Identity, skipped_run
from agent.schedule import grids
from checks.config import AnyCheck, Config, Target
from checks.run import AGENT, Reason, Run, Slot, Verdict

_REMOVED = "Mục kiểm tra này đã được bỏ khỏi cấu hình trước khi có kết quả."
_LOST = "Kết quả không giữ lại được: kho dữ liệu ngừng quá lâu và chỗ lưu tạm đã đầy."


def removed_run(slot: Slot, last: Run | None, identity: Identity, now: datetime) -> Run:
    """Close the open slot of a check that checks.yaml no longer has; `last` is its newest run, if it ever had one.

    Without one nothing tells whose it was: system and agency stay empty, and no figure counts it.
    """
    return Run(
        id=slot.id,
        check=slot.check,
        type=last.type if last is not None else "tcp",
        service=last.service if last is not None else None,
        system=last.system if last is not None else "",
        agency=last.agency if last is not None else "",
        location=slot.location,
        agent=identity.agent,
        config_hash=identity.config_hash,
        scheduled_at=slot.due_at,
        started_at=now,
        finished_at=now,
        verdict=Verdict.INCONCLUSIVE,
        blame=AGENT,
        reason=Reason.AGENT_STOPPED,
        message=_REMOVED,
    )


def interrupted_runs(
    slots: Iterable[Slot], config: Config, latest: Mapping[str, Run], identity: Identity, now: datetime
) -> list[Run]:
    """Close the rows that an earlier process left open: inconclusive, our fault."""
    runs = []
    for slot in slots:
        target = config.targets.get(slot.check)
        if target is None:
            runs.append(removed_run(slot, latest.get(slot.check), identity, now))
        else:
            stopped, verdict = Reason.AGENT_STOPPED, Verdict.INCONCLUSIVE
            runs.append(skipped_run(target, slot, identity, stopped, now, verdict=verdict))
    return runs


@dataclass(frozen=True, slots=True)
class Settling:
    """Makes the runs of slots that have no outcome of their own; `gone` are checks that were configured before."""

    config: Callable[[], Config]
    identity: Callable[[], Identity]
    clock: SystemClock
    gone: Mapping[str, Target[AnyCheck]] = field(default_factory=dict)

    def passed(self, record: Passed) -> list[Run]:
        """Return the runs of slots that were passed over."""
        return [run for slot in record.slots if (run := self._run(slot, Verdict.SKIPPED, record.reason, record.words))]

    def lost(self, check: str, span: Span) -> list[Run]:
        """Return one run for each slot of the check from first to last; what became of them nobody knows any more."""
        config = self.config()
        grid = grids(target.check for target in config.targets.values()).get(check)
        if grid is None:
            return []
        first, last = span
        slots = (
            Slot(check=check, location=config.settings.location, due_at=due)
            for due in grid.between(first - timedelta(microseconds=1), last)
        )
        runs = (self._run(slot, Verdict.INCONCLUSIVE, Reason.AGENT_OVERLOAD, _LOST) for slot in slots)
        return [run for run in runs if run is not None]

    def _run(self, slot: Slot, verdict: Verdict, reason: Reason, why: str) -> Run | None:
        target = self.config().targets.get(slot.check) or self.gone.get(slot.check)
        if target is None:  # removed while we were away; an open row of it was settled at the start
            return None
        return skipped_run(target, slot, self.identity(), reason, self.clock.now(), verdict=verdict, why=why)
