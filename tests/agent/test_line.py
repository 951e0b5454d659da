"""The order of those who wait: second attempts, then whoever missed most; bounded, fair, and cheap."""

from collections import Counter

from agent.line import Line, Ticket


def ticket(check: str, due_s: float = 0, *, every_s: float = 300, latest_s: float = 100, again: bool = False) -> Ticket:
    return Ticket(check, every_s, due_s, due_s, due_s + latest_s, again)


def order(line: Line) -> list[str]:
    """Serve everybody who waits; return their checks."""
    found = []
    while (one := line.first()) is not None:
        line.leave(one)
        found.append(one.check)
    return found


def test_those_who_never_had_a_turn_go_as_they_fell_due() -> None:
    line = Line(9)
    for check, due_s in (("b", 2), ("c", 3), ("a", 1)):
        line.join(ticket(check, due_s))
    assert order(line) == ["a", "b", "c"]


def test_second_attempts_go_first_and_the_most_pressing_before_the_others() -> None:
    line = Line(9)
    line.join(ticket("new"))
    line.join(ticket("later", latest_s=50, again=True))
    line.join(ticket("soon", latest_s=20, again=True))
    assert order(line) == ["soon", "later", "new"]


def test_a_check_that_lost_its_last_slot_goes_before_one_that_had_it() -> None:
    line = Line(9)
    line.started(ticket("had"), 0)
    line.started(ticket("lost"), -300)
    line.join(ticket("had", 300))
    line.join(ticket("lost", 310))
    assert order(line) == ["lost", "had"]


def test_a_second_attempt_does_not_cost_the_check_its_next_turn() -> None:
    line = Line(9)
    line.started(ticket("a"), 0)
    line.started(ticket("b"), 1)
    line.started(ticket("a", again=True), 100)
    line.join(ticket("b", 300))
    line.join(ticket("a", 300))
    assert order(line) == ["a", "b"]


def test_a_line_that_is_too_long_gives_up_who_has_waited_longest() -> None:
    line = Line(2)
    oldest, older, new = ticket("oldest", 1), ticket("older", 2), ticket("new", 3)
    assert line.join(oldest) is None
    assert line.join(older) is None
    assert line.join(new) is oldest
    assert order(line) == ["older", "new"]


def test_a_second_attempt_is_never_given_up() -> None:
    line = Line(1)
    assert line.join(ticket("again", 0, again=True)) is None
    assert line.join(ticket("again too", 1, again=True)) is None
    assert line.join(ticket("new", 2)) is None
    newer = ticket("newer", 3)
    gone = line.join(newer)
    assert gone is not None
    assert gone.check == "new"
    assert len(line) == 3


def test_who_leaves_by_the_back_door_is_passed_over_and_forgotten() -> None:
    line = Line(10_000)
    for n in range(5000):
        one = ticket(f"c{n}", n)
        line.join(one)
        line.leave(one)
        line.leave(one)
    assert len(line) == 0
    assert line.first() is None
    assert len(line._heap) < 50


def test_how_long_the_first_has_waited_is_known() -> None:
    line = Line(9)
    assert line.longest_wait_s(50) == 0
    line.join(ticket("a", 10))
    line.join(ticket("b", 20))
    assert line.longest_wait_s(50) == 40


class Counted(float):
    """A number that counts how often it is compared."""

    asked = 0

    def __lt__(self, other: float) -> bool:
        Counted.asked += 1
        return float(self) < float(other)


def test_ten_thousand_who_wait_are_not_looked_at_one_by_one() -> None:
    line = Line(20_000)
    for n in (n * 7919 % 10_000 for n in range(10_000)):  # in no order
        line.join(Ticket(f"c{n}", 300, Counted(n), n, n + 100))
    Counted.asked = 0
    for n in range(1000):
        one = line.first()
        assert one is not None
        line.leave(one)
        line.join(Ticket(one.check, 300, Counted(20_000 + n), n, n + 100))
    assert Counted.asked < 1000 * 2 * 2 * 15  # two operations of some log2(10,000) comparisons, twice for equality


def test_over_a_long_overload_every_check_loses_alike() -> None:
    """Twelve checks every 300 s, each walk 50 s: half of the slots can be had, and no check gets less than that."""
    line, served, now_s = Line(99), Counter[str](), 0.0
    due = [(n * 25.0 + k * 300, f"c{n}") for n in range(12) for k in range(200)]
    due.sort()
    waiting: list[Ticket] = []
    while due or waiting:
        while due and due[0][0] <= now_s:
            at, check = due.pop(0)
            waiting.append(ticket(check, at, latest_s=170))
            line.join(waiting[-1])
        for late in [one for one in waiting if one.latest_s < now_s]:
            line.leave(late)
            waiting.remove(late)
        one = line.first()
        if one is None:
            now_s = due[0][0] if due else now_s + 1
            continue
        line.leave(one)
        waiting.remove(one)
        line.started(one, now_s)
        served[one.check] += 1
        now_s += 50
    assert min(served.values()) >= 95
    assert max(served.values()) <= 105
