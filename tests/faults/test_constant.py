"""What random kills are judged by: a lost slot and an accusation are seen."""

from datetime import UTC, datetime, timedelta

import pytest

from checks.run import SYSTEM, Outcome, Reason, Verdict
from tests.faults.constant import EVERY_S, Ledger
from tests.samples import run

BEGAN = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
ENDED = BEGAN + timedelta(minutes=2)


def _due(check: str) -> list[Outcome]:
    every = EVERY_S[check]
    moments = [BEGAN + timedelta(seconds=every * n) for n in range(120 // every)]
    return [Outcome(run=run(due, check=check)) for due in moments]


def _ledger(open_slots: int = 0, incidents: int = 0) -> Ledger:
    return Ledger({check: _due(check) for check in EVERY_S}, open_slots, incidents, mails=0)


def test_a_row_for_each_slot_and_nobody_accused_is_right() -> None:
    assert _ledger().missing(BEGAN, ENDED) == []
    assert _ledger().unjust() == []


@pytest.mark.parametrize("lost", [slice(0, 3), slice(4, 5), slice(-3, None)])
def test_a_slot_without_a_row_is_seen_wherever_it_is(lost: slice) -> None:
    ledger = _ledger()
    del ledger.slots["di-1"][lost]
    (said,) = ledger.missing(BEGAN, ENDED)
    assert said.startswith("di-1: ")


def test_a_slot_that_stays_open_is_seen() -> None:
    assert _ledger(open_slots=1).missing(BEGAN, ENDED) == ["1 slots without a result"]


@pytest.mark.parametrize("verdict", [Verdict.FAILED, Verdict.SLOW, Verdict.BLOCKED])
def test_an_accusation_is_seen_in_an_earlier_attempt_too(verdict: Verdict) -> None:
    ledger = _ledger()
    accused = run(BEGAN, verdict, check="di-1", blame=SYSTEM, reason=Reason.BUDGET)
    fine = ledger.slots["di-1"][0].run
    ledger.slots["di-1"][0] = Outcome(run=fine, earlier=(accused,))
    assert len(ledger.unjust()) == 1


def test_an_incident_is_seen() -> None:
    assert _ledger(incidents=1).unjust() == ["1 incidents, 0 mails"]
