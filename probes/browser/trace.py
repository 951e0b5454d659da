"""The recording of a whole walk, for whoever has to find the fault: what was done, seen and asked for."""

import asyncio
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog
from playwright.async_api import BrowserContext
from playwright.async_api import Error as PlaywrightError

from checks.run import Evidence
from checks.secrets import Secrets
from probes.browser.scrub import TooMuchError, scrub

_log = structlog.get_logger(__name__)

_START_S = 5.0
_STOP_S = 5.0
_CAPTION = "Bản ghi cả lượt; tải về rồi mở bằng lệnh: playwright show-trace trace.zip"


@dataclass(slots=True)
class Recording:
    """A recording under way; what goes wrong with it costs the recording only."""

    context: BrowserContext
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

    async def keep(self, folder: Path, secrets: Secrets, within_s: float) -> tuple[Evidence, ...]:
        """End the recording and put what may be kept of it into `folder`, within `within_s` seconds."""
        if not self.running or within_s <= 0:
            return ()
        self.running = False
        until = time.monotonic() + within_s
        path = folder / "trace.zip"
        try:
            with TemporaryDirectory(prefix="dvcwatch-trace-") as private:
                raw = Path(private) / "raw.zip"
                async with asyncio.timeout(min(_STOP_S, within_s)):
                    await self.context.tracing.stop(path=raw)
                await asyncio.to_thread(scrub, raw, path, secrets, until)
            size = path.stat().st_size
        except (PlaywrightError, TimeoutError, TooMuchError, OSError, ValueError, zipfile.BadZipFile) as error:
            _log.warning("trace_lost", error=type(error).__name__)
            path.unlink(missing_ok=True)
            return ()
        return (Evidence(kind="trace", path=path.name, bytes=size, caption=_CAPTION),)
