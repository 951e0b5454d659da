"""Usage statistics: who visits, what the servers serve to them, and what the pages' script reports."""

import json
from collections.abc import Awaitable, Callable

from aiohttp import web

from sandbox.world import VISITOR, WORLD

COOKIE = "ab_khach"
"""One cookie for the whole province: cookies do not know ports."""
REPORT = "/thong-ke"
"""Where a page's script reports, on the page's own site."""
_LONGEST = 64 * 1024
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def keep_usage(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count for the visitor. Outermost: a fault breaks pages, not the counting."""
    sent = request.cookies.get(COOKIE)
    token, visitor = request.app[WORLD].counters.visitors.welcome(sent)
    request[VISITOR] = visitor
    response = await (_take if request.path == REPORT else handler)(request)
    visitor.served(request.headers.get("Sec-Fetch-Dest", ""), response)
    if token != sent and not response.prepared:
        response.set_cookie(COOKIE, token, httponly=True, samesite="Lax")
    return response


async def _take(request: web.Request) -> web.StreamResponse:
    if request.method != "POST" or (request.content_length or 0) > _LONGEST:
        return web.Response(status=400)
    try:
        request[VISITOR].told(json.loads(await request.text()))
    except (ValueError, TypeError):
        return web.Response(status=400)
    return web.Response(status=204)
