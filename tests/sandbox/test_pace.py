from datetime import datetime

from sandbox.catalogue import Quality, find_service
from sandbox.pace import LOCAL_TIME, Pace

FLAKY = Quality(flaky_hours=(8,), error_probability=0.5)


def pace(seed: int, hour: int) -> Pace:
    moment = datetime(2026, 11, 24, hour, tzinfo=LOCAL_TIME)
    return Pace(seed, lambda: moment)


def test_the_same_seed_gives_the_same_turns_and_another_seed_others() -> None:
    one, same, other = pace(1, 8), pace(1, 8), pace(2, 8)
    turns = [one.turn("ho-kinh-doanh", FLAKY, "x") for _ in range(30)]
    assert turns == [same.turn("ho-kinh-doanh", FLAKY, "x") for _ in range(30)]
    assert turns != [other.turn("ho-kinh-doanh", FLAKY, "x") for _ in range(30)]


def test_a_service_is_not_disturbed_by_the_requests_of_another() -> None:
    alone, mixed = pace(1, 8), pace(1, 8)
    turns = [alone.turn("a", FLAKY, "x") for _ in range(10)]
    interleaved = []
    for _ in range(10):
        interleaved.append(mixed.turn("a", FLAKY, "x"))
        mixed.turn("b", FLAKY, "x")
    assert turns == interleaved


def test_a_flaky_service_fails_only_in_its_hours() -> None:
    assert any(pace(1, 8).turn(str(n), FLAKY, "x").fails for n in range(40))
    assert not any(pace(1, 11).turn(str(n), FLAKY, "x").fails for n in range(40))


def test_the_slow_service_takes_two_to_three_seconds_on_its_slow_steps() -> None:
    service = find_service("bien-dong-dat-dai")
    assert service is not None
    assert 2 <= pace(1, 11).turn(service.id, service.quality, "xem-lai").delay_s <= 3
    assert pace(1, 11).turn(service.id, service.quality, "to-khai-2").delay_s < 0.5
