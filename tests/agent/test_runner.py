"""One slot becomes one outcome: confirmation, deadline, lanes, and blame for our own faults."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.admission import Entry, Lane
from agent.clock import SystemClock
from agent.health import judged
from agent.politeness import Politeness
from agent.runner import Identity, Runner
from checks.config import AnyCheck, Target
from checks.errors import SecretError
from checks.model import BrowserCheck, TcpCheck
from checks.run import Evidence, Finding, Health, Outcome, Reason, Slot, Verdict
from probes.probe import NO_PROOF, Proof
from probes.unknown import UnknownFaultError
from tests import samples
from tests.agent.runners import a_runner

FAILED = Finding(verdict=Verdict.FAILED, blame="system", reason=Reason.TCP, message="không kết nối được")
OK = Finding(verdict=Verdict.OK)
ME = Identity("an-binh-1", "0" * 12)


class Scripted:
    """A probe that answers what it was told, one answer an attempt; a callable answer is called."""

    def __init__(self, *answers: Finding | Callable[[Proof], object]) -> None:
        self.answers = list(answers)

    async def run(self, target: Target[AnyCheck], proof: Proof = NO_PROOF) -> Finding:
        answer = self.answers.pop(0)
        if isinstance(answer, Finding):
            return answer
        result = answer(proof)
        return await result if asyncio.iscoroutine(result) else result  # type: ignore[return-value]  # script's own


def runner(probe: Scripted, evidence: Path | None = None, width: int = 1) -> Runner:
    lanes = {"light": Lane(width), "browser": Lane(width)}
    return a_runner({"tcp": probe, "browser": probe}, SystemClock(), lanes=lanes, evidence=evidence)


def a_target(**fields: object) -> Target[AnyCheck]:
    timing = {"every": "60s", "deadline": "20s", "confirm_after": "1ms"}
    return samples.target(samples.check(TcpCheck, id="cong", host="127.0.0.1", port=1, **(timing | fields)))


def slot_now() -> Slot:
    return Slot(check="cong", location="an-binh", due_at=datetime.now(UTC).replace(microsecond=0))


async def walk(probe: Scripted, evidence: Path | None = None, **fields: object) -> Outcome:
    return await runner(probe, evidence).run(a_target(**fields), slot_now(), ME)


async def test_a_good_first_attempt_is_the_result() -> None:
    outcome = await walk(Scripted(OK))
    assert (outcome.run.verdict, outcome.run.attempt, outcome.run.attempts, outcome.earlier) == ("ok", 1, 1, ())
    assert outcome.run.queue_delay_s >= 0


async def test_a_confirmed_failure_keeps_both_attempts() -> None:
    outcome = await walk(Scripted(FAILED, FAILED))
    assert (outcome.run.verdict, outcome.run.attempt, outcome.run.attempts) == ("failed", 2, 2)
    assert [(run.verdict, run.attempt, run.attempts) for run in outcome.earlier] == [("failed", 1, 2)]


async def test_a_failure_that_is_not_confirmed_is_good_and_remembered() -> None:
    outcome = await walk(Scripted(FAILED, OK))
    assert outcome.run.verdict == "ok"
    assert outcome.earlier[0].verdict == "failed"


async def test_an_error_that_no_table_describes_accuses_nobody_and_is_counted() -> None:
    def unheard_of(_: Proof) -> Finding:
        raise UnknownFaultError("chromium", "ERR_SOMETHING_NEW")

    watched = runner(Scripted(unheard_of))
    outcome = await watched.run(a_target(), slot_now(), ME)
    run = outcome.run
    assert (run.verdict, run.blame, run.reason) == ("inconclusive", "agent", Reason.INTERNAL)
    assert "chromium: ERR_SOMETHING_NEW" in run.message
    assert watched.unknown == {"chromium": 1}


async def test_what_a_probe_raises_is_our_fault() -> None:
    def bug(_: Proof) -> None:
        raise RuntimeError("secret detail")

    run = (await walk(Scripted(bug))).run
    assert (run.verdict, run.blame, run.reason) == ("inconclusive", "agent", "internal")
    assert "secret detail" not in run.message


async def test_a_bug_outside_the_probe_costs_its_slot_the_result_and_ends_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def bug(*_: object) -> None:
        raise ValueError

    one = runner(Scripted(FAILED, OK))
    with monkeypatch.context() as broken:
        broken.setattr(Politeness, "told", bug)
        run = (await one.run(a_target(), slot_now(), ME)).run
    assert (run.verdict, run.blame, run.reason) == ("inconclusive", "agent", "internal")
    assert one.unknown == {"program": 1}
    assert not one.measuring
    assert (await one.run(a_target(), slot_now(), ME)).run.verdict == "ok"


async def test_a_missing_secret_is_our_fault_and_named() -> None:
    def missing(_: Proof) -> None:
        raise SecretError("environment variable TOKEN is not set")

    run = (await walk(Scripted(missing))).run
    assert (run.verdict, run.reason) == ("inconclusive", "config")
    assert "TOKEN" in run.message


async def test_a_probe_stuck_past_the_deadline_is_our_fault() -> None:
    run = (await walk(Scripted(lambda _: asyncio.Event().wait()), deadline="50ms")).run
    assert (run.verdict, run.blame, run.reason) == ("inconclusive", "agent", "deadline")


async def test_cancelling_passes_through_and_frees_the_lane() -> None:
    begun = asyncio.Event()

    async def hang(_: Proof) -> None:
        begun.set()
        await asyncio.Event().wait()

    one = runner(Scripted(hang, OK))
    task = asyncio.create_task(one.run(a_target(), slot_now(), ME))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not one.measuring
    assert (await one.run(a_target(), slot_now(), ME)).run.verdict == "ok"


async def test_a_slot_that_finds_no_room_in_time_is_skipped() -> None:
    one = runner(Scripted(OK))
    assert await one.lanes["light"].enter("other", every_s=60, late_s=0, left_s=1) is Entry.IN
    late = slot_now().evolve(due_at=datetime(2026, 11, 10, tzinfo=UTC))
    run = (await one.run(a_target(), late, ME)).run
    assert (run.verdict, run.blame, run.reason) == ("skipped", "agent", "agent_overload")


async def test_only_as_many_are_measured_at_once_as_the_lane_is_wide() -> None:
    most, now, together = 0, 0, asyncio.Barrier(3)

    async def count(_: Proof) -> Finding:
        nonlocal most, now
        now += 1
        most = max(most, now)
        await together.wait()
        now -= 1
        return OK

    one = runner(Scripted(*[count] * 9), width=3)
    await asyncio.gather(*(one.run(a_target(), slot_now(), ME) for _ in range(9)))
    assert most == 3


async def test_evidence_is_named_relative_to_the_root_and_empty_folders_go(tmp_path: Path) -> None:
    def shoot(proof: Proof) -> Finding:
        assert proof.folder is not None
        (proof.folder / "buoc.png").write_bytes(b"png")
        return FAILED.evolve(evidence=(Evidence(kind="screenshot", path="buoc.png", bytes=3),))

    walked = samples.target(
        samples.check(BrowserCheck, id="cong", journey="di", every="60s", deadline="20s", confirm_after="1ms")
    )
    outcome = await runner(Scripted(shoot, FAILED), tmp_path).run(walked, slot_now(), ME)
    (kept,) = outcome.earlier[0].evidence
    assert kept.path == f"{outcome.run.id}/1/buoc.png"
    assert (tmp_path / kept.path).read_bytes() == b"png"
    assert not (tmp_path / outcome.run.id / "2").exists()


async def test_a_check_that_leaves_no_files_gets_no_folder(tmp_path: Path) -> None:
    asked: list[Proof] = []

    def look(proof: Proof) -> Finding:
        asked.append(proof)
        return OK

    root = tmp_path / "evidence"
    await walk(Scripted(look), root)
    assert (asked, root.exists()) == ([NO_PROOF], False)


async def test_only_the_confirming_attempt_is_to_be_recorded() -> None:
    asked: list[Proof] = []

    def look(proof: Proof) -> Finding:
        asked.append(proof)
        return FAILED

    await walk(Scripted(look, look))
    assert asked == [Proof(None, trace=False), Proof(None, trace=True)]


async def test_an_author_has_every_attempt_recorded_and_kept() -> None:
    asked: list[Proof] = []

    def look(proof: Proof) -> Finding:
        asked.append(proof)
        return OK

    probe = runner(Scripted(look))
    probe.trace = True
    await probe.run(a_target(), slot_now(), ME)
    assert asked == [Proof(None, trace=True, always=True)]


async def test_what_a_probe_says_is_masked_before_it_is_a_run() -> None:
    probe = runner(Scripted(FAILED.evolve(message="Bí mật 7781"), OK))
    probe.redact = lambda text: text.replace("7781", "•••")
    outcome = await probe.run(a_target(), slot_now(), ME)
    assert outcome.earlier[0].message == "Bí mật •••"


def test_a_starved_agent_accuses_nobody() -> None:
    starved = Health(degraded=True)
    slow = Finding(verdict=Verdict.SLOW, blame="system", reason=Reason.BUDGET)
    assert judged(slow, starved).verdict == "ok"
    assert judged(FAILED, starved).verdict == "inconclusive"
    assert judged(FAILED, starved).blame == "agent"
    assert judged(FAILED, Health()) == FAILED
    assert judged(OK, starved) == OK


async def test_a_disk_that_takes_no_proof_does_not_cost_the_measurement(tmp_path: Path) -> None:
    (tmp_path / "evidence").write_text("a file where the folder should be", encoding="utf-8")
    outcome = await walk(Scripted(FAILED, FAILED), tmp_path / "evidence")
    assert (outcome.run.verdict, outcome.run.blame) == ("failed", "system")
