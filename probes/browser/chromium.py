"""The life of the browser: one process, a fresh context for every walk, a new process when it wears out."""

import asyncio
import json
import os
import secrets as randomness
import unicodedata
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any, Literal, Self

import structlog
from playwright.async_api import Browser, BrowserContext, Playwright, async_playwright
from playwright.async_api import Error as PlaywrightError

from checks.model import BrowserSettings
from checks.owners import HostOwners
from probes.browser.find import FoundBrowser, find_browser
from probes.browser.gate import Gate
from probes.browser.raw import RawRecordings

_log = structlog.get_logger(__name__)

WalkDevice = Literal["desktop", "mobile"]

FLAGS = (
    # One process less for each browser saves a tenth of a walk's processor time, and a network that dies alone no
    # longer looks like a silent server: it takes the browser along, which is nobody's outage.
    # The last --enable-features counts alone, so those of the driver are said again.
    "--enable-features=NetworkServiceInProcess2,CDPScreenshotNewSurface,SkipListAccountsWithoutGaiaCookies",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--disable-quic",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",  # WebRTC would go around the gate
    "--no-default-browser-check",
    "--no-first-run",
    "--no-pings",
    "--metrics-recording-only",
)
_CLOSE_S = 5.0
_PATIENCE_S = 1.0
_LAUNCH_S = 30.0
SCREENS: dict[WalkDevice, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1366, "height": 768}},
    "mobile": {
        "viewport": {"width": 360, "height": 800},
        "device_scale_factor": 2,
        "is_mobile": True,
        "has_touch": True,
    },
}


class BrowserStartError(Exception):
    """Chromium is there and did not start; the message says why and what would help."""


@dataclass(frozen=True, slots=True)
class WalkContext:
    """A fresh browser context; its page script answers by the name `key` and begins its reports with `token`."""

    context: BrowserContext
    browser: Browser
    key: str
    token: str
    device: WalkDevice
    raw: RawRecordings
    gate: Gate


@dataclass(slots=True)
class _Generation:
    """One driver with one browser process, from its launch until it has done its share of walks."""

    driver: Playwright
    browser: Browser
    raw: RawRecordings
    walks: int = 0
    active: int = 0


@dataclass(slots=True)
class Chromium:
    """Owns the Playwright driver and one browser process; `async with` it, then ask for contexts.

    The process is started with the first context, again after it died, and afresh after `recycle_after` walks.
    Several tasks may ask at once: one of them launches, the others wait for it. `headed` shows the windows; it needs a
    full Chromium. `launches` counts browser processes started.
    """

    settings: BrowserSettings
    user_agent: str
    find: Callable[[str | None], FoundBrowser] = find_browser
    headed: bool = False
    launches: int = 0
    _found: FoundBrowser | None = None
    _current: _Generation | None = None
    _launching: asyncio.Lock = field(default_factory=asyncio.Lock)
    _closing: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._current is not None:
            self._retire(self._current)
            self._current = None
        while self._closing:
            await asyncio.wait(self._closing)

    @property
    def version(self) -> str | None:
        """What the running browser says it is; None before the first launch."""
        return self._found.version if self._found is not None else None

    async def start(self) -> FoundBrowser:
        """Launch now instead of with the first walk, for a doctor or a warm start.

        Raises:
            BrowserMissing: There is no Chromium.
            BrowserStartError: There is one and it does not start.
        """
        await self._generation()
        assert self._found is not None  # noqa: S101 -- set by every launch
        return self._found

    @asynccontextmanager
    async def context(
        self, device: WalkDevice, *, downloads: bool = False, gate: Gate | None = None
    ) -> AsyncIterator[WalkContext]:
        """Give a fresh context: no cookie or cache of an earlier walk may warm this one.

        Lines to hosts that are not listed pass the `gate`; without one they go where they like, which is for pages of
        our own only. `downloads` lets files through to the disk, until the context is closed; otherwise none is kept.

        Raises:
            BrowserMissing: There is no Chromium.
            BrowserStartError: There is one and it does not start.
        """
        generation = await self._generation()
        generation.walks += 1
        generation.active += 1
        try:
            walk = await self._open(generation, device, gate, downloads=downloads)
            try:
                yield walk
            finally:
                await self._patiently(_quietly(walk.context.close()))
        finally:
            generation.active -= 1
            if generation is not self._current and generation.active == 0:
                self._retire(generation)

    async def _open(
        self, generation: _Generation, device: WalkDevice, gate: Gate | None, *, downloads: bool
    ) -> WalkContext:
        browser = generation.browser
        token = randomness.token_hex(8)
        context = await browser.new_context(
            **SCREENS[device],
            user_agent=_user_agent(browser.version, device, self.user_agent),
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
            accept_downloads=downloads,
            proxy={"server": gate.address, "bypass": gate.bypass} if gate is not None else None,
        )
        passed = gate if gate is not None else Gate(HostOwners({}))
        marked = f"dvcwatch {randomness.token_hex(16)} "
        return WalkContext(context, browser, f"k{token}", marked, device, generation.raw, passed)

    async def _generation(self) -> _Generation:
        async with self._launching:
            current = self._current
            if current is not None and current.browser.is_connected() and current.walks < self.settings.recycle_after:
                return current
            self._current = None
            if current is not None and current.active == 0:
                self._retire(current)
            self._current = await self._launch()
            return self._current

    async def _launch(self) -> _Generation:
        if self.settings.sandbox and os.geteuid() == 0:
            raise BrowserStartError(
                "Chromium's sandbox does not work as root: run the agent as an ordinary user, "
                "or set settings.browser.sandbox: false (any page could then attack this machine)"
            )
        if not self.settings.sandbox:
            _log.warning("browser_without_sandbox", consequence="a hostile page is not kept away from this machine")
        if self._found is None:
            self._found = await asyncio.to_thread(self.find, self.settings.executable)
        driver = await async_playwright().start()
        raw = RawRecordings()
        try:
            browser = await driver.chromium.launch(
                executable_path=self._found.path,
                chromium_sandbox=self.settings.sandbox,
                headless=not self.headed,
                args=list(FLAGS),
                timeout=_LAUNCH_S * 1000,
                traces_dir=raw.path,
                # The agent itself decides in which order things stop.
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
            )
        except BaseException as error:
            self._later(_quietly(driver.stop()))
            raw.remove()
            if isinstance(error, PlaywrightError):
                raise BrowserStartError(_start_fault(error.message)) from None
            raise
        self.launches += 1
        _log.info("browser_started", version=browser.version, path=str(self._found.path), how=self._found.how)
        return _Generation(driver, browser, raw)

    def _retire(self, generation: _Generation) -> None:
        async def close() -> None:
            await _quietly(generation.browser.close())
            await _quietly(generation.driver.stop())
            await asyncio.to_thread(generation.raw.remove)

        self._later(close())

    def _later(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name="browser-close")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
        return task

    async def _patiently(self, closing: Coroutine[Any, Any, None]) -> None:
        """Wait a moment for a close; a slow one goes on by itself, bounded, and is awaited when we end."""
        await asyncio.wait({self._later(closing)}, timeout=_PATIENCE_S)


async def _quietly(close: Coroutine[Any, Any, None]) -> None:
    """Close within bounds; what is dead already is closed."""
    try:
        async with asyncio.timeout(_CLOSE_S):
            await close
    except (PlaywrightError, TimeoutError, ConnectionError) as error:
        _log.warning("browser_close", error=type(error).__name__)


def page_script(key: str, token: str, filing: tuple[str, str]) -> str:
    """Return the script that goes into every document of one walk; `filing` are the guard's patterns for it."""
    folder = files("probes.browser")
    source = folder.joinpath("page.js").read_text(encoding="utf-8")
    body = source[source.index("(config) =>") :].rstrip()
    for part in ("natives.js", "press.js", "says.js"):
        body = body.replace(f"/* {part} */", folder.joinpath(part).read_text(encoding="utf-8"))
    return f"({body})({json.dumps({'key': key, 'token': token, 'filing': filing})})"


def _user_agent(version: str, device: WalkDevice, name: str) -> str:
    """The browser's real name, so that pages render normally, with ours appended: we never hide who we are."""
    major = version.split(".", maxsplit=1)[0]
    phone = device == "mobile"
    system = "Linux; Android 10; K" if phone else "X11; Linux x86_64"
    kind = "Mobile Safari/537.36" if phone else "Safari/537.36"
    letters = unicodedata.normalize("NFKD", name.replace("đ", "d").replace("Đ", "D"))
    ours = "".join(c for c in letters if " " <= c <= "~")
    return f"Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{major}.0.0.0 {kind} {ours}"


def _start_fault(message: str) -> str:
    if "No usable sandbox" in message:
        return (
            "Chromium finds no usable sandbox on this machine: allow unprivileged user namespaces (or the seccomp "
            "profile in deploy/), or set settings.browser.sandbox: false"
        )
    first = message.strip().splitlines()[0] if message.strip() else "no reason given"
    missing = next((line.strip() for line in message.splitlines() if "error while loading shared" in line), "")
    return f"Chromium did not start: {first[:300]} {missing[:200]}".strip()
