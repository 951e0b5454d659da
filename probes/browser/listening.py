"""Listening to the driver's events without its looking at the listener each time."""

from collections.abc import Callable
from inspect import Parameter, Signature
from typing import TypeVar

E = TypeVar("E")

_ONE_EVENT = Signature([Parameter("event", Parameter.POSITIONAL_ONLY)])


def listener(hear: Callable[[E], None]) -> Callable[[E], None]:
    """Return `hear` as a function that says itself what it takes.

    Playwright works out a listener's signature anew at every event, which costs more than most listeners do.
    """

    def listening(event: E) -> None:
        hear(event)

    listening.__signature__ = _ONE_EVENT  # type: ignore[attr-defined]  # what inspect.signature looks for first
    return listening
