"""Recorded changes of state, the incidents they open and close, and the messages they send."""

from enum import StrEnum
from typing import Literal

from checks.frozen import Value
from checks.run import Blame, Moment, Reason, Verdict


class State(StrEnum):
    """What an alert rule believes of a check."""

    UNKNOWN = "unknown"
    UP = "up"
    DOWN = "down"


class AlertState(Value):
    """Where one rule stands with one check; advanced run by run, stored so that a restart forgets nothing.

    `streak` counts the latest runs in a row that speak against the current belief; `streak_since` is the
    moment of the first of them, `changed_at` the moment the belief last changed.
    """

    rule: str
    check: str
    state: State = State.UNKNOWN
    streak: int = 0
    streak_since: Moment | None = None
    changed_at: Moment | None = None
    incident: str | None = None


class Transition(Value):
    """A recorded fact: a rule changed its belief of a check because of a run."""

    rule: str
    check: str
    incident: str
    before: State
    after: State
    at: Moment
    began_at: Moment
    run: str
    verdict: Verdict
    blame: Blame
    reason: Reason | None = None


class Incident(Value):
    """A span in which a check was down for a rule; open while `ended_at` is None."""

    id: str
    rule: str
    check: str
    service: str | None
    system: str
    agency: str
    began_at: Moment
    opened_at: Moment
    ended_at: Moment | None = None
    verdict: Verdict
    blame: Blame
    reason: Reason | None = None
    message: str = ""
    first_run: str
    last_run: str


class OutgoingMail(Value):
    """A message in the outbox, rendered when the incident changed so that nothing later can alter it.

    `key` is unique per incident, kind and receiver: saving the same message twice sends it once.
    """

    key: str
    incident: str
    kind: Literal["down", "up"]
    to: tuple[str, ...]
    subject: str
    text: str
    html: str
    created_at: Moment


class Delivery(Value):
    """A message with the story of its sending; `sent_at` is None until a server has taken it."""

    mail: OutgoingMail
    tries: int = 0
    next_try_at: Moment | None = None
    sent_at: Moment | None = None
    failed_for_good: bool = False
    last_error: str = ""


class Changes(Value):
    """Everything one outcome changes beside its own row; stored in the same transaction."""

    states: tuple[AlertState, ...] = ()
    transitions: tuple[Transition, ...] = ()
    incidents: tuple[Incident, ...] = ()
    mails: tuple[OutgoingMail, ...] = ()
