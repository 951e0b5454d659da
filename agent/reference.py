"""The reference walk: a page of our own that never changes, walked as every service is. What changes is the machine."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from importlib.resources import files

from aiohttp import web

from checks.config import Target
from checks.journey import Step
from checks.model import Agency, BrowserCheck, System
from checks.owners import HostOwners

DEADLINE_S = 15.0
_STEP_S = 5.0
_PATIENCE_S = 0.1


@cache
def page() -> bytes:
    """Return the reference page. When it changes, what was measured with another one is worth nothing."""
    return files("agent").joinpath("reference.html").read_bytes()


def page_digest() -> str:
    """Return what tells one reference page from another."""
    return hashlib.sha256(page()).hexdigest()[:12]


def reference_target(url: str) -> Target[BrowserCheck]:
    """Return the walk of the page at `url`."""
    system = System(
        id="may-do",
        name="Máy đo",
        agency="may-do",
        url=url,
        hosts=(url.removeprefix("http://").removesuffix("/"),),
        environment="test",
    )
    check = BrowserCheck(
        id="tham-chieu",
        type="browser",
        system=system.id,
        journey="tham-chieu",
        every=3600.0,
        deadline=DEADLINE_S,
        confirm_after=1.0,
        step_timeout=_STEP_S,
    )
    steps = (
        {"name": "Mở", "do": [{"goto": url}], "until": {"text": "Sẵn sàng"}},
        {"name": "Bấm", "do": [{"click": {"role": "button", "name": "Tiếp"}}], "until": {"text": "Xong"}},
    )
    return Target(
        check=check,
        system=system,
        agency=Agency(id=system.agency, name=system.name),
        service=None,
        steps=tuple(Step.model_validate(step) for step in steps),
        owners=HostOwners.of([system], []),
    )


@asynccontextmanager
async def reference_site() -> AsyncIterator[str]:
    """Serve the page on loopback; yields its address."""
    body = page()

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=body, content_type="text/html", charset="utf-8")

    app = web.Application()
    app.router.add_get("/", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_PATIENCE_S)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()
