"""Runs and what alerting makes of them, in the smallest believable form."""

from datetime import datetime, timedelta
from typing import Any, Literal

from checks.incident import AlertState, Changes, Incident, OutgoingMail, State, Transition
from checks.run import SYSTEM, Outcome, Reason, Run, Slot, Verdict
from tests.samples import NOON, run

MINUTE = timedelta(minutes=1)
NO_CHANGES = Changes()


def slot(due: datetime = NOON, check: str = "khai-sinh", location: str = "an-binh") -> Slot:
    return Slot(check=check, location=location, due_at=due)


def failed(due: datetime = NOON, **fields: Any) -> Run:
    return run(due, Verdict.FAILED, blame=SYSTEM, reason=Reason.TIMEOUT, **fields)


def confirmed(due: datetime = NOON, **fields: Any) -> Outcome:
    """A failure that a second attempt confirmed."""
    return Outcome(run=failed(due, attempt=2, attempts=2, **fields), earlier=(failed(due, attempt=1, **fields),))


def mail(kind: Literal["down", "up"] = "down", incident: str = "i-1", **fields: Any) -> OutgoingMail:
    base: dict[str, Any] = {
        "key": f"{incident}.{kind}",
        "incident": incident,
        "kind": kind,
        "to": ("so-tu-phap@anbinh.example",),
        "subject": "Sự cố: Đăng ký khai sinh",
        "text": "Kính gửi Sở Tư pháp",
        "html": "<p>Kính gửi Sở Tư pháp</p>",
        "created_at": NOON,
    }
    return OutgoingMail.model_validate(base | fields)


def incident_of(a_run: Run, incident_id: str | None = None, **fields: Any) -> Incident:
    base: dict[str, Any] = {
        "id": incident_id or f"i-{a_run.id}",
        "rule": "ngung",
        "check": a_run.check,
        "service": a_run.service,
        "system": a_run.system,
        "agency": a_run.agency,
        "began_at": a_run.scheduled_at,
        "opened_at": a_run.finished_at,
        "verdict": a_run.verdict,
        "blame": a_run.blame,
        "reason": a_run.reason,
        "first_run": a_run.id,
        "last_run": a_run.id,
    }
    return Incident.model_validate(base | fields)


def going_down(a_run: Run) -> Changes:
    """Everything alerting records when `a_run` opens an incident of its own."""
    incident = incident_of(a_run)
    transition = Transition(
        rule="ngung",
        check=a_run.check,
        incident=incident.id,
        before=State.UP,
        after=State.DOWN,
        at=a_run.finished_at,
        began_at=a_run.scheduled_at,
        run=a_run.id,
        verdict=a_run.verdict,
        blame=a_run.blame,
        reason=a_run.reason,
    )
    return Changes(
        states=(AlertState(rule="ngung", check=a_run.check, state=State.DOWN, incident=incident.id),),
        transitions=(transition,),
        incidents=(incident,),
        mails=(mail("down", incident.id),),
    )
