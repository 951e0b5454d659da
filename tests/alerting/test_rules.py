"""When a rule changes its mind: sequences of runs in, transitions out."""

import random
from collections.abc import Iterable
from datetime import timedelta

import pytest

from alerting.rules import advance
from checks.incident import AlertState, State, Transition
from checks.model import AlertRule
from checks.run import AGENT, NETWORK, Run, Verdict
from tests.alerting.province import degraded_run, rule, slot_run
from tests.samples import NOON

OK, SLOW, FAILED, BLOCKED = Verdict.OK, Verdict.SLOW, Verdict.FAILED, Verdict.BLOCKED
INCONCLUSIVE, SKIPPED = Verdict.INCONCLUSIVE, Verdict.SKIPPED


def fed(a_rule: AlertRule, runs: Iterable[Run]) -> tuple[AlertState, list[Transition]]:
    state, transitions = AlertState(rule=a_rule.id, check="khai-sinh"), []
    for run in runs:
        state, transition = advance(a_rule, state, run)
        transitions += [transition] if transition is not None else []
    return state, transitions


def slots(*verdicts: Verdict) -> list[Run]:
    return [slot_run(i, verdict) for i, verdict in enumerate(verdicts)]


def turns(a_rule: AlertRule, runs: Iterable[Run]) -> list[tuple[State, int]]:
    """Each transition as (new belief, slot of the run that led to it)."""
    return [(t.after, int((t.at - NOON).total_seconds() // 300)) for t in fed(a_rule, runs)[1]]


def test_two_failures_in_a_row_open_and_a_good_run_closes() -> None:
    state, (down, up) = fed(rule(after=2), slots(OK, FAILED, FAILED, OK))
    first_bad, second_bad, good = slot_run(1, FAILED), slot_run(2, FAILED), slot_run(3, OK)
    assert down == Transition(
        rule="hong",
        check="khai-sinh",
        incident=f"hong.khai-sinh.{int(first_bad.scheduled_at.timestamp())}",
        before=State.UP,
        after=State.DOWN,
        at=second_bad.finished_at,
        began_at=first_bad.scheduled_at,
        run=second_bad.id,
        verdict=FAILED,
        blame="system",
        reason=None,
    )
    assert (up.before, up.after, up.incident, up.began_at) == (
        State.DOWN,
        State.UP,
        down.incident,
        good.scheduled_at,
    )
    assert state == AlertState(rule="hong", check="khai-sinh", state=State.UP, changed_at=good.scheduled_at)


def test_while_down_the_state_names_its_incident() -> None:
    state, (down,) = fed(rule(after=1), slots(OK, FAILED, FAILED))
    assert (state.state, state.incident, state.streak) == (State.DOWN, down.incident, 0)


def test_one_failure_among_good_runs_says_nothing() -> None:
    assert turns(rule(after=2), slots(OK, FAILED, OK, FAILED, OK)) == []


def test_the_first_good_run_is_silent() -> None:
    state, transitions = fed(rule(), slots(OK))
    assert (state.state, transitions) == (State.UP, [])


def test_a_check_that_never_worked_opens_from_unknown() -> None:
    _, (down,) = fed(rule(after=2), slots(FAILED, FAILED))
    assert (down.before, down.after) == (State.UNKNOWN, State.DOWN)


@pytest.mark.parametrize("silent", [INCONCLUSIVE, SKIPPED, BLOCKED])
def test_runs_that_say_nothing_neither_break_nor_lengthen_a_streak(silent: Verdict) -> None:
    assert turns(rule(after=2), slots(OK, FAILED, silent, silent, FAILED)) == [(State.DOWN, 4)]
    assert turns(rule(after=2), slots(OK, FAILED, silent, silent, OK)) == []
    assert turns(rule(after=1, recover_after=2), slots(FAILED, OK, silent, OK)) == [(State.DOWN, 0), (State.UP, 3)]


def test_a_degraded_agent_is_not_believed_either_way() -> None:
    assert turns(rule(after=1), [slot_run(0, OK), degraded_run(1, FAILED)]) == []
    assert turns(rule(after=1), [slot_run(0, FAILED), degraded_run(1, OK)]) == [(State.DOWN, 0)]


@pytest.mark.parametrize("blame", [NETWORK, AGENT, "none"])
def test_a_failure_that_is_not_charged_to_a_system_says_nothing(blame: str) -> None:
    assert turns(rule(after=1), [slot_run(0, OK), slot_run(1, FAILED, blame=blame)]) == []


def test_a_failing_dependency_speaks_as_the_citizen_cannot_finish_either() -> None:
    _, (down,) = fed(rule(after=1), [slot_run(0, FAILED, blame="dependency:dinh-danh")])
    assert down.blame == "dependency:dinh-danh"


def test_slow_is_good_news_for_a_rule_on_failures() -> None:
    assert turns(rule(after=1), slots(FAILED, SLOW)) == [(State.DOWN, 0), (State.UP, 1)]


def test_failures_tell_a_rule_when_slowness_nothing() -> None:
    when_slow = rule(when="slow", after=2)
    assert turns(when_slow, slots(OK, SLOW, FAILED, SLOW, FAILED, OK)) == [(State.DOWN, 3), (State.UP, 5)]
    assert turns(when_slow, slots(OK, FAILED, FAILED, FAILED)) == []


def test_a_block_needs_nobody_to_blame_but_not_our_own_network() -> None:
    when_blocked = rule(when="blocked", after=1)
    assert turns(when_blocked, slots(BLOCKED, FAILED, SLOW)) == [(State.DOWN, 0), (State.UP, 2)]
    assert turns(when_blocked, [slot_run(0, BLOCKED, blame=NETWORK)]) == []


def test_recovery_waits_for_enough_good_runs_in_a_row() -> None:
    runs = slots(FAILED, OK, OK, FAILED, OK, OK, OK)
    state, transitions = fed(rule(after=1, recover_after=3), runs)
    assert [t.after for t in transitions] == [State.DOWN, State.UP]
    assert transitions[1].began_at == runs[4].scheduled_at
    assert state.state is State.UP


def test_failures_further_apart_than_within_do_not_add_up() -> None:
    within = rule(after=3, within="10m")
    assert turns(within, slots(OK, FAILED, FAILED, FAILED)) == [(State.DOWN, 3)]
    assert turns(within, slots(OK, FAILED, FAILED, INCONCLUSIVE, FAILED)) == []


def test_a_lasting_outage_is_found_even_when_an_old_failure_began_the_streak() -> None:
    runs = slots(FAILED, INCONCLUSIVE, INCONCLUSIVE, FAILED, FAILED, FAILED)
    _, (down,) = fed(rule(after=3, within="10m"), runs)
    assert down.began_at == runs[3].scheduled_at


def test_runs_due_before_what_is_remembered_change_nothing() -> None:
    a_rule = rule(after=2)
    state, _ = fed(a_rule, [slot_run(5, OK), slot_run(6, FAILED)])
    for late in (slot_run(4, FAILED), slot_run(3, OK), slot_run(5, OK)):
        assert advance(a_rule, state, late) == (state, None)


def test_a_restart_in_the_middle_changes_nothing() -> None:
    a_rule, runs = rule(after=2, recover_after=2), slots(OK, FAILED, FAILED, FAILED, OK, OK, FAILED)
    _, straight = fed(a_rule, runs)
    state, restarted = AlertState(rule="hong", check="khai-sinh"), []
    for run in runs:
        state = AlertState.model_validate_json(state.model_dump_json())
        state, transition = advance(a_rule, state, run)
        restarted += [transition] if transition is not None else []
    assert restarted == straight


@pytest.mark.parametrize("seed", range(40))
def test_any_sequence_alternates_between_down_and_up(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - dice for a test
    a_rule = rule(
        when=dice.choice(["failed", "slow", "blocked"]),
        after=dice.randint(1, 4),
        within=dice.choice([None, "5m", "20m", "1h"]),
        recover_after=dice.randint(1, 3),
    )
    blames = ["system", "dependency:dinh-danh", "network", "agent", "none"]
    due = sorted(dice.sample(range(400), 300))
    runs = [slot_run(slot, dice.choice(list(Verdict)), blame=dice.choice(blames)) for slot in due]
    _, transitions = fed(a_rule, runs)
    assert [t.after for t in transitions] == [(State.DOWN, State.UP)[i % 2] for i in range(len(transitions))]
    opened = [t.incident for t in transitions if t.after is State.DOWN]
    assert [t.incident for t in transitions if t.after is State.UP] == opened[: len(transitions) // 2]
    assert len(set(opened)) == len(opened)
    if a_rule.within is not None:
        spans = [t.at - t.began_at for t in transitions if t.after is State.DOWN]
        assert all(span <= timedelta(seconds=a_rule.within + 3) for span in spans)
