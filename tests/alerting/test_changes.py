"""What one run changes beside its own row."""

import random
from datetime import timedelta
from typing import Any

import pytest

from alerting.changes import changes_for
from alerting.letters import Letters
from alerting.standing import Standing
from checks.incident import Changes, State
from checks.model import BrowserCheck, Maintenance, Match
from checks.run import Verdict
from tests.alerting.letter_cases import walked
from tests.alerting.province import SLOT, broken_walk, config, rule, slot_run
from tests.samples import AGENCY, NOON, check, target

OK, FAILED = Verdict.OK, Verdict.FAILED
LETTERS = Letters()


def window(**fields: Any) -> Maintenance:
    said = {
        "id": "nang-cap",
        "systems": ["mot-cua-tinh"],
        "starts": NOON,
        "ends": NOON + 3 * SLOT,
        "announced": NOON - timedelta(days=30),
        "note": "Nâng cấp hệ thống",
    }
    return Maintenance.model_validate(said | fields)


def test_a_good_run_of_a_check_believed_up_changes_nothing() -> None:
    first, second = walked(config(rule()), [slot_run(0, OK), slot_run(1, OK)], LETTERS)
    assert [state.state for state in first.states] == [State.UP]
    assert second == Changes()


def test_an_incident_opens_and_closes_with_one_mail_each() -> None:
    runs = [slot_run(0, OK), broken_walk(1), broken_walk(2), broken_walk(3), slot_run(4, OK)]
    *_, opened, lasting, closed = walked(config(rule()), runs, LETTERS)
    (incident,), (mail,) = opened.incidents, opened.mails
    assert (incident.began_at, incident.opened_at) == (runs[1].scheduled_at, runs[2].finished_at)
    assert (incident.first_run, incident.last_run, incident.ended_at) == (runs[1].id, runs[2].id, None)
    assert (mail.key, mail.to) == (f"{incident.id}.down.{AGENCY.email[0]}", AGENCY.email)
    assert lasting == Changes()
    assert closed.incidents == (incident.evolve(ended_at=runs[4].scheduled_at, last_run=runs[4].id),)
    assert [(m.kind, m.incident, m.to) for m in closed.mails] == [("up", incident.id, AGENCY.email)]


def test_every_receiver_gets_a_mail_of_its_own() -> None:
    (opened,) = walked(
        config(rule(after=1, to=["agency", "operator", "agency", "truc@anbinh.example"])), [broken_walk(0)], LETTERS
    )
    receivers = [("so-tu-phap@anbinh.example",), ("so-khcn@anbinh.example",), ("truc@anbinh.example",)]
    assert [mail.to for mail in opened.mails] == receivers
    assert len({mail.key for mail in opened.mails}) == len(receivers)


def test_every_matching_rule_keeps_its_own_incident() -> None:
    rules = (rule(id="ngay", after=1), rule(id="cham-ngay", when="slow", after=1), rule(id="hai", after=2))
    elsewhere = rule(id="khac", after=1, match=Match(checks=("khac",)))
    first, second = walked(config(*rules, elsewhere), [broken_walk(0), broken_walk(1)], LETTERS)
    assert [incident.rule for incident in first.incidents] == ["ngay"]
    assert [incident.rule for incident in second.incidents] == ["hai"]


def test_without_receivers_there_is_an_incident_but_no_mail() -> None:
    silent = target(check(BrowserCheck, journey="ho-so"), agency=AGENCY.evolve(email=()))
    (opened,) = walked(config(rule(after=1), targets={silent.check.id: silent}), [broken_walk(0)], LETTERS)
    assert (len(opened.incidents), opened.mails) == (1, ())


def test_without_a_mail_server_there_is_an_incident_but_no_mail() -> None:
    (opened,) = walked(config(rule(after=1), mail=False), [broken_walk(0)], LETTERS)
    assert (len(opened.incidents), opened.mails) == (1, ())


def test_a_late_run_changes_nothing_even_when_the_rule_remembers_nothing_of_that_time() -> None:
    runs = [slot_run(0, OK), slot_run(5, OK), broken_walk(3), broken_walk(4)]
    assert walked(config(rule(after=1)), runs, LETTERS)[2:] == [Changes(), Changes()]


def test_a_run_of_a_check_that_left_the_configuration_changes_nothing() -> None:
    assert changes_for(broken_walk(0, check="cu"), config(rule(after=1)), Standing(), LETTERS) == Changes()


def test_failures_inside_an_announced_stop_open_nothing() -> None:
    a_config = config(rule(after=1), maintenance=(window(),))
    changes = walked(a_config, [broken_walk(slot) for slot in range(4)], LETTERS)
    assert changes[:3] == [Changes()] * 3
    assert [incident.began_at for incident in changes[3].incidents] == [NOON + 3 * SLOT]


def test_an_incident_from_before_the_stop_ends_inside_it() -> None:
    a_config = config(rule(after=1), maintenance=(window(),))
    *_, closed = walked(a_config, [broken_walk(-1), broken_walk(0), slot_run(1, OK)], LETTERS)
    assert [mail.kind for mail in closed.mails] == ["up"]


@pytest.mark.parametrize(
    ("fields", "opens"),
    [
        ({}, False),
        ({"systems": [], "services": ["khai-sinh"]}, False),
        ({"systems": ["khac"]}, True),
        ({"systems": []}, True),
        ({"announced": NOON - timedelta(days=2)}, True),
        ({"announced": NOON + timedelta(hours=1), "force_majeure": True}, False),
    ],
)
def test_only_stops_that_cover_the_check_and_were_announced_count(fields: dict[str, Any], opens: bool) -> None:
    (changes,) = walked(config(rule(after=1), maintenance=(window(**fields),)), [broken_walk(1)], LETTERS)
    assert bool(changes.incidents) is opens


def test_after_a_restart_the_all_clear_still_closes_the_same_incident() -> None:
    a_config, runs = config(rule()), [slot_run(0, OK), broken_walk(1), broken_walk(2)]
    opened = walked(a_config, runs, LETTERS)[-1]
    reloaded = Standing.of(opened.states, opened.incidents, [runs[-1]])
    closed = changes_for(slot_run(3, OK), a_config, reloaded, LETTERS)
    assert [incident.id for incident in closed.incidents] == [opened.incidents[0].id]


def test_incidents_that_are_over_are_forgotten() -> None:
    a_config, standing = config(rule(after=1)), Standing()
    for run in (broken_walk(0), slot_run(1, OK), broken_walk(2)):
        standing = standing.after(run, changes_for(run, a_config, standing, LETTERS))
    assert [incident.first_run for incident in standing.incidents.values()] == [broken_walk(2).id]


def test_the_same_run_gives_the_same_bytes() -> None:
    a_config = config(rule(after=1))
    first, again = (changes_for(broken_walk(0), a_config, Standing(), Letters()) for _ in range(2))
    assert first == again


@pytest.mark.parametrize("seed", range(10))
def test_no_receiver_ever_hears_of_a_repair_without_its_fault(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - dice for a test
    a_config = config(rule(after=2, within="30m", recover_after=2), rule(id="cham", when="slow", after=1))
    # Up to three slots out of order.
    slots = sorted(dice.sample(range(300), 200), key=lambda slot: slot + dice.randint(0, 3))
    runs = [slot_run(slot, dice.choice(list(Verdict))) for slot in slots]
    told: dict[str, list[str]] = {}
    for mail in (mail for changes in walked(a_config, runs, LETTERS) for mail in changes.mails):
        told.setdefault(mail.incident, []).append(mail.kind)
    assert told
    assert all(kinds in (["down"], ["down", "up"]) for kinds in told.values())
