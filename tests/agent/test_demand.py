"""What a schedule asks of a machine, told before slots are lost."""

from datetime import timedelta

import pytest

from agent.demand import Fit, Need, Statement, guess_s, light_per_minute, seen_s, stated, walks_of, weigh
from checks.config import Config
from checks.incident import Changes
from checks.run import Outcome, Run, Verdict
from store.protocol import Store
from tests.samples import NOON, run

CHECKS = """
version: 1
settings: {contact: "mailto:a@b.example", location: an-binh, defaults: {every: 1m, deadline: 20s, confirm_after: 1s}}
agencies: [{id: so, name: Sở}]
systems: [{id: cong, name: Cổng, agency: so, url: "http://127.0.0.1:1", hosts: ["127.0.0.1:1"]}]
journeys:
  - id: di
    title: Đi
    steps:
      - {name: Mở, do: [{goto: "${system.url}/"}], until: {text: a}}
      - {name: Xem, do: [{click: {text: b}}], until: {text: b}}
checks:
  - {id: lanh, type: browser, system: cong, journey: di}
  - {id: am, type: browser, system: cong, journey: di, cache: warm, every: 2m}
  - {id: nghi, type: browser, system: cong, journey: di, enabled: false}
  - {id: noi, type: tcp, system: cong, host: 127.0.0.1, port: 1, every: 15s, deadline: 5s}
"""


def needing(needed_s: float, width: int = 1) -> Statement:
    return Statement((Need("a", needed_s, 60, known=True),), width, 2.0 * width)


def walk(took_s: float, verdict: Verdict = Verdict.OK, minute: int = 0) -> Run:
    due = NOON + timedelta(minutes=minute)
    blame = "system" if verdict is Verdict.FAILED else "none"
    return run(
        due,
        verdict,
        check="lanh",
        service=None,
        blame=blame,
        started_at=due,
        finished_at=due + timedelta(seconds=took_s),
    )


@pytest.mark.parametrize(
    ("needed_s", "width", "fit"),
    [(30, 1, Fit.WELL), (36, 1, Fit.WELL), (40, 1, Fit.TIGHT), (48, 1, Fit.TIGHT), (49, 1, Fit.NOT), (49, 2, Fit.WELL)],
)
def test_four_fifths_of_every_place_are_for_slots(needed_s: float, width: int, fit: Fit) -> None:
    assert needing(needed_s, width).fit is fit


def test_it_is_said_in_one_line_with_both_numbers() -> None:
    assert str(needing(75)) == (
        "this schedule needs 75.0 browser-seconds per minute, this machine has 48.0 (1 walk at once on 2 cores)"
    )
    assert needing(30).warning() is None
    assert "a (75.0 s every 60 s)" in (needing(75).warning() or "")


def test_what_nobody_has_walked_yet_is_guessed_from_its_steps(config: Config) -> None:
    guesses = {target.check.id: guess_s(target) for target in walks_of(config)}
    assert guesses == {"lanh": pytest.approx(1.1), "am": pytest.approx(1.7)}
    statement = stated(config, 2, {})
    assert statement.needed_s == pytest.approx(1.1 + 1.7 / 2)
    assert "2 of 2 durations guessed" in str(statement)


def test_the_middle_of_good_walks_is_what_a_walk_takes() -> None:
    assert seen_s([walk(3), walk(9), walk(4), walk(60, Verdict.FAILED)]) == 4
    assert seen_s([walk(60, Verdict.FAILED)]) is None


async def test_results_in_the_store_replace_the_guess(config: Config, store: Store) -> None:
    for minute in range(3):
        await store.save(Outcome(run=walk(6, minute=minute)), Changes())
    statement = await weigh(config, store, 2)
    assert {need.check: (need.walk_s, need.known) for need in statement.needs}["lanh"] == (6, True)
    assert "1 of 2 durations guessed" in str(statement)


def test_light_checks_are_counted_a_minute(config: Config) -> None:
    assert light_per_minute(config.targets.values()) == 4
