"""A picture of a tab in which neither what was typed nor a secret can be read."""

import asyncio
import secrets as randomness

from playwright.async_api import CDPSession, Page
from playwright.async_api import Error as PlaywrightError

from checks.secrets import Secrets
from probes.browser.outline import is_vast
from probes.browser.unshown import unshown
from probes.browser.worlds import frames_of

FIELDS = (
    "input:not([type=submit], [type=button], [type=reset], [type=image], [type=checkbox], [type=radio]), "
    "textarea, select, [contenteditable]:not([contenteditable=false i])"
)
_TRIES = 3


async def picture(page: Page, secrets: Secrets, within_s: float) -> bytes | None:
    """Return a PNG of what is on the screen, within `within_s` seconds; None when there can be none that is safe."""
    try:
        async with asyncio.timeout(max(0.0, within_s)):
            return await _taken(page, secrets, within_s)
    except (PlaywrightError, TimeoutError, RecursionError):  # a hung, crashed or monstrous page has no picture
        return None


async def _taken(page: Page, secrets: Secrets, within_s: float) -> bytes | None:
    if await is_vast(page):
        return None
    mark = f"data-{randomness.token_hex(8)}"
    await _cover(page, secrets, mark)
    for _ in range(_TRIES):
        masks = [frame.locator(f"{FIELDS}, [{mark}]") for frame in page.frames]
        # Hidden besides: a text may reach beyond the box of its element.
        hidden = f"[{mark}], [{mark}] * {{ visibility: hidden !important }}"
        png = await page.screenshot(mask=masks, style=hidden, timeout=within_s * 1000, animations="disabled")
        if not await _cover(page, secrets, mark):
            return png
    return None  # a page that shows more of it each time


async def _cover(page: Page, secrets: Secrets, mark: str) -> bool:
    """Mark what must not be seen; return whether anything was not marked before.

    The page never learns what is looked for: its text is read by DevTools and searched here.
    """
    found = False
    for session in set((await frames_of(page, len(page.frames))).sessions.values()):
        found |= await _cover_in(session, secrets, mark)
    return found


async def _cover_in(session: CDPSession, secrets: Secrets, mark: str) -> bool:
    document = (await session.send("DOM.getDocument", {"depth": -1, "pierce": True}))["root"]
    found = False
    for node in await asyncio.to_thread(unshown, document, secrets):
        flat = (await session.send("DOM.getAttributes", {"nodeId": node}))["attributes"]
        if mark not in flat[::2]:
            await session.send("DOM.setAttributeValue", {"nodeId": node, "name": mark, "value": ""})
            found = True
    return found
