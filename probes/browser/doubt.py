"""Before a walk accuses anybody: could it have been our own resolver, our own line, or our own browser?

Chromium gives one code for "no such name" and for "no resolver answered", one for "no such host" and for "no network
here", and a browser whose network process died waits in silence like a page of a dead server. So we ask again by other
means, after the clocks have stopped. What the answer means stands in `probes.network_errors`, as for every other check.
"""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from playwright.async_api import Browser
from playwright.async_api import Error as PlaywrightError

from checks.owners import THIRD_PARTY, HostOwners, host_and_port
from checks.run import AGENT, NETWORK, Finding, Phase, Reason, Verdict
from probes.browser.chromium import WalkContext
from probes.conclusion import Conclusion, ours
from probes.connection import Lookup, dial, system_lookup
from probes.deadline import RESOLVER_SHARE, unfinished
from probes.network_errors import conclude
from probes.policy import RefusedError, permitted
from probes.wording import seconds

PATIENCE_S = 3.0
"""So long our own resolver, line and browser have for an answer, where the walk's deadline leaves it."""

_PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"

_SILENT = frozenset({Reason.TIMEOUT, Reason.DEADLINE, Reason.ELEMENT_MISSING, Reason.ASSERTION, Reason.PAGE_CRASH})
"""Reasons behind which a browser that no longer works may hide."""

LINE = frozenset({Reason.DNS, Reason.TCP})
"""Reasons whose cause our own look-up and our own connection can tell better."""

LATE = frozenset({Reason.TIMEOUT, Reason.DEADLINE})
"""Reasons behind which a silent resolver may hide: a browser waits longer for it than most steps do for their goal.

Then the name alone is looked up: a server that takes no connection would keep us waiting as it did the browser.
One that nobody is registered for is dialled all the same: our own line may be closed to it, and then nothing is
known of anybody.
"""


BROKEN = frozenset({Reason.ELEMENT_MISSING, Reason.ASSERTION, Reason.JS_ERROR})
"""Reasons behind which something may hide that the page needed and whose name the browser did not find."""


async def own_word(
    url: str, owners: HostOwners, lookup: Lookup, patience_s: float, *, dials: bool, soon_s: float = math.inf
) -> Conclusion | None:
    """Return what this machine's own resolver, and with `dials` a connection of our own, say of a host.

    None when it is found, or reached; what took our resolver more than `soon_s` seconds is its fault. No answer within
    `patience_s` seconds is an answer too.

    Raises:
        UnknownFaultError: Something that no table describes.
    """
    host, port = host_and_port(url)
    phase: Phase = "dns"
    try:
        async with asyncio.timeout(patience_s):
            asked = time.monotonic()
            found = await lookup(host, port or 0)
            if time.monotonic() - asked > soon_s:
                return late(time.monotonic() - asked)
            addresses = permitted(owners, host, port or 0, found)
            if dials:
                phase = "connect"
                (await dial(addresses)).close()
    except TimeoutError:
        return unfinished(phase, host, patience_s)
    except RefusedError:  # the browser has found another address
        return None
    except OSError as error:
        return conclude(error, phase, host)
    return None


def late(lost_s: float) -> Conclusion:
    """Conclude that our own resolver took too much of a step's time."""
    return ours(NETWORK, Reason.DNS, f"Máy chủ tên miền của máy đo mất {seconds(lost_s)} để trả lời")


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


async def browser_works(browser: Browser, patience_s: float = PATIENCE_S) -> bool:
    """Whether the browser can still open a page of our own, in a fresh context, in time."""
    try:
        async with _own_page() as url, asyncio.timeout(patience_s):
            context = await browser.new_context()
            try:
                page = await context.new_page()
                await page.goto(url, timeout=patience_s * 1000)
            finally:
                await context.close()
    except (PlaywrightError, TimeoutError, OSError):
        return False
    return True


async def doubted(
    found: Finding,
    urls: Sequence[str],
    walk: WalkContext,
    owners: HostOwners,
    lookup: Lookup = system_lookup,
    *,
    patience_s: float = PATIENCE_S,
    waited_s: float = math.inf,
    lost_s: float = 0.0,
) -> Finding:
    """Return a failed finding as it is, or an inconclusive one where it may be our own fault.

    `urls` are the addresses that `walk` waited for or stood at; where something is missing or broken on the page, those
    whose names were not found. Each question has `patience_s` seconds for its answer. Of the `waited_s` of the step,
    our resolver is known to have taken `lost_s`.
    """
    soon_s = RESOLVER_SHARE * waited_s
    if found.reason in LATE | BROKEN and lost_s > soon_s:
        return _without_blame(found, late(lost_s))
    if found.reason in LINE | LATE | BROKEN:
        asking = (_excuse(found, url, owners, lookup, patience_s=patience_s, soon_s=soon_s) for url in urls)
        excuse = next((one for one in await asyncio.gather(*asking) if one is not None), None)
        if excuse is not None:
            return excuse
    doubt = await _doubt(found, walk, patience_s)
    if not doubt:
        return found
    message = f"{doubt}; {found.message}"
    return found.evolve(verdict=Verdict.INCONCLUSIVE, blame=AGENT, reason=Reason.PAGE_CRASH, message=message)


def _without_blame(found: Finding, word: Conclusion) -> Finding:
    message = f"{word.message}; {found.message}"
    return found.evolve(verdict=Verdict.INCONCLUSIVE, blame=word.blame, reason=word.reason, message=message)


async def _excuse(
    found: Finding, url: str, owners: HostOwners, lookup: Lookup, *, patience_s: float, soon_s: float
) -> Finding | None:
    """Return `found` as nobody's fault where our own resolver or line may have kept us from `url`."""
    foreign = found.reason in LATE and owners.owner(url) == THIRD_PARTY
    dials = foreign or found.reason in LINE
    soon_s = soon_s if found.reason in LATE else math.inf
    word = await own_word(url, owners, lookup, patience_s=patience_s, dials=dials, soon_s=soon_s)
    if word is not None and word.verdict is Verdict.INCONCLUSIVE and word.blame is not None:
        return _without_blame(found, word)
    if word is not None and foreign:
        message = f"Máy đo không tới được máy chủ của bên chưa đăng ký, có thể do mạng của máy đo; {found.message}"
        return found.evolve(verdict=Verdict.INCONCLUSIVE, blame=NETWORK, message=message)
    if word is None and (found.reason is Reason.DNS or found.reason in BROKEN):
        message = f"Máy đo nay tìm được tên miền mà trình duyệt không tìm được; {found.message}"
        return found.evolve(verdict=Verdict.INCONCLUSIVE, blame=NETWORK, message=message)
    return None


async def _doubt(found: Finding, walk: WalkContext, patience_s: float) -> str:
    """Say what speaks against the browser; empty when nothing does."""
    if found.reason is Reason.PAGE_CRASH and not await walk.generation.crashed_by_itself(walk.ends):
        return "Tiến trình của trình duyệt bị dừng từ bên ngoài hoặc do máy đo thiếu bộ nhớ"
    if found.reason not in _SILENT:
        return ""
    if await walk.generation.frozen():
        return "Tiến trình của trình duyệt bị máy đo tạm dừng"
    return "" if await browser_works(walk.browser, patience_s) else "Trình duyệt của máy đo không còn mở được trang thử"
