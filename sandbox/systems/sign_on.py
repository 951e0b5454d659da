"""The outside sign-on: password, for some a one-time password, and back with a code."""

from urllib.parse import urlencode

from aiohttp import web

from sandbox.sessions import Authorization
from sandbox.settings import TITLES
from sandbox.world import VISITOR, WORLD, count, read_form, redirect, render, visit_of

CLIENTS = ("mot-cua-tinh", "mot-cua-xa", "cong-quoc-gia")
WRONG = "Số định danh hoặc mật khẩu không đúng."
WRONG_OTP = "Mã xác thực không đúng hoặc đã hết hạn."


async def home(request: web.Request) -> web.Response:
    """What this site is for."""
    says = "Trang này chỉ dùng khi một hệ thống dịch vụ công yêu cầu đăng nhập."
    return render(request, "outside_message.html", "Tài khoản định danh", says=says)


async def ask(request: web.Request) -> web.Response:
    """A system asks for a sign-on: check who asks, then show the form."""
    system, return_url = request.query.get("ung-dung", ""), request.query.get("tro-ve", "")
    addresses = request.app[WORLD].addresses
    # Only back to the system that asks: else this page would be an open redirect that leaks codes.
    if system not in CLIENTS or not return_url.startswith(addresses.url(system) + "/"):
        says = "Yêu cầu đăng nhập không hợp lệ."
        return render(request, "outside_message.html", "Không thể đăng nhập", status=400, says=says)
    otp = request.query.get("muc") == "otp"
    session = visit_of(request).session
    session.authorization = Authorization(system, request.query.get("trang-thai", ""), return_url, otp)
    return redirect("/dang-nhap")


async def sign_in(request: web.Request) -> web.Response:
    """The sign-on form."""
    session, sign_on = visit_of(request).session, request.app[WORLD].sign_on
    if session.authorization is None:
        return redirect("/")
    if request.method == "GET":
        return _sign_in_page(request, session.authorization, "")
    form = await read_form(request)
    broken = visit_of(request).validation_broken
    if broken or not sign_on.knows(form.get("so_dinh_danh", "").strip(), form.get("mat_khau", "")):
        request.app[WORLD].counters.sign_ins["refused"] += 1
        return _sign_in_page(request, session.authorization, WRONG)
    session.authorization.password_ok = True
    return redirect("/xac-thuc") if session.authorization.otp else _finish(request)


async def otp(request: web.Request) -> web.Response:
    """The second factor."""
    authorization = visit_of(request).session.authorization
    if authorization is None or not authorization.password_ok:
        return redirect("/dang-nhap")
    if request.method == "GET":
        return render(request, "otp.html", "Xác thực hai lớp", error="")
    form = await read_form(request)
    request[VISITOR].counts["otps"] += 1
    if visit_of(request).validation_broken or not request.app[WORLD].sign_on.accepts_otp(form.get("ma_otp", "")):
        request.app[WORLD].counters.sign_ins["refused"] += 1
        return render(request, "otp.html", "Xác thực hai lớp", status=422, error=WRONG_OTP)
    return _finish(request)


def _sign_in_page(request: web.Request, authorization: Authorization, error: str) -> web.Response:
    heading, status = "Đăng nhập tài khoản định danh", 422 if error else 200
    asked_by = TITLES[authorization.system]
    return render(request, "sign_on.html", heading, status=status, error=error, asked_by=asked_by)


def _finish(request: web.Request) -> web.Response:
    world, session = request.app[WORLD], visit_of(request).session
    authorization = session.authorization
    if authorization is None:
        raise web.HTTPNotFound
    session.authorization = None
    world.sessions["dinh-danh"].renew(session)
    count(request, "sign_ins", "succeeded")
    query = urlencode({"ma": world.sign_on.grant(authorization.system), "trang-thai": authorization.state})
    return redirect(f"{authorization.return_url}?{query}")


def make_sign_on() -> web.Application:
    """The application of `dinh-danh`."""
    app = web.Application()
    app.router.add_get("/", home, name="trang-chu")
    app.router.add_get("/uy-quyen", ask, name="uy-quyen")
    app.router.add_get("/dang-nhap", sign_in, name="dang-nhap")
    app.router.add_post("/dang-nhap", sign_in)
    app.router.add_get("/xac-thuc", otp, name="xac-thuc")
    app.router.add_post("/xac-thuc", otp)
    return app
