"""The inbox page: every mail that the province's SMTP server took."""

from aiohttp import web

from sandbox.mailbox import Mail
from sandbox.world import WORLD

# A mail is hostile text: no script, no form, nothing loaded from anywhere.
MAIL_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"


async def listing(request: web.Request) -> web.Response:
    """All mails, newest first."""
    world = request.app[WORLD]
    html = world.templates.get_template("inbox.html").render(heading="Hộp thư", mails=world.mailbox.mails())
    return web.Response(text=html, content_type="text/html")


async def one(request: web.Request) -> web.Response:
    """One mail: headers, text, HTML in a sandboxed frame, source."""
    mail = _mail(request)
    template = request.app[WORLD].templates.get_template("mail.html")
    html = template.render(heading=mail.subject or "(không có tiêu đề)", mail=mail)
    return web.Response(text=html, content_type="text/html")


async def html_part(request: web.Request) -> web.Response:
    """The HTML part, for the frame."""
    headers = {"Content-Security-Policy": MAIL_POLICY, "X-Content-Type-Options": "nosniff"}
    return web.Response(text=_mail(request).html, content_type="text/html", headers=headers)


async def source(request: web.Request) -> web.Response:
    """The raw source."""
    headers = {"X-Content-Type-Options": "nosniff"}
    return web.Response(body=_mail(request).raw, content_type="text/plain", charset="utf-8", headers=headers)


async def as_json(request: web.Request) -> web.Response:
    """`GET /api/hop-thu`: newest first."""
    mails = [mail.as_json() for mail in request.app[WORLD].mailbox.mails()]
    return web.json_response({"count": len(mails), "mails": mails})


async def delete_all(request: web.Request) -> web.Response:
    """`DELETE /api/hop-thu` and the page's button."""
    count = request.app[WORLD].mailbox.clear()
    if request.method == "POST":
        raise web.HTTPSeeOther("/hop-thu")
    return web.json_response({"deleted": count})


def add_routes(app: web.Application) -> None:
    """Add `/hop-thu` and `/api/hop-thu`."""
    app.router.add_get("/hop-thu", listing)
    app.router.add_post("/hop-thu/xoa", delete_all)
    app.router.add_get(r"/hop-thu/{mail:\d+}", one)
    app.router.add_get(r"/hop-thu/{mail:\d+}/html", html_part)
    app.router.add_get(r"/hop-thu/{mail:\d+}/nguon", source)
    app.router.add_get("/api/hop-thu", as_json)
    app.router.add_delete("/api/hop-thu", delete_all)


def _mail(request: web.Request) -> Mail:
    mail = request.app[WORLD].mailbox.find(int(request.match_info["mail"]))
    if mail is None:
        raise web.HTTPNotFound(text="no such mail")
    return mail
