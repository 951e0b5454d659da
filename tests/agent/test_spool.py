"""What is kept on disk while the store is away: in order, whole, bounded, and still there after a kill."""

import asyncio
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest

from agent.backlog import Backlog
from agent.records import Begun, Passed, Record
from agent.spool import Spool
from checks.run import Outcome, Reason, StepRun, Verdict
from tests.samples import NOON, run
from tests.store.values import MINUTE, confirmed, slot

LONG = StepRun(name="x" * 20_000, verdict=Verdict.OK)


def outcome(number: int, **fields: Any) -> Outcome:
    return Outcome(run=run(NOON + number * MINUTE, **fields))


def begun(number: int) -> Begun:
    return Begun((slot(NOON + number * MINUTE),))


def everything(spool: Spool) -> list[Record]:
    found: list[Record] = []
    while part := spool.first(7):
        found += part
        spool.done(len(part))
    return found


def test_what_was_appended_comes_back_in_order_and_whole(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    passed = Passed((slot(), slot(NOON + MINUTE)), Reason.CLOCK, "Đồng hồ\t\n")
    records: list[Record] = [begun(0), confirmed(NOON), passed, outcome(1, message="Sở Tư pháp\n\u2028 \ud800")]
    spool.append(records[:3])
    spool.append(records[3:])
    assert spool.outcomes == 2
    back = everything(spool)
    assert back[:3] == records[:3]
    assert isinstance(back[3], Outcome)
    assert back[3].run.id == outcome(1).run.id
    assert not spool.holds
    assert (spool.bytes, spool.outcomes) == (0, 0)
    assert list((tmp_path / "spool").iterdir()) == []


def test_a_later_process_takes_up_what_an_earlier_one_left(tmp_path: Path) -> None:
    Spool(tmp_path).append([begun(0), outcome(0), outcome(1)])
    later = Spool(tmp_path)
    assert later.outcomes == 2
    later.append([outcome(2)])
    assert everything(later) == [begun(0), outcome(0), outcome(1), outcome(2)]


@pytest.mark.parametrize("cut", [1, 40, 300])
def test_a_line_torn_by_a_power_cut_costs_only_itself(tmp_path: Path, cut: int) -> None:
    Spool(tmp_path).append([outcome(0), outcome(1)])
    (segment,) = tmp_path.glob("*.jsonl")
    segment.write_bytes(segment.read_bytes()[:-cut])
    later = Spool(tmp_path)
    later.append([outcome(2)])
    assert everything(later) == [outcome(0), *([outcome(1)] if cut == 1 else []), outcome(2)]


def test_garbage_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "000000000001.jsonl").write_bytes(b"\0\0\nbegun [{]\nended {}\nended \xff\n\n")
    spool = Spool(tmp_path)
    spool.append([outcome(0)])
    assert everything(spool) == [outcome(0)]


def test_a_file_that_is_none_of_ours_is_left_alone(tmp_path: Path) -> None:
    foreign = tmp_path / "1-chép.jsonl"
    foreign.write_text("ended {}\n", encoding="utf-8")
    spool = Spool(tmp_path)
    spool.append([outcome(0)])
    assert everything(spool) == [outcome(0)]
    assert foreign.exists()


@pytest.mark.parametrize("written", ['["x"]', '{"x": [1, 2]}', '{"x": null}', "[", ""])
def test_a_list_of_what_is_gone_that_cannot_be_read_is_passed_over(tmp_path: Path, written: str) -> None:
    (tmp_path / "gone.json").write_text(written, encoding="utf-8")
    assert Spool(tmp_path).gone == {}


def test_many_are_read_in_portions_while_more_are_appended(tmp_path: Path) -> None:
    spool, random = Spool(tmp_path), Random(5)  # noqa: S311 - an order that is the same every time, not a secret
    written, read = 0, []
    while written < 400 or spool.holds:
        if written < 400 and random.random() < 0.6:
            size = random.randrange(1, 40)
            spool.append([outcome(written + i, steps=(LONG,)) for i in range(size)])
            written += size
        else:
            part = spool.first(random.randrange(1, 30))
            read += part
            spool.done(len(part))
    assert read == [outcome(i, steps=(LONG,)) for i in range(written)]


def test_when_it_is_full_the_oldest_go_and_their_slots_are_remembered(tmp_path: Path) -> None:
    spool = Spool(tmp_path, max_bytes=3_000_000)
    for i in range(400):
        spool.append([begun(i), outcome(i, steps=(LONG,))])
    assert spool.bytes <= 3_100_000
    assert sum(file.stat().st_size for file in tmp_path.glob("*.jsonl")) == spool.bytes
    first, last = spool.gone["khai-sinh"]
    assert first == NOON
    later = Spool(tmp_path, max_bytes=3_000_000)
    assert later.gone == spool.gone
    kept = [record for record in everything(later) if isinstance(record, Outcome)]
    assert kept[0].run.scheduled_at == last + MINUTE
    assert len(kept) + spool.dropped == 400
    later.forget_gone()
    assert Spool(tmp_path).gone == {}


@contextmanager
def no_further_file() -> Iterator[None]:
    """Let this process open nothing."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_while_no_file_can_be_opened_nothing_is_taken_for_unreadable(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append([begun(0), outcome(0)])
    with no_further_file(), pytest.raises(OSError, match="Too many open files"):
        spool.first(9)
    assert everything(spool) == [begun(0), outcome(0)]


def test_a_spool_that_is_full_keeps_what_it_cannot_read_just_now(tmp_path: Path) -> None:
    spool = Spool(tmp_path, max_bytes=1_500_000)
    for i in range(60):
        spool.append([outcome(i, steps=(LONG,))])
    spool.max_bytes = 100_000
    with no_further_file():
        assert spool._bounded() == 0
    assert spool._bounded() > 0


def on_a_disk_that_takes_nothing(folder: Path) -> Spool:
    """Its folder cannot be made: a file stands in the way."""
    spool = Spool(folder / "spool")
    folder.write_text("", encoding="utf-8")
    return spool


async def test_what_was_read_from_memory_is_done_wherever_it_lies_by_then(tmp_path: Path) -> None:
    backlog = Backlog(Spool(tmp_path))
    for i in range(4):
        backlog.add(outcome(i))
    place, records = await backlog.first(3)
    await backlog.spill()
    backlog.add(outcome(4))
    await backlog.done(place)
    assert records == [outcome(0), outcome(1), outcome(2)]
    assert (await backlog.first(9))[1] == [outcome(3)], "what is on disk comes first"
    await backlog.spill()
    found = []
    while backlog:
        place, part = await backlog.first(9)
        found += part
        await backlog.done(place)
    assert found == [outcome(3), outcome(4)]


async def test_a_disk_that_takes_nothing_leaves_a_bounded_memory(tmp_path: Path) -> None:
    backlog = Backlog(on_a_disk_that_takes_nothing(tmp_path / "full"), memory_limit=10)
    for i in range(25):
        backlog.add(outcome(i))
        await backlog.spill()
    assert (await backlog.first(99))[1] == [outcome(i) for i in range(15, 25)]
    assert backlog.gone == {"khai-sinh": (NOON, NOON + 14 * MINUTE)}
    assert backlog.spool.dropped == 15


async def test_once_the_disk_takes_something_again_everything_goes_there(tmp_path: Path) -> None:
    backlog = Backlog(on_a_disk_that_takes_nothing(tmp_path / "full"), refused_for_s=0.0)
    for i in range(1_200):
        backlog.add(outcome(i))
    await backlog.spill()
    assert backlog.outcomes == 0
    await asyncio.to_thread((tmp_path / "full").unlink)
    await backlog.spill()
    assert backlog.outcomes == 1_200
    assert (await backlog.first(2))[1] == [outcome(0), outcome(1)]


async def test_slots_that_wait_may_be_walked_once_they_are_on_disk_or_cannot_be(tmp_path: Path) -> None:
    for spool in (Spool(tmp_path / "spool"), on_a_disk_that_takes_nothing(tmp_path / "full")):
        walked: asyncio.Future[frozenset[str]] = asyncio.get_running_loop().create_future()
        backlog = Backlog(spool)
        backlog.add(Begun((slot(),), walked))
        await backlog.spill()
        assert await walked == {slot().id}
