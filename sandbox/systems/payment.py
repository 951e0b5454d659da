"""The outside payment page."""

from aiohttp import web

from sandbox.dossiers import Order
from sandbox.world import WORLD, count, read_form, redirect, render, visit_of

METHODS = ("Ví điện tử An Bình", "Thẻ nội địa", "Mã QR ngân hàng")
CANCEL = "huy"


async def home(request: web.Request) -> web.Response:
    """What this site is for."""
    says = "Trang này chỉ dùng khi một hồ sơ cần nộp phí, lệ phí trực tuyến."
    return render(request, "outside_message.html", "Cổng thanh toán", says=says)


async def pay(request: web.Request) -> web.Response:
    """Show an order, take the payment or the cancellation, and go back to the system that asked."""
    order = _order(request)
    if request.method == "GET":
        return _page(request, order, "")
    form = await read_form(request)
    if form.get("thao_tac") == CANCEL:
        return redirect(order.return_url)
    if form.get("phuong_thuc") not in METHODS or visit_of(request).validation_broken:
        return _page(request, order, "Vui lòng chọn phương thức thanh toán.")
    if not order.paid:  # reloading or pressing twice must not pay twice
        order.paid = True
        count(request, "payments", order.service.id)
    return redirect(order.return_url)


def make_payment() -> web.Application:
    """The application of `thanh-toan`."""
    app = web.Application()
    app.router.add_get("/", home, name="trang-chu")
    app.router.add_get("/don/{order}", pay, name="thanh-toan")
    app.router.add_post("/don/{order}", pay)
    return app


def _order(request: web.Request) -> Order:
    order = request.app[WORLD].payments.find(request.match_info["order"])
    if order is None:
        raise web.HTTPNotFound
    return order


def _page(request: web.Request, order: Order, error: str) -> web.Response:
    heading = "Thanh toán phí, lệ phí"
    status = 422 if error else 200
    return render(request, "payment.html", heading, status=status, order=order, methods=METHODS, error=error)
