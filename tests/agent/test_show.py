"""One run, read at a terminal: what happened, how each attempt went, what was kept; by its id or its check's."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from checks.incident import Changes
from checks.run import Evidence, Health, Outcome, Reason, Run, StepRun, UxCounts, Verdict
from store.open import open_store
from tests.agent.command import dvcwatch, write_checks
from tests.samples import run as sample_run

DUE = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
HOSTILE = "[bold red]\x1b[31m<script>"


def step(name: str, verdict: Verdict, duration_s: float) -> StepRun:
    return StepRun(name=name, verdict=verdict, duration_s=duration_s, ux=UxCounts(clicks=2, fields=3))


@pytest.fixture
async def failed(tmp_path: Path) -> Run:
    """A confirmed failure of the check `lac`, with proof of which one file was pruned since."""
    write_checks(tmp_path, "http://127.0.0.1:1")
    run = sample_run(
        DUE, Verdict.FAILED, check="lac", blame="system", reason=Reason.ELEMENT_MISSING, duration_s=3.0,
        message=f"Bước “Tìm”: không thấy nút “Tiếp”; gần nhất: nút “Tới {HOSTILE}”",
        steps=(step("Mở", Verdict.OK, 1.0), step("Tìm", Verdict.FAILED, 2.0)),
        health=Health(loop_lag_s=0.012, cpu_pressure=0.05, browser="156.0"), attempt=2, attempts=2,
    )  # fmt: skip
    folder = tmp_path / "data" / "evidence" / run.id / "2"
    folder.mkdir(parents=True)
    (folder / "console.txt").write_text(f"1. error: {HOSTILE}\n" * 50, encoding="utf-8")
    (folder / "trace.zip").write_bytes(b"PK")
    kinds = (("screenshot", "screenshot.png"), ("console", "console.txt"), ("trace", "trace.zip"))
    proof = tuple(Evidence(kind=kind, path=f"{run.id}/2/{name}", bytes=2) for kind, name in kinds)
    run = run.evolve(evidence=proof)
    earlier = run.evolve(attempt=1, duration_s=2.5, steps=run.steps[:1], evidence=(), message="lần đầu")
    older = sample_run(DUE - timedelta(hours=1), check="lac")
    store = await open_store(f"sqlite:///{tmp_path}/data/dvcwatch.db")
    await store.save(Outcome(run=older), Changes())
    await store.save(Outcome(run=run, earlier=(earlier,)), Changes())
    await store.close()
    return run


async def test_a_run_is_told_by_its_id_or_as_the_newest_of_its_check(tmp_path: Path, failed: Run) -> None:
    done = await dvcwatch("show", failed.id, folder=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert (await dvcwatch("show", "lac", folder=tmp_path)).out == done.out
    said = " ".join(done.out.split())
    for fact in (
        "■ failed", "Người dân không thể thực hiện trọn vẹn.", "Bên chịu trách nhiệm: Hệ thống.", "gần nhất: nút “Tới",
        "attempt 1 attempt 2", "2.50 s 3.00 s (not compared)", "1. Mở ● ok 1.00 s ● ok 1.00 s 2 3",
        "2. Tìm - ■ failed 2.00 s 2 3", "healthy, lag 12 ms, CPU pressure 5%, browser 156.0",
        f"attempt 2, screenshot: deleted by retention ({failed.id}/2/screenshot.png)",
        f"attempt 2, trace: playwright show-trace {tmp_path}/data/evidence/{failed.id}/2/trace.zip",
    ):  # fmt: skip
        assert fact in said, fact
    assert said.count("1. error: [bold red]") == 12


async def test_what_is_piped_is_plain_and_hostile_text_is_inert(tmp_path: Path, failed: Run) -> None:
    done = await dvcwatch("show", failed.id, folder=tmp_path)
    assert "\x1b" not in done.out
    assert "[bold red] [31m<script>" in done.out


async def test_json_is_the_run(tmp_path: Path, failed: Run) -> None:
    done = await dvcwatch("show", "lac", "--json", folder=tmp_path)
    assert Run.model_validate(json.loads(done.out)) == failed


@pytest.mark.parametrize(
    ("name", "said"), [("khong-co", "there is no run or check khong-co\n"), ("tot", "the check tot has no run yet\n")]
)
async def test_what_is_not_there_is_said_in_one_line(tmp_path: Path, failed: Run, name: str, said: str) -> None:
    assert failed.check == "lac"
    done = await dvcwatch("show", name, folder=tmp_path)
    assert (done.code, done.out, done.err) == (2, "", said)
