"""Reading out a screen: its form census and vitals. Costs time, so never while a step's clock runs."""

import asyncio

from playwright.async_api import Error as PlaywrightError

from probes.browser.stage import Stage

_LOOK_S = 2.0


async def look(stage: Stage, *, last: bool = False) -> None:
    """Read out the current screen; `last` counts it as left, because nothing comes after it."""
    if stage.watch.crashed:
        return
    try:
        async with asyncio.timeout(_LOOK_S):
            answer = await stage.page.evaluate(f"() => window[{stage.walk.key!r}].look({str(last).lower()})")
    except (TimeoutError, PlaywrightError):
        # A hung or error page has nothing to read out; its failure says so already.
        return
    stage.watch.looked(answer, last=last)
