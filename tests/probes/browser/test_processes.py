"""Browsers and drivers that are killed, frozen or orphaned: nobody is accused, nothing is left, nobody else touched."""

import asyncio
import os
import random
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
import pytest_asyncio
from playwright.async_api import async_playwright

from checks.model import BrowserSettings
from checks.run import Finding, Reason, Verdict
from checks.secrets import Secrets
from probes.browser import BrowserProbe, Chromium, find_browser
from probes.browser.alive import UnknownNetError
from probes.browser.home import Home, sweep
from probes.browser.probe import WalkError
from probes.browser.processes import end, family, look_up, root
from tests.few_files import no_further_file
from tests.probes.browser.conftest import a_target
from tests.probes.browser.portal import Portal, step
from tests.probes.browser.processes import children

_ROLES = ("run-driver", "--remote-debugging-pipe", "--type=renderer", "--type=gpu-process")


@pytest_asyncio.fixture(loop_scope="package")
async def own(browser_settings: BrowserSettings, tmp_path: Path) -> AsyncIterator[Chromium]:
    """A browser of this test's own, with its temporary files in the test's folder."""
    async with Chromium(browser_settings, "dvcwatch/1", around=tmp_path) as browser:
        yield browser


def _in(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def _of(chromium: Chromium, role: str) -> list[psutil.Process]:
    """Return the processes of a browser's family in whose command line `role` stands."""
    generation = chromium._current
    found = []
    for member in family(generation.roots) if generation is not None else ():
        try:
            process = psutil.Process(member.pid)
            if any(role in word for word in process.cmdline()):
                found.append(process)
        except psutil.Error:  # ended meanwhile
            continue
    return found


async def _walk(chromium: Chromium, site: Portal, goal: str, **fields: Any) -> Finding:
    probe = BrowserProbe(chromium, Secrets({}, Path()), sign_on=frozenset())
    return await probe.run(a_target(site, [step("Mở", {"goto": site.url + "/"}, until={"text": goal})], **fields))


async def test_the_browser_gets_nothing_of_our_environment_that_it_does_not_need(
    own: Chromium, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_PASSWORD", "bi-mat")
    await own.start()
    browser = [*_of(own, "--remote-debugging-pipe"), *_of(own, "--type=")]
    assert browser
    for process in browser:
        assert "PORTAL_PASSWORD" not in process.environ()


@pytest.mark.parametrize("wrong", [signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP])
async def test_a_renderer_that_is_killed_or_halted_from_outside_accuses_nobody(
    own: Chromium, site: Portal, wrong: signal.Signals
) -> None:
    site.pages["/"] = "<p>…</p>"
    walking = asyncio.create_task(_walk(own, site, "Không có", step_timeout="3s"))
    await site.visited.wait()
    for renderer in _of(own, "--type=renderer"):
        renderer.send_signal(wrong)
    found = await walking
    assert (found.verdict, found.blame, found.reason) == (Verdict.INCONCLUSIVE, "agent", Reason.PAGE_CRASH)
    for renderer in _of(own, "--type=renderer"):
        renderer.kill()
    site.pages["/"] = "<h1>Trang chủ</h1>"
    assert (await _walk(own, site, "Trang chủ")).verdict is Verdict.OK


async def test_an_earlier_kill_does_not_excuse_a_later_crash(own: Chromium, site: Portal) -> None:
    site.pages["/"] = "<p>…</p>"
    for wrong, verdict in ((signal.SIGKILL, Verdict.INCONCLUSIVE), (signal.SIGSEGV, Verdict.FAILED)):
        site.visited.clear()
        walking = asyncio.create_task(_walk(own, site, "Không có"))
        await site.visited.wait()
        for renderer in _of(own, "--type=renderer"):
            renderer.send_signal(wrong)
        assert (await walking).verdict is verdict


async def _killed_during(own: Chromium, site: Portal, role: str, after_s: float) -> Verdict:
    site.visited.clear()
    walking = asyncio.create_task(_walk(own, site, "Xong", deadline="25s"))
    await site.visited.wait()
    await asyncio.sleep(after_s)  # any moment will do
    for process in _of(own, role):
        process.kill()
    try:
        return (await walking).verdict
    except (WalkError, UnknownNetError):  # which the runner tells as inconclusive
        return Verdict.INCONCLUSIVE


async def test_processes_killed_at_random_moments_accuse_nobody_and_leave_nothing(
    browser_settings: BrowserSettings, site: Portal, tmp_path: Path
) -> None:
    site.pages["/"] = "<p>…</p><script>setTimeout(() => document.write('<h1>Xong'), 300)</script>"
    moments = random.Random(4)  # noqa: S311 -- the same moments every time
    before = {one.pid for one in psutil.Process().children(recursive=True)}
    async with Chromium(browser_settings, "dvcwatch/1", around=tmp_path) as own:
        for kill in range(20):
            role = _ROLES[kill % len(_ROLES)]
            verdict = await _killed_during(own, site, role, moments.uniform(0, 0.4))
            assert verdict in (Verdict.OK, Verdict.INCONCLUSIVE), role
            assert (await _walk(own, site, "Xong")).verdict is Verdict.OK, role
        await own.settled()
        (home,) = _in(tmp_path)
        assert len([one for one in _in(home) if one.is_dir()]) == 1
    assert _in(tmp_path) == []
    left = [one for one in psutil.Process().children(recursive=True) if one.pid not in before]
    assert [one for one in left if one.is_running() and one.status() != psutil.STATUS_ZOMBIE] == []


async def test_fifty_walks_leave_no_file(own: Chromium, site: Portal, tmp_path: Path) -> None:
    site.pages["/"] = "<h1>Trang chủ</h1>"
    for _ in range(50):
        assert (await _walk(own, site, "Trang chủ")).verdict is Verdict.OK
    await own.__aexit__()
    assert _in(tmp_path) == []


async def _driver_starting(own: Chromium) -> tuple[asyncio.Task[object], psutil.Process]:
    """Begin a launch; return it and its driver, which is halted before it can have answered."""
    before = set(children("run-driver"))
    launch = asyncio.create_task(own.start())
    while not (found := set(children("run-driver")) - before):
        await asyncio.sleep(0)
    (driver,) = found
    driver.send_signal(signal.SIGSTOP)
    for _ in range(100):  # until nothing is missing but its answer
        await asyncio.sleep(0)
    return launch, driver


@pytest.mark.parametrize("times", [1, 2])
async def test_a_driver_whose_start_is_cancelled_is_ended(own: Chromium, tmp_path: Path, times: int) -> None:
    launch, driver = await _driver_starting(own)
    for _ in range(times):
        launch.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    await asyncio.wait({launch})
    assert launch.cancelled()
    await own.settled()
    await asyncio.to_thread(psutil.wait_procs, [driver], 10)
    assert not driver.is_running()
    (home,) = _in(tmp_path)
    assert [one for one in _in(home) if one.is_dir()] == []


async def test_what_a_listener_raised_does_not_keep_a_browser_alive(own: Chromium, tmp_path: Path) -> None:
    async with own.context("desktop") as walk:
        members = [psutil.Process(one.pid) for one in family(walk.generation.roots)]
        walk.context.on("close", _raise)
    own.adopt(own.settings.evolve(recycle_after=3), "dvcwatch/2")
    await own.settled()
    await asyncio.to_thread(psutil.wait_procs, members, 10)
    assert [one for one in members if one.is_running()] == []


async def test_a_page_that_could_not_be_closed_does_not_run_on_beside_the_next_walk(own: Chromium) -> None:
    async with own.context("desktop") as walk:
        walk.context.on("page", _raise)
        await walk.context.new_page()
    async with own.context("desktop") as after:
        assert after.generation is not walk.generation
        assert not walk.browser.is_connected()


def _raise(_: object) -> None:
    raise LookupError


async def test_without_a_file_left_a_walk_is_our_own_overload(own: Chromium, site: Portal) -> None:
    with no_further_file():
        found = await _walk(own, site, "Trang chủ")
    assert (found.verdict, found.blame, found.reason) == (Verdict.INCONCLUSIVE, "agent", Reason.AGENT_OVERLOAD)
    site.pages["/"] = "<h1>Trang chủ</h1>"
    assert (await _walk(own, site, "Trang chủ")).verdict is Verdict.OK


async def test_after_the_browser_died_one_of_many_launches_it_again(own: Chromium) -> None:
    async with own.context("desktop") as first:
        assert first.generation.alive
    for browser in _of(own, "--remote-debugging-pipe"):
        browser.kill()
        await asyncio.to_thread(browser.wait, 10)

    async def visit() -> int:
        async with own.context("desktop") as walk:
            return id(walk.generation)

    assert len(set(await asyncio.gather(*(visit() for _ in range(5))))) == 1
    assert own.launches == 2


async def test_an_old_or_heavy_browser_is_replaced(browser_settings: BrowserSettings, tmp_path: Path) -> None:
    for limit in ({"recycle_age": 0.001}, {"recycle_memory": 1_000_000}):
        async with Chromium(browser_settings.evolve(**limit), "dvcwatch/1", around=tmp_path) as own:
            async with own.context("desktop") as first:
                await first.generation.weigh()
                assert first.generation.memory_bytes > 10_000_000
            async with own.context("desktop") as second:
                assert second.generation is not first.generation


@asynccontextmanager
async def _agent(folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start an agent's browser in a process of its own, which does not outlive the test."""
    agent = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.probes.browser.agent_to_kill", str(folder), stdout=asyncio.subprocess.PIPE
    )
    try:
        yield agent
    finally:
        if agent.returncode is None:
            agent.kill()
            await agent.wait()


async def test_what_a_killed_agent_left_is_cleared_and_nobody_elses_is_touched(
    browser_settings: BrowserSettings, tmp_path: Path
) -> None:
    async with _agent(tmp_path) as agent:
        await _orphaned_and_swept(agent, browser_settings, tmp_path)


async def _orphaned_and_swept(
    agent: asyncio.subprocess.Process, browser_settings: BrowserSettings, tmp_path: Path
) -> None:
    assert agent.stdout is not None
    said = b""
    while not said.startswith(b"roots"):  # log lines come before it
        said = await agent.stdout.readline()
    roots = [root(process) for pid in said.split()[1:] if (process := look_up(int(pid)))]
    async with Chromium(browser_settings, "dvcwatch/1", around=tmp_path) as other, async_playwright() as foreign:
        await other.start()
        stranger = await foreign.chromium.launch(
            executable_path=find_browser().path, chromium_sandbox=browser_settings.sandbox
        )
        for process in family(roots):  # so that they cannot end by themselves
            os.kill(process.pid, signal.SIGSTOP)
        agent.kill()
        await agent.wait()
        orphans = [psutil.Process(process.pid) for process in family(roots)]
        assert len(orphans) >= 3
        assert await asyncio.to_thread(sweep, tmp_path) == 1
        await asyncio.to_thread(psutil.wait_procs, orphans, 10)
        assert family(roots) == []
        assert await asyncio.to_thread(sweep, tmp_path) == 0
        assert len(_in(tmp_path)) == 1
        assert stranger.is_connected()
        async with other.context("desktop") as walk:
            assert walk.generation.alive
        await stranger.close()


async def test_a_pid_that_went_to_another_is_left_alone() -> None:
    sleeper = await asyncio.create_subprocess_exec("sleep", "60", start_new_session=True)
    process = look_up(sleeper.pid)
    assert process is not None
    assert family([replace(root(process), started=process.started - 1)]) == []
    end([replace(process, started=process.started - 1)])
    assert look_up(sleeper.pid) is not None
    assert [one.pid for one in family([root(process)])] == [sleeper.pid]
    end([process])
    assert await sleeper.wait() == -signal.SIGKILL


def test_a_folder_that_only_looks_like_an_orphan_is_not_touched(tmp_path: Path) -> None:
    home = Home.open(tmp_path)
    named_alike = tmp_path / f"{home.folder.name}x"
    named_alike.mkdir()
    (tmp_path / "linked").mkdir()
    (tmp_path / f"{home.folder.name}y").symlink_to(tmp_path / "linked")
    assert sweep(tmp_path) == 0
    assert home.folder.is_dir()
    assert named_alike.is_dir()
    home.close()
    assert sorted(one.name for one in _in(tmp_path)) == sorted(
        ["linked", named_alike.name, f"{named_alike.name[:-1]}y"]
    )
