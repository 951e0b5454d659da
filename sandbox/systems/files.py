"""Static files: the CDN, and the few files that each outside system carries itself."""

from importlib.resources import files
from importlib.resources.abc import Traversable

from aiohttp import web

TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".woff2": "font/woff2",
    ".txt": "text/plain",
    ".svg": "image/svg+xml",
}


def folder(name: str) -> dict[str, Traversable]:
    """The files of one folder of `static/`, by name."""
    return {entry.name: entry for entry in files("sandbox").joinpath("static", name).iterdir() if entry.is_file()}


def add_folder(app: web.Application, name: str, prefix: str) -> None:
    """Serve every file of a folder below `prefix`."""
    known = folder(name)

    async def answer(request: web.Request) -> web.Response:
        entry = known.get(request.match_info["file"])
        if entry is None:
            raise web.HTTPNotFound
        suffix = "." + entry.name.rsplit(".", 1)[-1]
        headers = {"Cache-Control": "public, max-age=3600", "Access-Control-Allow-Origin": "*"}
        content_type = TYPES.get(suffix, "application/octet-stream")
        charset = "utf-8" if content_type.startswith("text/") else None
        return web.Response(body=entry.read_bytes(), content_type=content_type, charset=charset, headers=headers)

    app.router.add_get(prefix + "/{file}", answer, name=f"tep-{name}")


def make_cdn() -> web.Application:
    """The application of `cdn`."""
    app = web.Application()
    add_folder(app, "cdn", "")
    return app
