"""More walks than the machine carries: refused, or lost fairly and openly; never held against a service."""

from collections import Counter
from itertools import pairwise
from pathlib import Path

from agent.app import Options, make_agent
from checks.load import load
from checks.run import Run, Verdict
from checks.secrets import Secrets
from store.protocol import Store
from tests.agent.command import board_of, dvcwatch, end, start
from tests.agent.whole import running
from tests.probes.servers import answering, web_server
from tests.until import until

EVERY_S = 8
ENOUGH = 40
CHECKS = """\
version: 1
settings:
  contact: mailto:giam-sat@anbinh.example
  location: an-binh
  defaults: {{every: {every}, deadline: 3s, confirm_after: 1ms, budget: 2500ms}}
  browser: {{sandbox: false, concurrency: 1, patience: 1s{executable}}}
agencies: [{{id: so, name: Sở Tư pháp}}]
systems: [{{id: cong, name: Cổng, agency: so, url: "http://{host}", hosts: ["{host}"], environment: test}}]
journeys:
  - id: xem
    title: Xem
    steps: [{{name: Mở trang, do: [{{goto: "${{system.url}}/"}}], until: {{text: Xin chào}}}}]
checks:
{checks}
"""
NO_BROWSER = ", executable: /nowhere/chromium"


def written(folder: Path, host: str, count: int, every: str = f"{EVERY_S}s", executable: str = "") -> Path:
    path = folder / "checks.yaml"
    checks = "\n".join(f"  - {{id: di-{n}, type: browser, system: cong, journey: xem}}" for n in range(count))
    path.write_text(CHECKS.format(host=host, every=every, checks=checks, executable=executable), encoding="utf-8")
    return path


async def test_a_schedule_that_cannot_be_carried_is_refused_with_both_numbers(tmp_path: Path) -> None:
    written(tmp_path, "127.0.0.1:1", 10, executable=NO_BROWSER)
    done = await dvcwatch("run", "--listen", "127.0.0.1:0", folder=tmp_path)
    assert done.code == 2
    assert "this schedule needs 60.0 browser-seconds per minute, this machine has 48.0" in done.err
    assert "--allow-overload" in done.err


async def test_whoever_insists_may_run_it(tmp_path: Path) -> None:
    written(tmp_path, "127.0.0.1:1", 10, executable=NO_BROWSER)
    process = await start("run", "--allow-overload", "--listen", "127.0.0.1:0", folder=tmp_path)
    await board_of(process)
    process.terminate()
    done = await end(process)
    assert done.code == 0
    assert '"fit": "too much"' in done.err


async def test_validate_warns_and_is_content(tmp_path: Path) -> None:
    written(tmp_path, "127.0.0.1:1", 10, executable=NO_BROWSER)
    done = await dvcwatch("validate", folder=tmp_path)
    assert done.code == 0
    assert done.out.startswith("checks.yaml: in order (")
    assert "checks.yaml: warning: this schedule needs 60.0" in done.err
    written(tmp_path, "127.0.0.1:1", 10, every="5m")
    assert (await dvcwatch("validate", folder=tmp_path)).err == ""


async def closed(store: Store) -> list[Run]:
    return [one for n in range(16) for one in await store.recent(f"di-{n}", 100)]


async def test_every_slot_of_an_overloaded_agent_has_one_row_and_none_accuses(tmp_path: Path) -> None:
    async with web_server(answering("<h1>Xin chào</h1>", after_s=0.6)) as port:
        config = load(written(tmp_path, f"127.0.0.1:{port}", 16))
        options = Options(tmp_path, "127.0.0.1", 0, f"sqlite:///{tmp_path}/dvcwatch.db", browser_sandbox=False)
        async with make_agent(config, options, Secrets({}, tmp_path)) as agent:
            async with running(agent):
                await until(lambda: closed(agent.store), lambda runs: len(runs) >= ENOUGH, within_s=90)
            runs = await closed(agent.store)
            assert await agent.store.unfinished("an-binh") == ()
    by_check: dict[str, list[Run]] = {}
    for run in sorted(runs, key=lambda run: run.scheduled_at):
        by_check.setdefault(run.check, []).append(run)
    steps = {
        (later.scheduled_at - earlier.scheduled_at).total_seconds()
        for found in by_check.values()
        for earlier, later in pairwise(found)
    }
    assert steps == {EVERY_S}
    said = Counter(run.verdict for run in runs)
    assert said[Verdict.OK] > 0
    assert said[Verdict.SKIPPED] > 0
    assert not said.keys() & {Verdict.SLOW, Verdict.FAILED, Verdict.BLOCKED}
    lost = {(run.blame, run.reason) for run in runs if run.verdict is Verdict.SKIPPED}
    assert lost <= {("agent", "agent_overload"), ("agent", "agent_stopped")}
    assert ("agent", "agent_overload") in lost
