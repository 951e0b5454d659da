"""The browser's life: found or clearly missed, shared, recycled, relaunched, and gone without a trace."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
import pytest_asyncio

from checks.model import BrowserSettings
from checks.secrets import Secrets
from probes.browser import BrowserMissing, BrowserProbe, BrowserStartError, Chromium, FoundBrowser, find_browser
from tests.few_files import no_further_file
from tests.probes.browser.conftest import Walker, a_target
from tests.probes.browser.portal import Portal, hang, step


@pytest_asyncio.fixture(loop_scope="package")
async def own(browser_settings: BrowserSettings) -> AsyncIterator[Chromium]:
    """A browser of this test's own, worn out after two walks."""
    async with Chromium(browser_settings.evolve(recycle_after=2), "dvcwatch/1") as browser:
        yield browser


def test_a_browser_is_found_on_this_machine() -> None:
    found = find_browser()
    assert found.path.is_file()
    assert found.how in ("playwright", "system")
    assert any(character.isdigit() for character in found.version)


def test_playwrights_own_download_comes_first(tmp_path: Path) -> None:
    from_registry = find_browser(None, {"PLAYWRIGHT_BROWSERS_PATH": str(tmp_path), "PATH": os.environ["PATH"]})
    assert from_registry.how == "system"


def test_a_configured_path_is_the_only_one_looked_at(tmp_path: Path) -> None:
    script = tmp_path / "chromium"
    script.write_text("#!/bin/sh\necho Chromium 1.2.3\n", encoding="utf-8")
    script.chmod(0o755)
    assert find_browser(str(script)).version == "Chromium 1.2.3"
    assert find_browser(str(script)).how == "configured"
    script.chmod(0o644)
    with pytest.raises(BrowserMissing, match="does not run"):
        find_browser(str(script))


def test_without_a_browser_the_commands_that_install_one_are_said(tmp_path: Path) -> None:
    with pytest.raises(BrowserMissing) as missing:
        find_browser(None, {"PATH": str(tmp_path), "HOME": str(tmp_path)})
    assert "python -m playwright install --with-deps --only-shell chromium" in str(missing.value)
    assert "apt-get install chromium-headless-shell" in str(missing.value)


def _program(path: Path, body: str) -> None:
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)


_WELL = "echo Chromium 1.2.3"


@pytest.mark.parametrize("passing", ["kill -KILL $$", "kill -TERM $$", "exec sleep 600"])
def test_a_browser_that_cannot_be_asked_just_now_is_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, passing: str
) -> None:
    if "sleep" in passing:
        monkeypatch.setattr("probes.browser.find._VERSION_TIMEOUT_S", 0.5)
    shell, nowhere = tmp_path / "chromium-headless-shell", str(tmp_path / "none")
    _program(shell, passing)
    _program(tmp_path / "chromium", _WELL)
    surroundings = {"PATH": f"{tmp_path}:/bin:/usr/bin", "PLAYWRIGHT_BROWSERS_PATH": nowhere}
    with pytest.raises(BrowserStartError, match="just now"):
        find_browser(None, surroundings)
    monkeypatch.undo()
    _program(shell, _WELL)
    assert find_browser(None, surroundings).path == shell


def test_out_of_files_no_other_browser_is_taken() -> None:
    with no_further_file(), pytest.raises(BrowserStartError, match="Too many open files"):
        find_browser()


@pytest.mark.parametrize("never", ["exit 127", "kill -SEGV $$", "true"])
def test_a_browser_that_never_runs_is_passed_over(tmp_path: Path, never: str) -> None:
    _program(tmp_path / "chromium-headless-shell", never)
    (tmp_path / "chrome-headless-shell").write_bytes(b"no program")
    (tmp_path / "chrome-headless-shell").chmod(0o755)
    _program(tmp_path / "chromium", _WELL)
    found = find_browser(None, {"PATH": str(tmp_path), "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path / "none")})
    assert found.path == tmp_path / "chromium"


async def test_a_browser_that_could_not_be_asked_is_asked_again(
    browser_settings: BrowserSettings, tmp_path: Path
) -> None:
    busy = [True]

    def find(configured: str | None) -> FoundBrowser:
        if busy:
            busy.clear()
            raise BrowserStartError
        return find_browser(configured)

    async with Chromium(browser_settings, "dvcwatch/1", find, around=tmp_path) as browser:
        with pytest.raises(BrowserStartError):
            await browser.start()
        assert await browser.start()


async def test_root_is_told_the_two_ways_out_of_the_sandbox_fault() -> None:
    async with Chromium(BrowserSettings(sandbox=True), "dvcwatch/1") as browser:
        if os.geteuid() != 0:  # nobody else is refused
            assert await browser.start()
            return
        with pytest.raises(BrowserStartError, match=r"ordinary user.*sandbox: false"):
            await browser.start()


async def test_a_program_that_is_no_browser_is_a_start_error(tmp_path: Path) -> None:
    script = tmp_path / "chromium"
    script.write_text("#!/bin/sh\necho Chromium 1.2.3\n", encoding="utf-8")
    script.chmod(0o755)
    async with Chromium(BrowserSettings(executable=str(script), sandbox=False), "dvcwatch/1") as browser:
        with pytest.raises(BrowserStartError, match="did not start"):
            await browser.start()


async def test_walks_at_once_share_one_browser_and_no_cookies(own: Chromium) -> None:
    async with own.context("desktop") as one, own.context("mobile") as two:
        assert one.browser is two.browser
        assert one.context is not two.context


async def test_a_worn_out_browser_is_replaced_while_its_last_walk_goes_on(own: Chromium) -> None:
    async with own.context("desktop") as first:
        async with own.context("desktop") as second:
            assert second.browser is first.browser
        async with own.context("desktop") as third:
            assert third.browser is not first.browser
            assert first.browser.is_connected()
            page = await first.context.new_page()
            assert await page.evaluate("1 + 1") == 2


async def test_everything_is_gone_in_the_end(browser_settings: BrowserSettings) -> None:
    before = set(psutil.Process().children(recursive=True))
    async with Chromium(browser_settings, "dvcwatch/1") as browser:
        await browser.start()
        assert browser.version is not None
        assert set(psutil.Process().children(recursive=True)) - before
    left = [process for process in psutil.Process().children(recursive=True) if process not in before]
    _, alive = await asyncio.to_thread(psutil.wait_procs, left, 5)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []


@pytest.mark.parametrize(
    "page", ["<h1>Khác</h1>", hang, "<p>…</p><script>setTimeout(() => { for (;;); }, 20)</script>"]
)
async def test_a_cancelled_walk_closes_its_context_and_lets_the_cancellation_pass(
    own: Chromium, secrets: Secrets, site: Portal, page: str
) -> None:
    site.pages["/"] = page
    probe = BrowserProbe(own, secrets, sign_on=frozenset())
    target = a_target(site, [step("Mở", {"goto": site.url + "/"}, until={"text": "Không có"})], step_timeout="25s")
    walking = asyncio.create_task(probe.run(target))
    await site.visited.wait()
    walking.cancel()
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(10):
            await walking
    async with own.context("desktop") as after:
        assert len(after.browser.contexts) <= 2


async def test_three_walks_at_once_do_not_mix(walk: Walker, site: Portal) -> None:
    site.pages |= {f"/{n}": f"<h1>Trang {n}</h1>" for n in range(3)}
    found = await asyncio.gather(
        *(walk(step("Mở", {"goto": f"{site.url}/{n}"}, until={"text": f"Trang {n}"})) for n in range(3))
    )
    assert [(one.verdict.value, one.ux.screens) for one in found] == [("ok", 1)] * 3


async def test_other_settings_need_another_browser_and_let_the_walks_in_this_one_end(
    browser_settings: BrowserSettings,
) -> None:
    async with Chromium(browser_settings, "dvcwatch/1") as browser:
        async with browser.context("desktop") as before:
            browser.adopt(browser_settings.evolve(recycle_after=3), "dvcwatch/2")
            async with browser.context("desktop") as after:
                assert after.browser is not before.browser
                page = await after.context.new_page()
                assert (await page.evaluate("navigator.userAgent")).endswith("dvcwatch/2")
            assert before.browser.is_connected()
        await browser.settled()
        assert not before.browser.is_connected()
        browser.adopt(browser_settings.evolve(recycle_after=3), "dvcwatch/3")
        async with browser.context("desktop") as same:
            assert same.browser is after.browser
