"""What the soak bench makes of its looks."""

from bench.soak import Weight, after


def looks(*sizes: float) -> list[Weight]:
    return [Weight(size, 10.0, 20.0, processes=6, open_files=21, temporary_files=5, tasks=4) for size in sizes]


def test_a_weight_is_the_least_of_the_hundred_walks_around_it() -> None:
    sizes = [1.0] * 4 + [300.0] * 6 + [200.0] + [300.0] * 9 + [100.0] * 80
    assert after(looks(*sizes), 100).agent_mb == 200.0
    assert after(looks(*sizes), 1000).all_mb == 130.0


def test_the_last_weight_is_that_of_the_hundred_walks_before() -> None:
    sizes = [100.0] * 90 + [150.0] * 10
    assert after(looks(*sizes), 1000).agent_mb == 150.0


def test_few_looks_are_all_looked_at() -> None:
    assert after(looks(3.0, 2.0, 5.0), 30).agent_mb == 2.0
