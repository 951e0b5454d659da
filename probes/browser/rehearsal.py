"""After a rehearsal only the HTTP cache may stay warm: no cookie, no storage, no open tab."""

from urllib.parse import urlsplit

from probes.browser.walker import Walk

_FORGOTTEN = "cookies,local_storage,indexeddb,websql,service_workers"


async def forget_visit(walk: Walk) -> None:
    """Close the tabs of a rehearsal and forget everything it left behind, in the browser and in the counts."""
    stage = walk.stage
    context = stage.walk.context
    pages = list(context.pages)
    blank = await context.new_page()
    session = await context.new_cdp_session(blank)
    for origin in sorted({f"{u.scheme}://{u.netloc}" for u in (urlsplit(sent.url) for sent in stage.traffic.sent)}):
        await session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": _FORGOTTEN})
    await context.clear_cookies()
    for page in [*pages, blank]:
        await page.close()
    stage.forget()
    walk.walked, walk.outline = [], ""
