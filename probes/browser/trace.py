"""The recording of a whole walk, for whoever has to find the fault: what was done, seen and asked for."""

import asyncio
import time
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog
from playwright.async_api import BrowserContext
from playwright.async_api import Error as PlaywrightError

from checks.run import Evidence
from checks.secrets import Secrets
from probes.browser.chromium import WalkContext
from probes.browser.scrub import TooMuchError, scrub

_log = structlog.get_logger(__name__)

_START_S = 5.0
_STOP_S = 5.0
_CAPTION = "Mọi thao tác, hình trang và yêu cầu của lượt này"


@dataclass(slots=True)
class Recording:
    """A recording of one walk, if it is `running`; what goes wrong with it costs the recording only.

    `room` is the browser's: what was typed can be read in a raw recording, so it lies where whatever a killed agent
    left is cleared.
    """

    context: BrowserContext
    room: Path
    running: bool = False

    async def start(self) -> None:
        """Begin, before the walk. No pictures: what is typed could be read in them."""
        try:
            async with asyncio.timeout(_START_S):
                await self.context.tracing.start(screenshots=False, snapshots=True, sources=False)
        except (PlaywrightError, TimeoutError) as error:
            _log.warning("trace_not_started", error=type(error).__name__)
            return
        self.running = True

    async def stop(self, path: Path | None = None) -> None:
        """End; what was recorded goes to `path`, or nowhere. Raises PlaywrightError or TimeoutError."""
        if self.running:
            self.running = False
            async with asyncio.timeout(_STOP_S):
                await (self.context.tracing.stop() if path is None else self.context.tracing.stop(path=path))

    async def keep(self, folder: Path, secrets: Secrets, within_s: float) -> tuple[Evidence, ...]:
        """End the recording and put what may be kept of it into `folder`, within `within_s` seconds."""
        if not self.running:
            return ()
        until = time.monotonic() + within_s
        path = folder / "trace.zip"
        try:
            with TemporaryDirectory(dir=self.room) as private:
                raw = Path(private) / "raw.zip"
                async with asyncio.timeout(max(0.0, within_s)):
                    await self.stop(raw)
                await asyncio.to_thread(scrub, raw, path, secrets, until)
            size = path.stat().st_size
        except (PlaywrightError, TimeoutError, TooMuchError, OSError, ValueError, zipfile.BadZipFile) as error:
            _log.warning("trace_lost", error=type(error).__name__)
            with suppress(OSError):  # on a disk that nobody can write, nothing can be taken away either
                path.unlink(missing_ok=True)
            return ()
        return (Evidence(kind="trace", path=path.name, bytes=size, caption=_CAPTION),)


@asynccontextmanager
async def recorded(walk: WalkContext, *, wanted: bool) -> AsyncIterator[Recording]:
    """Record what is done inside, if `wanted`; however it ends, nothing stays where the driver keeps recordings."""
    recording = Recording(walk.context, walk.generation.room)
    if not wanted:
        yield recording
        return
    walk.raw.begin()
    try:
        await recording.start()
        yield recording
    finally:
        try:
            await recording.stop()
        except (PlaywrightError, TimeoutError) as error:  # it goes with its browser
            _log.warning("trace_not_stopped", error=type(error).__name__)
        await asyncio.to_thread(walk.raw.end)
