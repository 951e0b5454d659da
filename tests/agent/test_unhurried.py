"""A walk with pauses has time for them, and nothing else about it is different."""

from agent.unhurried import unhurried
from checks.journey import Step
from checks.model import BrowserCheck, HttpCheck
from tests import samples

STEPS = [
    Step.model_validate({"name": "Một", "do": [{"press": {"key": "Tab"}}, {"press": {"key": "Tab"}}]}),
    Step.model_validate(
        {"name": "Hai", "do": [{"if_visible": {"text": "x", "do": [{"click": {"text": "x"}}]}}], "timeout": "3s"}
    ),
]


def test_every_step_and_the_walk_get_the_time_of_their_pauses() -> None:
    check = samples.check(
        BrowserCheck, journey="di", step_timeout="10s", deadline="20s", every="1m", confirm_after="5s"
    )
    slowed = unhurried(samples.target(check, steps=STEPS), 1.5)
    assert [step.timeout for step in slowed.steps] == [13.0, 6.0]
    assert slowed.check.deadline == 26.0
    assert slowed.check.every > 2 * slowed.check.deadline + slowed.check.confirm_after
    assert [step.do for step in slowed.steps] == [step.do for step in STEPS]


def test_without_a_pause_and_without_a_browser_nothing_changes() -> None:
    walk = samples.target(samples.check(BrowserCheck, journey="di"), steps=STEPS)
    request = samples.target(samples.check(HttpCheck, url="http://mot-cua.example/"))
    assert unhurried(walk, 0.0) is walk
    assert unhurried(request, 1.0) is request
