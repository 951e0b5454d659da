"""A small portal on loopback for the walks of these tests: every page shows one thing a walk may meet."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from checks.run import Finding, Reason, Verdict
from tests.probes.servers import Handler

DEPENDENCY = "dependency:dinh-danh"
"""Who is charged for the portal `outside`."""

SHORT = {"step_timeout": "1500ms"}
HEADING = {"visible": {"role": "heading", "name": "Trang chủ"}}


def html(body: str, *, title: str = "Cổng thử nghiệm", head: str = "", status: int = 200) -> web.Response:
    page = (
        f"<!doctype html><html lang=vi><head><meta charset=utf-8><title>{title}</title>{head}</head><body>{body}</body>"
    )
    return web.Response(text=page, content_type="text/html", status=status)


@dataclass(slots=True)
class Portal:
    """What it serves can be changed while it runs; `told` is what pages have posted, `asked` every request."""

    url: str = ""
    pages: dict[str, Handler | str] = field(default_factory=dict)
    told: list[Any] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    visited: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def host(self) -> str:
        return self.url.removeprefix("http://")

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.method, request.path_qs))
        self.visited.set()
        self.headers.append(dict(request.headers))
        if request.path == "/told":
            self.told.append(await request.json())
            return web.json_response({})
        page = self.pages.get(request.path)
        if page is None:
            return html("<h1>Không có trang này</h1>", status=404)
        return html(page) if isinstance(page, str) else await page(request)


async def hang(_request: web.Request) -> web.StreamResponse:
    """Take the request and never answer; ends with the connection."""
    await asyncio.Event().wait()
    raise AssertionError


async def reset(request: web.Request) -> web.StreamResponse:
    """Drop the connection without a word."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


@asynccontextmanager
async def portal() -> AsyncIterator[Portal]:
    """Serve a portal on a free port."""
    made = Portal()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", made.answer)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    made.url = f"http://{host}:{port}"
    try:
        yield made
    finally:
        await runner.cleanup()


def held_back(found: Finding, site: Portal) -> bool:
    """Whether the walk ended as our own fault before anything was filed."""
    posted = [path for method, path in site.asked if method == "POST"]
    told = (found.verdict, found.blame, found.reason)
    return told == (Verdict.INCONCLUSIVE, "agent", Reason.CONFIG) and not posted


def step(name: str, *do: object, until: object = None, **fields: object) -> dict[str, Any]:
    """Write a step as checks.yaml does."""
    return {"name": name, "do": list(do), **({"until": until} if until else {}), **fields}
