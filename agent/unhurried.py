"""A walk slowed down so that a person can follow it: the same steps, with a pause before each act."""

from dataclasses import replace
from typing import TypeVar

from checks.config import AnyCheck, Target
from checks.journey import Step, all_actions
from checks.model import BrowserCheck

PACE_S = 1.0
"""Pause before each act."""

T = TypeVar("T", bound=AnyCheck)


def unhurried(target: Target[T], pace_s: float) -> Target[T]:
    """Give every step and the whole walk the time that the pauses take; other checks have no pauses."""
    check = target.check
    if not isinstance(check, BrowserCheck) or not pace_s:
        return target
    steps = tuple(_longer(step, check, pace_s) for step in target.steps)
    always = tuple(_longer(step, check, pace_s) for step in target.always)
    deadline = check.deadline + sum(_pauses_s(step, pace_s) for step in target.all_steps)
    # Two such walks must fit between two slots, as the runner takes for granted.
    every = max(check.every, 2 * deadline + check.confirm_after + 1)
    longer = check.evolve(deadline=deadline, every=every)
    return replace(target, check=longer, steps=steps, always=always)


def _longer(step: Step, check: BrowserCheck, pace_s: float) -> Step:
    return step.evolve(timeout=(step.timeout or check.step_timeout) + _pauses_s(step, pace_s))


def _pauses_s(step: Step, pace_s: float) -> float:
    return pace_s * sum(1 for _ in all_actions(step.do))
