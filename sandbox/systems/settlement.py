"""The systems that settle dossiers: the provincial one and the commune one."""

import secrets
from urllib.parse import urlencode

from aiohttp import web

from sandbox.catalogue import SERVICES
from sandbox.dossiers import Draft
from sandbox.systems import look_up, wizard
from sandbox.world import SYSTEM, WORLD, read_form, redirect, render, visit_of

STATE_LIMIT = 20


async def home(request: web.Request) -> web.Response:
    """What this system settles."""
    services = [service for service in SERVICES if service.system == request.app[SYSTEM]]
    return render(request, "settlement_home.html", "Nộp và theo dõi hồ sơ", services=services)


async def sign_in(request: web.Request) -> web.Response:
    """Says that a sign-on is needed and leads there."""
    draft = wizard.draft_of(request)
    return render(request, "sign_in.html", "Đăng nhập để nộp hồ sơ", draft=draft, service=draft.service)


async def leave_to_sign_on(request: web.Request) -> web.Response:
    """Send the browser to the outside sign-on with a state that only this session knows."""
    draft, session = wizard.draft_of(request), visit_of(request).session
    state = secrets.token_urlsafe(12)
    session.states[state] = draft.id
    while len(session.states) > STATE_LIMIT:
        session.states.pop(next(iter(session.states)))
    addresses, system = request.app[WORLD].addresses, request.app[SYSTEM]
    query = {
        "ung-dung": system,
        "trang-thai": state,
        "tro-ve": f"{addresses.url(system)}/dang-nhap/ket-qua",
        "muc": "otp" if draft.service.otp else "mat-khau",
    }
    return redirect(f"{addresses.url('dinh-danh')}/uy-quyen?{urlencode(query)}")


async def signed_in(request: web.Request) -> web.Response:
    """The browser is back: exchange the code, which works once, for the account."""
    world, session = request.app[WORLD], visit_of(request).session
    draft = session.drafts.get(session.states.pop(request.query.get("trang-thai", ""), ""))
    profile = world.sign_on.redeem(request.query.get("ma", ""), request.app[SYSTEM])
    if draft is None or profile is None:
        says = "Kết quả đăng nhập không hợp lệ hoặc đã được sử dụng. Vui lòng đăng nhập lại."
        return render(request, "message.html", "Đăng nhập không thành công", status=403, says=says)
    world.sessions[request.app[SYSTEM]].renew(session)
    session.account = profile
    return redirect(first_page(draft))


async def sign_out(request: web.Request) -> web.Response:
    """Forget the account and the drafts."""
    await read_form(request)
    session = visit_of(request).session
    session.account = {}
    session.drafts.clear()
    return redirect("/")


def first_page(draft: Draft) -> str:
    """Where the form begins: its first page, or the page that frames it."""
    if draft.service.presentation == "framed":
        return f"/ho-so/{draft.service.id}/{draft.id}/khung"
    return wizard.step_path(draft, draft.first_open)


def make_settlement() -> web.Application:
    """The application of `mot-cua-tinh` and `mot-cua-xa`."""
    app = web.Application(client_max_size=20 * 1024 * 1024)
    app.router.add_get("/", home, name="trang-chu")
    app.router.add_get("/dang-nhap/ket-qua", signed_in, name="dang-nhap-ket-qua")
    app.router.add_get("/dang-nhap/{service}/{draft}", sign_in, name="dang-nhap")
    app.router.add_get("/dang-nhap/{service}/{draft}/chuyen", leave_to_sign_on, name="dang-nhap-chuyen")
    app.router.add_post("/dang-xuat", sign_out, name="dang-xuat")
    look_up.add_routes(app)
    wizard.add_routes(app)
    return app
