"""One driver with one browser: started in a room of their own, watched while they live, and surely gone at the end."""

import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog
from playwright.async_api import Browser, CDPSession, Playwright, async_playwright
from playwright.async_api import Error as PlaywrightError

from probes.browser.find import BrowserStartError, FoundBrowser
from probes.browser.home import Home, write_down
from probes.browser.processes import Root, child_in, family, look_up, memory_bytes, root
from probes.browser.raw import RawRecordings

_log = structlog.get_logger(__name__)

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
# What a browser needs of our environment. The rest may hold secrets, and the browser runs what strangers wrote.
_NEEDED = ("PATH", "HOME", "USER", "LOGNAME", "TZ", "LD_LIBRARY_PATH", "CHROME_DEVEL_SANDBOX", "XAUTHORITY")
_NEEDED_KINDS = ("LANG", "LC_", "XDG_", "FONTCONFIG_", "DISPLAY", "WAYLAND_", "DBUS_")
_CLOSE_S = 5.0
_LAUNCH_S = 30.0
_TOLD_S = 1.0
_BY_ITSELF = "crashed"

Later = Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]
"""Has something done beside, and sees to it that it is done before everything ends."""


@dataclass  # without slots: Playwright keeps its wrapper of a listening method on the object
class Generation:
    """A browser from its launch until it has done its share of walks; `began` is on the monotonic clock.

    `memory_bytes` is what the whole family weighed after the latest walk, `ends` how renderers have ended early.
    `broken` is set when it would open no context, or may not have closed one.
    """

    driver: Playwright
    browser: Browser
    home: Home
    room: Path
    raw: RawRecordings
    roots: list[Root]
    began: float
    walks: int = 0
    active: int = 0
    memory_bytes: int = 0
    broken: bool = False
    _told: CDPSession | None = None
    ends: list[str] = field(default_factory=list)
    _told_end: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def alive(self) -> bool:
        """Whether browser and driver both run and do what they are asked."""
        return not self.broken and self.browser.is_connected() and all(one.alive for one in self.roots)

    @property
    def age_s(self) -> float:
        """Seconds since the launch."""
        return time.monotonic() - self.began

    async def weigh(self) -> None:
        """Look what driver and browser weigh together; what was known stands when nobody can tell now."""
        with suppress(OSError):
            self.memory_bytes = await asyncio.to_thread(lambda: memory_bytes(family(self.roots)))

    async def frozen(self) -> bool:
        """Whether one of the processes has been halted from outside."""
        return await asyncio.to_thread(lambda: any(one.stopped for one in family(self.roots)))

    async def crashed_by_itself(self, since: int) -> bool:
        """Whether all ends after the first `since` were faults of the renderer itself; False when none is known.

        The browser tells the signal: a fault (SIGSEGV, SIGTRAP, SIGABRT ...) is `crashed`; SIGKILL and SIGTERM, which
        the kernel short of memory or a person sends, are `killed`.
        """
        try:
            async with asyncio.timeout(_TOLD_S):
                while len(self.ends) <= since:
                    self._told_end.clear()
                    await self._told_end.wait()
        except TimeoutError:
            return False
        return all(end == _BY_ITSELF for end in self.ends[since:])

    async def listen(self) -> None:
        """Ask the browser to tell how renderers end, and who its own process is."""
        session = self._told = await self.browser.new_browser_cdp_session()
        session.on("Target.targetCrashed", self._note_end)
        kinds = [{"type": kind} for kind in ("page", "iframe")]
        await session.send("Target.setDiscoverTargets", {"discover": True, "filter": kinds})
        told = await session.send("SystemInfo.getProcessInfo")
        pid = next(int(one["id"]) for one in told["processInfo"] if one["type"] == "browser")
        process = look_up(pid)
        leader = look_up(process.session) if process is not None else None
        if process is not None:
            self.roots.append(root(process))
        # A script that starts Chromium leads its session; another leader is not of this family.
        if leader is not None and leader != process and leader.parent in {one.pid for one in self.roots}:
            self.roots.append(root(leader))
        write_down(self.room, self.roots)

    async def close(self) -> None:
        """Close browser and driver, each within bounds; then end what is left of them and remove their room.

        Nothing that one of these raises keeps the others from being done.
        """
        async with AsyncExitStack() as last_first:
            last_first.push_async_callback(asyncio.to_thread, self.home.clear, self.room)
            last_first.push_async_callback(asyncio.to_thread, self.raw.remove)
            last_first.push_async_callback(closed, self.driver.stop)
            last_first.push_async_callback(closed, self.browser.close)

    def _note_end(self, event: dict[str, Any]) -> None:
        _log.warning("renderer_ended", status=event.get("status"), code=event.get("errorCode"))
        self.ends.append(str(event.get("status")))
        self._told_end.set()


async def launch(found: FoundBrowser, home: Home, later: Later, *, sandbox: bool, headed: bool) -> Generation:
    """Start a driver and a browser whose temporary files all lie in a room of their own.

    When that fails, or is cancelled, `later` is given what puts everything away again.

    Raises:
        BrowserStartError: It does not start.
        OSError: This machine has no room, file or process left for it.
    """
    room = home.room()
    driver: Playwright | None = None
    try:
        with _temporary_files_in(room):
            driver = await async_playwright().start()
        raw = RawRecordings(room)
        process = await asyncio.to_thread(child_in, room)
        roots = [root(process)] if process is not None else []
        write_down(room, roots)
        browser = await driver.chromium.launch(
            executable_path=found.path,
            chromium_sandbox=sandbox,
            headless=not headed,
            args=list(FLAGS),
            env=_environment(os.environ, room),
            timeout=_LAUNCH_S * 1000,
            traces_dir=raw.path,
            # The agent itself decides in which order things stop.
            handle_sigint=False,
            handle_sigterm=False,
            handle_sighup=False,
        )
        generation = Generation(driver, browser, home, room, raw, roots, time.monotonic())
        await generation.listen()
    except BaseException as error:
        await asyncio.wait({later(_abandon(driver, home, room))})
        if isinstance(error, PlaywrightError):
            raise BrowserStartError(_start_fault(error.message)) from None
        raise
    return generation


def _environment(ours: Mapping[str, str], room: Path) -> dict[str, str | float | bool]:
    needed = {name: value for name, value in ours.items() if name in _NEEDED or name.startswith(_NEEDED_KINDS)}
    return {**needed, "TMPDIR": str(room)}


async def _abandon(driver: Playwright | None, home: Home, room: Path) -> None:
    try:
        if driver is not None:
            await closed(driver.stop)
    finally:
        await asyncio.to_thread(home.clear, room)


@contextmanager
def _temporary_files_in(room: Path) -> Iterator[None]:
    """Have a child that is started now put its temporary files into `room`; our own go where they went before."""
    tempfile.gettempdir()  # settles once and for all where ours go
    before = os.environ.get("TMPDIR")
    os.environ["TMPDIR"] = str(room)
    try:
        yield
    finally:
        if before is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = before


async def closed(close: Callable[[], Awaitable[None]]) -> bool:
    """Close within bounds; return whether it was. What is dead already cannot be.

    The driver's next call, which is not made then, raises whatever a listener of ours has raised before: that is a bug,
    and is passed on.
    """
    try:
        async with asyncio.timeout(_CLOSE_S):
            await close()
    except (PlaywrightError, TimeoutError, ConnectionError) as error:
        _log.warning("browser_close", error=type(error).__name__)
        return False
    return True


def _start_fault(message: str) -> str:
    if "No usable sandbox" in message:
        return (
            "Chromium finds no usable sandbox on this machine: allow unprivileged user namespaces (or the seccomp "
            "profile in deploy/), or set settings.browser.sandbox: false"
        )
    first = message.strip().splitlines()[0] if message.strip() else "no reason given"
    missing = next((line.strip() for line in message.splitlines() if "error while loading shared" in line), "")
    return f"Chromium did not start: {first[:300]} {missing[:200]}".strip()
