"""The open-data site, the only one over HTTPS."""

from aiohttp import web

from sandbox.catalogue import SERVICES
from sandbox.world import WORLD, render

HSTS = "max-age=31536000; includeSubDomains"


async def home(request: web.Request) -> web.Response:
    """The data sets."""
    response = render(request, "warehouse.html", "Dữ liệu mở về dịch vụ công", services=SERVICES)
    response.headers["Strict-Transport-Security"] = HSTS
    return response


async def data_set(request: web.Request) -> web.Response:
    """Submissions by service, as JSON."""
    counts = request.app[WORLD].counters.submissions
    rows = [{"ma": service.code, "ten": service.name, "da_nop": counts[service.id]} for service in SERVICES]
    response = web.json_response({"don_vi": "tỉnh An Bình (mô phỏng)", "thu_tuc": rows})
    response.headers["Strict-Transport-Security"] = HSTS
    return response


def make_warehouse() -> web.Application:
    """The application of `kho-du-lieu`."""
    app = web.Application()
    app.router.add_get("/", home, name="trang-chu")
    app.router.add_get("/du-lieu/thu-tuc.json", data_set, name="thu-tuc-json")
    return app
