"""What burnt cores are judged by: a walk that was not marked, a silent board and a machine that was busy before."""

from collections import Counter
from typing import Any

import pytest

from checks.run import AGENT, Cause, Reason, Run, Verdict
from tests.faults.burnt import EVERY_S, Said, burning_wrong, rest_wrong
from tests.samples import run

LOUD = Said(looks=2, degraded=2, causes=Counter(cpu=2), pages=Counter({"/": 2, "/agent": 2}))


def _walk(**fields: Any) -> Run:
    return run(check="di", **fields)


def _degraded(check: str = "di") -> Run:
    calm = run(check=check)
    return calm.model_copy(update={"health": calm.health.model_copy(update={"degraded": True, "causes": CAUSES})})


CAUSES = (next(iter(Cause)),)
LEFT_OUT = {"verdict": Verdict.SKIPPED, "reason": Reason.AGENT_OVERLOAD, "blame": AGENT}


def test_walks_that_are_marked_delayed_or_left_out_are_right() -> None:
    walks = [_degraded(), _walk(queue_delay_s=3.0), _walk(**LEFT_OUT)]
    assert list(burning_wrong(walks, LOUD)) == []


@pytest.mark.parametrize("walks", [[], [_degraded(), _walk()]])
def test_no_walk_at_all_and_a_walk_like_any_other_are_seen(walks: list[Run]) -> None:
    (said,) = burning_wrong(walks, LOUD)
    assert said.startswith(f"only {len(walks) // 2} of {len(walks)} walks")


@pytest.mark.parametrize("silent", ["/", "/agent"])
def test_a_page_of_the_board_that_keeps_silent_is_seen(silent: str) -> None:
    said = Said(2, 2, causes=LOUD.causes, pages=Counter({"/": 2, "/agent": 2} | {silent: 0}))
    assert list(burning_wrong([_degraded()], said)) == ["metrics or board do not say that the agent is slowed"]


def test_a_machine_that_was_busy_before_proves_nothing() -> None:
    calm = [run(check=check) for check in EVERY_S for _ in range(4)]
    assert list(rest_wrong(calm)) == []
    (said,) = rest_wrong([*calm, *(_degraded() for _ in range(3))])
    assert said.startswith("only 4 of 7 runs of di were clean at rest")
