"""Everything one run changes: beliefs, transitions, incidents and the mails about them."""

from zoneinfo import ZoneInfo

from alerting.letters import Case, Letters
from alerting.rules import Voice, advance, voice
from alerting.standing import Standing
from checks.config import Config, matches, recipients
from checks.incident import Changes, Incident, OutgoingMail, State, Transition
from checks.maintenance import covers, excuses
from checks.run import Run, Slot


def changes_for(run: Run, config: Config, standing: Standing, letters: Letters) -> Changes:
    """Return what a slot's result changes beside its own row; pure, so the caller saves both at once.

    Only states that differ are in it. A run that is late (`Standing.is_late`), of a check that checks.yaml no
    longer has, or bad inside an announced stop changes nothing. There are mails only where `alerts.mail` and
    the rule's receivers exist, one per receiver, so that one refused address delays nobody else.
    """
    target = config.targets.get(run.check)
    if target is None or standing.is_late(run):
        return Changes()
    stopped = _stopped(run, config)
    turns = [
        (rule, *advance(rule, standing.state(rule.id, run.check), run))
        for rule in config.alerts.rules
        if matches(rule.match, target) and not (stopped and voice(rule, run) is Voice.AGAINST)
    ]
    cases = [
        Case(rule, transition, incident, run, target, config)
        for rule, _, transition in turns
        if transition is not None and (incident := _incident(transition, run, standing)) is not None
    ]
    return Changes(
        states=tuple(state for _, state, _ in turns if state != standing.state(state.rule, state.check)),
        transitions=tuple(transition for _, _, transition in turns if transition is not None),
        incidents=tuple(case.incident for case in cases),
        mails=tuple(mail for case in cases for mail in _mails(case, letters)),
    )


def _stopped(run: Run, config: Config) -> bool:
    """Whether the slot lies in an announced stop.

    What then speaks against the check is not shown to the rules, so beliefs and streaks stay as they were; a good
    run is shown, so that an incident from before the stop ends as soon as the service is back.
    """
    zone, needed = ZoneInfo(config.settings.timezone), config.ranking.notice_days
    return any(covers(stop, run) and excuses(stop, zone, needed) for stop in config.maintenance)


def _incident(transition: Transition, run: Run, standing: Standing) -> Incident | None:
    if transition.after is State.DOWN:
        return _opened(transition, run)
    # None only if somebody deleted the row: then there is nothing to close and nothing to tell.
    incident = standing.incidents.get(transition.incident)
    return incident and incident.evolve(ended_at=transition.began_at, last_run=run.id)


def _opened(transition: Transition, run: Run) -> Incident:
    return Incident(
        id=transition.incident,
        rule=transition.rule,
        check=transition.check,
        service=run.service,
        system=run.system,
        agency=run.agency,
        began_at=transition.began_at,
        opened_at=transition.at,
        verdict=run.verdict,
        blame=run.blame,
        reason=run.reason,
        message=run.message,
        first_run=Slot(check=run.check, location=run.location, due_at=transition.began_at).id,
        last_run=run.id,
    )


def _mails(case: Case, letters: Letters) -> tuple[OutgoingMail, ...]:
    if case.config.alerts.mail is None:
        return ()
    receivers = recipients(case.rule, case.target, case.config.agencies)
    return tuple(letters.mail(case, receiver) for receiver in receivers)
