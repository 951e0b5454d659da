"""A configuration that changes while the agent runs: nothing is lost, nothing is done twice, no bad file does harm."""

import asyncio
import signal
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import aiohttp
import pytest

from checks.run import Run, Verdict
from store.open import open_store
from tests.agent.command import board_of, end, site, start
from tests.agent.test_killed import EVER
from tests.until import until

CHECKS = """\
version: 1
include: [them.yaml]
settings:
  contact: mailto:giam-sat@anbinh.example
  location: {location}
  defaults: {{every: 2s, deadline: 900ms, confirm_after: 10ms}}
agencies: [{{id: so, name: Sở Tư pháp}}]
systems: [{{id: cong, name: Cổng, agency: so, url: "{url}", hosts: ["{host}"], environment: test}}]
checks:
"""
CHECK = '  - {{id: {name}, type: http, system: cong, url: "${{system.url}}/", every: {every}}}\n'


class Running:
    """A real agent, its files, and what it says meanwhile."""

    def __init__(self, process: Process, folder: Path, url: str, board: str, session: aiohttp.ClientSession) -> None:
        self.process, self.folder, self.url, self.board, self.session = process, folder, url, board, session

    def write(self, checks: str, location: str = "an-binh") -> None:
        """Change checks.yaml as editors do: a new file in the place of the old one."""
        fresh = self.folder / "checks.yaml.new"
        fresh.write_text(head(self.url, location) + checks, encoding="utf-8")
        fresh.replace(self.folder / "checks.yaml")

    async def says(self, event: str) -> str:
        """Wait for a line of the log."""
        assert self.process.stderr is not None
        async with asyncio.timeout(60):
            while line := (await self.process.stderr.readline()).decode():
                if event in line:
                    return line
        raise AssertionError(f"it ended and never said {event}")

    async def page(self, path: str) -> str:
        async with self.session.get(self.board + path) as answer:
            return await answer.text()

    async def shows(self, metric: str, path: str = "/metrics") -> str:
        """Ask until a text is on a page; it is written anew every two seconds."""
        return await until(lambda: self.page(path), lambda text: metric in text)

    async def hides(self, text: str, path: str) -> None:
        """Ask until a text is on a page no more; a page is remembered for a moment."""
        await until(lambda: self.page(path), lambda page: text not in page)

    async def runs_again(self, name: str) -> None:
        """Wait for the next run of a check."""
        series = f'dvcwatch_last_run_timestamp_seconds{{check="{name}"}}'
        known = line(series, await self.shows(series))
        await until(lambda: self.page("/metrics"), lambda text: line(series, text) != known)


def line(series: str, metrics: str) -> str:
    """Return the line of one series."""
    (found,) = [one for one in metrics.splitlines() if one.startswith(series)]
    return found


def head(url: str, location: str = "an-binh") -> str:
    return CHECKS.format(url=url, host=url.removeprefix("http://"), location=location)


def check(name: str, every: str = "2s") -> str:
    return CHECK.format(name=name, every=every)


@asynccontextmanager
async def watching(folder: Path, checks: str) -> AsyncIterator[Running]:
    """Run an agent on `checks` until the block ends."""
    (folder / "them.yaml").write_text("services: []\n", encoding="utf-8")
    async with site() as url, aiohttp.ClientSession() as session:
        (folder / "checks.yaml").write_text(head(url) + checks, encoding="utf-8")
        process = await start("run", "--data", "data", "--listen", "127.0.0.1:0", folder=folder)
        try:
            board = await board_of(process)
            yield Running(process, folder, url, board.rstrip("/"), session)
            process.send_signal(signal.SIGTERM)
            assert (await end(process)).code == 0
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


async def rows(folder: Path) -> list[Run]:
    """Return what the agent has stored; no slot may be left open."""
    store = await open_store(f"sqlite:///{folder}/data/dvcwatch.db")
    try:
        assert await store.unfinished("an-binh") == ()
        return [run async for run in store.runs(*EVER)]
    finally:
        await store.close()


def gaps(runs: list[Run], name: str) -> set[float]:
    """Return the distances between the slots of a check."""
    due = sorted(run.scheduled_at for run in runs if run.check == name)
    return {(later - earlier).total_seconds() for earlier, later in pairwise(due)}


async def test_ten_reloads_lose_no_slot_and_repeat_none(tmp_path: Path) -> None:
    async with watching(tmp_path, check("vung")) as agent:
        for number in range(10):
            agent.write(check("vung") + check(f"moi-{number}"))
            await agent.says("config_reloaded")
    runs = await rows(tmp_path)
    assert gaps(runs, "vung") == {2.0}
    assert len({run.id for run in runs}) == len(runs)
    assert len({run.config_hash for run in runs if run.check == "vung"}) > 5
    assert {run.verdict for run in runs} <= {Verdict.OK, Verdict.SKIPPED}


async def test_a_check_comes_and_goes_and_changes_its_interval(tmp_path: Path) -> None:
    async with watching(tmp_path, check("di") + check("cham")) as agent:
        await agent.shows('dvcwatch_last_run_timestamp_seconds{check="di"')
        agent.write(check("den") + check("cham", every="3s"))
        await agent.says("config_reloaded")
        text = await agent.shows('dvcwatch_last_run_timestamp_seconds{check="den"')
        assert 'check="di"' not in text
        await agent.runs_again("cham")
    runs = await rows(tmp_path)
    hashes = [run.config_hash for run in sorted(runs, key=lambda run: run.scheduled_at)]
    assert len(set(hashes)) == 2
    assert {run.config_hash for run in runs if run.check == "den"} == {hashes[-1]}
    late = [run for run in runs if run.check == "cham" and run.config_hash == hashes[-1]]
    assert {run.scheduled_at.timestamp() % 3 for run in late} == {late[0].scheduled_at.timestamp() % 3}


BROKEN: list[tuple[str, Callable[[Running], None], str]] = [
    ("yaml", lambda agent: agent.write("  - {id: [\n"), "checks.yaml:"),
    ("a word", lambda agent: agent.write(check("vung") + "  - {id: x, type: htp}\n"), "checks[1]"),
    ("markup", lambda agent: agent.write(check("vung") + '  - {id: x, type: "<b>"}\n'), "&lt;b&gt;"),
    ("an include", lambda agent: (agent.folder / "them.yaml").unlink(), "include"),
    ("the location", lambda agent: agent.write(check("vung"), location="noi-khac"), "checks.yaml:5: settings.location"),
]


@pytest.mark.parametrize(("spoil", "said"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
async def test_a_bad_file_changes_nothing_and_is_told_until_it_is_mended(
    tmp_path: Path, spoil: Callable[[Running], None], said: str
) -> None:
    async with watching(tmp_path, check("vung")) as agent:
        before = await agent.shows("dvcwatch_config_last_reload_success 1")
        assert said not in await agent.page("/")
        spoil(agent)
        await agent.says("config_refused")
        await agent.says("config_problem")
        for path in ("/", "/agent"):
            page = await agent.shows(said, path)
            assert "Cấu hình mới có lỗi" in page
            assert "<b>'" not in page
        await agent.shows("dvcwatch_config_last_reload_success 0")
        (tmp_path / "them.yaml").write_text("services: []\n", encoding="utf-8")
        agent.write(check("vung"))
        await agent.says("config_as_before")
        after = await agent.shows("dvcwatch_config_last_reload_success 1")
        loaded = "dvcwatch_config_last_reload_timestamp_seconds"
        assert line(loaded, before) == line(loaded, after)
        await agent.hides("Cấu hình mới có lỗi", "/")
    runs = await rows(tmp_path)
    assert gaps(runs, "vung") == {2.0}
    assert len({run.config_hash for run in runs}) == 1


async def test_a_signal_reads_an_unchanged_file_and_says_so(tmp_path: Path) -> None:
    async with watching(tmp_path, check("vung")) as agent:
        agent.process.send_signal(signal.SIGHUP)
        await agent.says("config_in_force")


async def test_an_included_file_counts_like_checks_yaml_itself(tmp_path: Path) -> None:
    async with watching(tmp_path, check("vung")) as agent:
        (tmp_path / "them.yaml").write_text("checks:\n" + check("trong"), encoding="utf-8")
        await agent.says("config_reloaded")
        await agent.shows('dvcwatch_last_run_timestamp_seconds{check="trong"')
