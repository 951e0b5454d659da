"""Before a walk accuses anybody: could it have been our own resolver, or our own browser?

Chromium gives one code for "no such name" and for "no resolver answered", and a browser whose network process died
waits in silence like a page of a dead server. So we ask again by other means, after the clocks have stopped.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from playwright.async_api import Browser
from playwright.async_api import Error as PlaywrightError

from checks.run import AGENT, NETWORK, Finding, Reason, Verdict
from probes.browser.chromium import WalkContext

_PATIENCE_S = 3.0
_PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
_NO_SUCH_NAME = frozenset({socket.EAI_NONAME, socket.EAI_NODATA, socket.EAI_ADDRFAMILY})

_SILENT = frozenset({Reason.TIMEOUT, Reason.DEADLINE, Reason.ELEMENT_MISSING, Reason.ASSERTION, Reason.PAGE_CRASH})
"""Reasons behind which a browser that no longer works may hide."""

Ask = Callable[[str], Awaitable[bool]]


async def name_is_missing(host: str) -> bool:
    """Whether this machine's resolver itself says that `host` has no address; False when it is silent or finds one."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        return error.errno in _NO_SUCH_NAME
    except (TimeoutError, OSError):
        return False
    return False


@asynccontextmanager
async def _own_page() -> AsyncIterator[str]:
    """Serve one small page of ours on loopback; yields its address."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(_PAGE)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


async def browser_works(browser: Browser) -> bool:
    """Whether the browser can still open a page of our own, in a fresh context, within three seconds."""
    try:
        async with _own_page() as url, asyncio.timeout(_PATIENCE_S):
            context = await browser.new_context()
            try:
                page = await context.new_page()
                await page.goto(url, timeout=_PATIENCE_S * 1000)
            finally:
                await context.close()
    except (PlaywrightError, TimeoutError, OSError):
        return False
    return True


async def doubted(found: Finding, url: str, walk: WalkContext, name_missing: Ask = name_is_missing) -> Finding:
    """Return a failed finding as it is, or an inconclusive one where it may be our own fault.

    `url` is the address of the document that `walk` stood at.
    """
    if found.reason is Reason.DNS and not await name_missing(urlsplit(url).hostname or ""):
        message = f"Máy đo không hỏi được máy chủ tên miền; {found.message}"
        return found.evolve(verdict=Verdict.INCONCLUSIVE, blame=NETWORK, message=message)
    doubt = await _doubt(found, walk)
    if not doubt:
        return found
    message = f"{doubt}; {found.message}"
    return found.evolve(verdict=Verdict.INCONCLUSIVE, blame=AGENT, reason=Reason.PAGE_CRASH, message=message)


async def _doubt(found: Finding, walk: WalkContext) -> str:
    """Say what speaks against the browser; empty when nothing does."""
    if found.reason is Reason.PAGE_CRASH and not await walk.generation.crashed_by_itself(walk.ends):
        return "Tiến trình của trình duyệt bị dừng từ bên ngoài hoặc do máy đo thiếu bộ nhớ"
    if found.reason not in _SILENT:
        return ""
    if await walk.generation.frozen():
        return "Tiến trình của trình duyệt bị máy đo tạm dừng"
    return "" if await browser_works(walk.browser) else "Trình duyệt của máy đo không còn mở được trang thử"
