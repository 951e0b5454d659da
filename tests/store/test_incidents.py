from checks.incident import AlertState, Changes, State
from checks.run import Outcome
from store.protocol import Store
from tests.samples import NOON, run
from tests.store.values import MINUTE, confirmed, failed, going_down, incident_of, mail


async def test_an_outcome_and_everything_it_changes_are_stored_together(store: Store) -> None:
    outcome = confirmed()
    changes = going_down(outcome.run)
    assert await store.save(outcome, changes) is True
    incident = changes.incidents[0]
    assert await store.alert_states() == changes.states
    assert await store.incident(incident.id) == incident
    assert await store.transitions(incident.id) == changes.transitions
    assert [delivery.mail for delivery in await store.deliveries(incident.id)] == list(changes.mails)


async def test_a_second_closing_changes_nothing_else_either(store: Store) -> None:
    await store.save(Outcome(run=run()), Changes())
    assert await store.save(confirmed(), going_down(confirmed().run)) is False
    assert await store.alert_states() == ()
    assert await store.incidents() == ()
    assert await store.outbox_pending() == 0


async def test_a_state_is_replaced_by_its_successor(store: Store) -> None:
    for i, state in enumerate((State.UP, State.DOWN)):
        states = (
            AlertState(rule="ngung", check="khai-sinh", state=state, streak=i, streak_since=NOON),
            AlertState(rule="cham", check="khai-sinh", state=state),
        )
        await store.save(Outcome(run=run(NOON + i * MINUTE)), Changes(states=states))
    assert await store.alert_states() == (
        AlertState(rule="cham", check="khai-sinh", state=State.DOWN),
        AlertState(rule="ngung", check="khai-sinh", state=State.DOWN, streak=1, streak_since=NOON),
    )


async def test_incidents_come_newest_first_and_close_in_place(store: Store) -> None:
    runs = [failed(NOON + i * MINUTE, check=f"c-{i % 2}") for i in range(4)]
    for a_run in runs:
        await store.save(Outcome(run=a_run), going_down(a_run))
    ended = incident_of(runs[1], ended_at=NOON + 9 * MINUTE)
    await store.save(Outcome(run=run(NOON + 9 * MINUTE, check="c-1")), Changes(incidents=(ended,)))
    assert await store.incidents() == (incident_of(runs[3]), incident_of(runs[2]), ended, incident_of(runs[0]))
    assert await store.incidents(limit=1) == (incident_of(runs[3]),)
    assert await store.incidents(open_only=True, check="c-1") == (incident_of(runs[3]),)
    assert await store.incidents(check="c-1") == (incident_of(runs[3]), ended)


async def test_transitions_keep_their_order(store: Store) -> None:
    down = going_down(failed()).transitions[0]
    changes = [
        down.evolve(before=before, after=after, at=NOON + minute * MINUTE)
        for before, after, minute in ((State.UP, State.DOWN, 1), (State.DOWN, State.UP, 5), (State.UP, State.DOWN, 5))
    ]
    await store.save(Outcome(run=run()), Changes(transitions=tuple(changes)))
    assert await store.transitions(down.incident) == tuple(changes)


async def test_pruning_runs_leaves_incidents_and_mails(store: Store) -> None:
    a_run = failed()
    await store.save(Outcome(run=a_run), going_down(a_run))
    assert await store.prune(NOON + MINUTE) == 1
    incident = incident_of(a_run)
    assert await store.incidents() == (incident,)
    assert len(await store.transitions(incident.id)) == 1
    assert len(await store.deliveries(incident.id)) == 1


async def test_hostile_text_in_incidents_and_mails_is_kept(store: Store) -> None:
    a_run = failed()
    changes = Changes(
        incidents=(incident_of(a_run, "i-1", message="\0<script>\ud800"),), mails=(mail(text="\0 \ud800 Đ"),)
    )
    assert await store.save(Outcome(run=a_run), changes) is True
    incident = await store.incident("i-1")
    assert incident is not None
    assert incident.message.endswith("<script>?")
    assert (await store.due_mails(NOON))[0].mail.text.endswith("? Đ")
