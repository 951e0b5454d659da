"""Looking a dossier up by its code, on every system that takes dossiers."""

from aiohttp import web

from sandbox.world import WORLD, count, render

CODE_LIMIT = 40


async def look_up(request: web.Request) -> web.Response:
    """The look-up form, and the state of the dossier when a code was given.

    An unknown code is a correct refusal: status 200 and a sentence.
    """
    world = request.app[WORLD]
    code = request.query.get("ma-ho-so", "").strip()[:CODE_LIMIT]
    dossier = world.dossiers.find(code) if code else None
    if code:
        count(request, "look_ups", "found" if dossier else "not_found")
    return render(request, "look_up.html", "Tra cứu hồ sơ", code=code, dossier=dossier)


def add_routes(app: web.Application) -> None:
    """Add `/tra-cuu`."""
    app.router.add_get("/tra-cuu", look_up, name="tra-cuu")
