"""When a rule changes its mind about a check: a pure state machine, fed run by run.

Which runs speak, by the rule's `when` (everything else says nothing: state and streak stay as they are):

| `when`    | against the check               | for it     |
|-----------|---------------------------------|------------|
| `failed`  | failed, by system or dependency | ok, slow   |
| `slow`    | slow, by system or dependency   | ok         |
| `blocked` | blocked, unless network or agent | ok, slow  |

A run of a degraded agent never speaks. A failure tells a `slow` or `blocked` rule nothing: it neither shows a
slow walk nor a finished one, and a rule on `failed` is there to tell of it. A blocked run may blame nobody.

Moments inside the state are due moments (`scheduled_at`), so that order and spans do not depend on queues. A
transition's `at` is when it became known (`finished_at`); its `began_at` is the first run of the streak that
led to it, for the all-clear too: the service is back since the first of its good runs.
"""

from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final

from checks.incident import AlertState, State, Transition
from checks.model import AlertRule
from checks.run import AGENT, NETWORK, NOBODY, Run, Verdict

_FOR: Final = {
    "failed": (Verdict.OK, Verdict.SLOW),
    "slow": (Verdict.OK,),
    "blocked": (Verdict.OK, Verdict.SLOW),
}


class Voice(Enum):
    """What a run says to a rule."""

    FOR = auto()
    AGAINST = auto()
    SILENT = auto()


def voice(rule: AlertRule, run: Run) -> Voice:
    """Return what `run` says to `rule`; see the table above."""
    if run.health.degraded:
        return Voice.SILENT
    if run.verdict in _FOR[rule.when]:
        return Voice.FOR
    if run.verdict.value == rule.when and _charged(run):
        return Voice.AGAINST
    return Voice.SILENT


def _charged(run: Run) -> bool:
    if run.verdict is Verdict.BLOCKED:
        return run.blame not in (NETWORK, AGENT)
    return run.blame not in (NETWORK, AGENT, NOBODY)


def advance(rule: AlertRule, state: AlertState, run: Run) -> tuple[AlertState, Transition | None]:
    """Return the state after `run`, and the transition if the belief changed to or from DOWN.

    The first good run makes UNKNOWN become UP, without a transition: nobody was told, nobody needs an
    all-clear. A run due before anything the state remembers changes nothing; the caller, who knows the newest
    run of all, keeps out the other late ones.
    """
    heard = voice(rule, run)
    if heard is Voice.SILENT or _is_late(state, run):
        return state, None
    if heard is Voice.AGAINST:
        return _against(rule, state, run)
    return _for(rule, state, run)


def incident_id(rule: str, check: str, began_at: datetime) -> str:
    """Return `rule.check.epoch-seconds`; the same fault has the same id after a restart."""
    return f"{rule}.{check}.{int(began_at.timestamp())}"


def _is_late(state: AlertState, run: Run) -> bool:
    return any(known is not None and run.scheduled_at < known for known in (state.streak_since, state.changed_at))


def _against(rule: AlertRule, state: AlertState, run: Run) -> tuple[AlertState, Transition | None]:
    if state.state is State.DOWN:
        return _steady(state), None
    longer = _lengthened(state, run, rule.within)
    if longer.streak < rule.after:
        return longer, None
    return _turned(longer, State.DOWN, incident_id(rule.id, state.check, _began(longer, run)), run)


def _for(rule: AlertRule, state: AlertState, run: Run) -> tuple[AlertState, Transition | None]:
    if state.state is State.UP:
        return _steady(state), None
    if state.state is State.UNKNOWN:
        return _steady(state).evolve(state=State.UP, changed_at=run.scheduled_at), None
    longer = _lengthened(state, run, None)
    if longer.streak < rule.recover_after:
        return longer, None
    return _turned(longer, State.UP, state.incident or "", run)


def _steady(state: AlertState) -> AlertState:
    return state.evolve(streak=0, streak_since=None)


def _lengthened(state: AlertState, run: Run, within: float | None) -> AlertState:
    since = _began(state, run)
    if within is not None and run.scheduled_at - since > timedelta(seconds=within):
        # Only the first moment of a streak is kept, so one that grew too old starts again with this run.
        return state.evolve(streak=1, streak_since=run.scheduled_at)
    return state.evolve(streak=state.streak + 1, streak_since=since)


def _began(state: AlertState, run: Run) -> datetime:
    return state.streak_since if state.streak_since is not None else run.scheduled_at


def _turned(state: AlertState, after: State, incident: str, run: Run) -> tuple[AlertState, Transition]:
    transition = Transition(
        rule=state.rule,
        check=state.check,
        incident=incident,
        before=state.state,
        after=after,
        at=run.finished_at,
        began_at=_began(state, run),
        run=run.id,
        verdict=run.verdict,
        blame=run.blame,
        reason=run.reason,
    )
    turned = _steady(state).evolve(
        state=after, changed_at=run.scheduled_at, incident=incident if after is State.DOWN else None
    )
    return turned, transition
