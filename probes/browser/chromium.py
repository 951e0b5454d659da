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
from pathlib import Path
from typing import Any, Literal, Self

import structlog
from playwright.async_api import Browser, BrowserContext
from playwright.async_api import Error as PlaywrightError

from checks.model import BrowserSettings
from checks.owners import HostOwners
from probes.browser.find import BrowserStartError, FoundBrowser, find_browser
from probes.browser.gate import Gate
from probes.browser.generation import Generation, closed, launch
from probes.browser.home import Home, sweep
from probes.browser.raw import RawRecordings

_log = structlog.get_logger(__name__)

WalkDevice = Literal["desktop", "mobile"]

_PATIENCE_S = 1.0
SCREENS: dict[WalkDevice, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1366, "height": 768}},
    "mobile": {
        "viewport": {"width": 360, "height": 800},
        "device_scale_factor": 2,
        "is_mobile": True,
        "has_touch": True,
    },
}


@dataclass(frozen=True, slots=True)
class WalkContext:
    """A fresh browser context; its page script answers by the name `key` and begins its reports with `token`.

    `ends` is how many renderers of the browser had ended early before.
    """

    context: BrowserContext
    generation: Generation
    key: str
    token: str
    device: WalkDevice
    gate: Gate
    ends: int

    @property
    def browser(self) -> Browser:
        """The browser this context is in."""
        return self.generation.browser

    @property
    def raw(self) -> RawRecordings:
        """Where recordings of this browser are written."""
        return self.generation.raw


@dataclass(slots=True)
class Chromium:
    """Owns the Playwright driver and one browser process; `async with` it, then ask for contexts.

    The process is started with the first context, again after it or its driver died, and afresh when it has walked
    enough, is old or has grown heavy; walks that are under way then end in the old one. Several tasks may ask at once:
    one of them launches, the others wait for it. `headed` shows the windows; it needs a full Chromium. `launches`
    counts browser processes started. `around` is where temporary files go; what killed agents left there is cleared.
    """

    settings: BrowserSettings
    user_agent: str
    find: Callable[[str | None], FoundBrowser] = find_browser
    headed: bool = False
    launches: int = 0
    around: Path | None = None
    _home: Home | None = None
    _found: FoundBrowser | None = None
    _asked_for: str | None = None
    _current: Generation | None = None
    _launching: asyncio.Lock = field(default_factory=asyncio.Lock)
    _closing: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._current is not None:
            self._retire(self._current)
            self._current = None
        await self.settled()
        if self._home is not None:
            await asyncio.to_thread(self._home.close)
            self._home = None

    async def settled(self) -> None:
        """Wait until everything that is being closed is closed."""
        while self._closing:
            await asyncio.wait(self._closing)

    def adopt(self, settings: BrowserSettings, user_agent: str) -> None:
        """Go on with other settings; the present browser ends with the walks that are under way in it."""
        self.user_agent = user_agent
        if settings == self.settings:
            return
        self.settings = settings
        current, self._current = self._current, None
        if current is not None and current.active == 0:
            self._retire(current)

    @property
    def version(self) -> str | None:
        """What the running browser says it is; None before the first launch."""
        return self._found.version if self._found is not None else None

    @property
    def cold(self) -> bool:
        """Whether the next walk is the first of a browser; never where each browser walks but once."""
        current = self._current
        walked = current is not None and current.walks > 0 and current.alive and not self._worn(current)
        return not walked and self.settings.recycle_after > 1

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
        walk = await self._opened(device, gate, downloads=downloads)
        try:
            yield walk
        finally:
            await self._patiently(_put_away(walk))
            self._later(walk.generation.weigh())
            self._leave(walk.generation)

    async def _opened(self, device: WalkDevice, gate: Gate | None, *, downloads: bool) -> WalkContext:
        """Open a context; in a fresh browser when the present one turns out to have died."""
        for last in (False, True):
            generation = await self._generation()
            generation.walks += 1
            generation.active += 1
            try:
                return await self._open(generation, device, gate, downloads=downloads)
            except BaseException as error:
                self._leave(generation)
                if last or not isinstance(error, PlaywrightError):
                    raise
                generation.broken = True
        raise AssertionError

    def _leave(self, generation: Generation) -> None:
        generation.active -= 1
        if generation is not self._current and generation.active == 0:
            self._retire(generation)

    async def _open(
        self, generation: Generation, device: WalkDevice, gate: Gate | None, *, downloads: bool
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
        return WalkContext(context, generation, f"k{token}", marked, device, passed, len(generation.ends))

    async def _generation(self) -> Generation:
        async with self._launching:
            current = self._current
            if current is not None and current.alive and not self._worn(current):
                return current
            self._current = None
            if current is not None and current.active == 0:
                self._retire(current)
            settings = self.settings
            self._current = await self._launch()
            self._current.broken = settings != self.settings  # others since: it serves this walk and no other
            return self._current

    async def _launch(self) -> Generation:
        if self.settings.sandbox and os.geteuid() == 0:
            raise BrowserStartError(
                "Chromium's sandbox does not work as root: run the agent as an ordinary user, "
                "or set settings.browser.sandbox: false (any page could then attack this machine)"
            )
        if not self.settings.sandbox:
            _log.warning("browser_without_sandbox", consequence="a hostile page is not kept away from this machine")
        try:
            found, home = await self._which(self.settings.executable), await self._where()
            generation = await launch(found, home, self._later, sandbox=self.settings.sandbox, headed=self.headed)
        except OSError as error:
            raise BrowserStartError(f"this machine has nothing left for a browser now: {error}") from error
        self.launches += 1
        version = generation.browser.version
        _log.info("browser_started", version=version, path=str(found.path), how=found.how)
        return generation

    async def _which(self, configured: str | None) -> FoundBrowser:
        if self._found is None or self._asked_for != configured:
            self._found = await asyncio.to_thread(self.find, configured)
            self._asked_for = configured
        return self._found

    async def _where(self) -> Home:
        if self._home is None:
            await asyncio.to_thread(sweep, self.around)
            self._home = await asyncio.to_thread(Home.open, self.around)
        await asyncio.to_thread(self._home.clear_left)
        return self._home

    def _worn(self, generation: Generation) -> bool:
        settings = self.settings
        return (
            generation.walks >= settings.recycle_after
            or generation.age_s >= settings.recycle_age
            or generation.memory_bytes >= settings.recycle_memory
        )

    def _retire(self, generation: Generation) -> None:
        self._later(generation.close())

    def _later(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name="browser-close")
        self._closing.add(task)
        task.add_done_callback(self._closed)
        return task

    def _closed(self, task: asyncio.Task[None]) -> None:
        self._closing.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:  # a bug of ours, and everything was put away all the same
            _log.error("browser_close_failed", exc_info=error)

    async def _patiently(self, closing: Coroutine[Any, Any, None]) -> None:
        """Wait a moment for a close; a slow one goes on by itself, bounded, and is awaited when we end."""
        await asyncio.wait({self._later(closing)}, timeout=_PATIENCE_S)


async def _put_away(walk: WalkContext) -> None:
    """Close a context; where that fails its pages may run on, so no further walk begins in that browser."""
    clean = False
    try:
        clean = await closed(walk.context.close)
    finally:
        walk.generation.broken |= not clean


def page_script(key: str, token: str, filing: tuple[str, str]) -> str:
    """Return the script that goes into every document of one walk; `filing` are the guard's patterns for it."""
    folder = files("probes.browser")
    source = folder.joinpath("page.js").read_text(encoding="utf-8")
    body = source[source.index("(config) =>") :].rstrip()
    for part in ("natives.js", "blank.js", "press.js", "says.js"):
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
