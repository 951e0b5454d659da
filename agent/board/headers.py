"""Headers that every answer of the agent's server carries."""

from typing import Final

from aiohttp import web

PAGE_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

_EVERYWHERE: Final = {
    "Content-Security-Policy": PAGE_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


async def protect(_: web.Request, response: web.StreamResponse) -> None:
    """Add the headers that a handler has not set itself."""
    for name, value in _EVERYWHERE.items():
        response.headers.setdefault(name, value)
