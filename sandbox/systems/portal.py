"""The national-portal front: finding a service and choosing who settles it."""

import unicodedata
from urllib.parse import urlencode

from aiohttp import web

from sandbox.catalogue import SERVICES, Service, find_service
from sandbox.systems import look_up, wizard
from sandbox.world import WORLD, read_form, redirect, render, visit_of

POPULAR = ("khai-sinh", "giay-phep-lai-xe", "bien-dong-dat-dai", "ho-kinh-doanh", "ly-lich-tu-phap", "ket-hon")
QUERY_LIMIT = 100


def plain(text: str) -> str:
    """Lower case without accents: people search "khai sinh" as well as "Khai Sinh"."""
    decomposed = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def search(query: str) -> tuple[Service, ...]:
    """Services in whose name, topic or code every word of the query occurs."""
    words = plain(query).split()
    texts = ((service, plain(f"{service.name} {service.topic} {service.code}")) for service in SERVICES)
    return tuple(service for service, text in texts if all(word in text for word in words))


async def home(request: web.Request) -> web.Response:
    """The start page."""
    popular = [service for service in SERVICES if service.id in POPULAR]
    topics = sorted({service.topic for service in SERVICES}, key=plain)
    return render(request, "home.html", "Dịch vụ công trực tuyến", popular=popular, topics=topics)


async def found(request: web.Request) -> web.Response:
    """The results of a search; without words every service."""
    query = request.query.get("tu-khoa", "")[:QUERY_LIMIT]
    return render(request, "search.html", "Thủ tục hành chính", query=query, services=search(query))


async def detail(request: web.Request) -> web.Response:
    """What a service is, needs and costs."""
    service = _service(request)
    return render(request, "detail.html", service.name, service=service)


async def choose_place(request: web.Request) -> web.Response:
    """Choose province, agency and case; hands over to the system that settles."""
    service = _service(request)
    form = await read_form(request) if request.method == "POST" else {}
    unit, case = form.get("don_vi", ""), form.get("truong_hop", "")
    if form and unit in service.units and case in service.cases and not visit_of(request).validation_broken:
        query = urlencode({"don-vi": unit, "truong-hop": case})
        return redirect(f"{request.app[WORLD].addresses.url(service.system)}/bat-dau/{service.id}?{query}")
    errors = _place_errors(service, unit, case) if form else {}
    status = 422 if errors else 200
    return render(
        request,
        "place.html",
        "Chọn cơ quan thực hiện",
        service=service,
        unit=unit,
        case=case,
        errors=errors,
        status=status,
    )


async def help_page(request: web.Request) -> web.Response:
    """How to use the portal."""
    return render(request, "help.html", "Hướng dẫn sử dụng")


def make_portal() -> web.Application:
    """The application of `cong-quoc-gia`; it also takes the feedback form, which needs no sign-in."""
    app = web.Application()
    app.router.add_get("/", home, name="trang-chu")
    app.router.add_get("/thu-tuc", found, name="tim-thu-tuc")
    app.router.add_get("/thu-tuc/{service}", detail, name="chi-tiet")
    app.router.add_get("/thu-tuc/{service}/noi-nop", choose_place, name="noi-nop")
    app.router.add_post("/thu-tuc/{service}/noi-nop", choose_place)
    app.router.add_get("/huong-dan", help_page, name="huong-dan")
    look_up.add_routes(app)
    wizard.add_routes(app)
    return app


def _service(request: web.Request) -> Service:
    service = find_service(request.match_info["service"])
    if service is None or not service.units:
        raise web.HTTPNotFound
    return service


def _place_errors(service: Service, unit: str, case: str) -> dict[str, str]:
    errors = {}
    if unit not in service.units:
        errors["don_vi"] = "Vui lòng chọn cơ quan tiếp nhận."
    if case not in service.cases:
        errors["truong_hop"] = "Vui lòng chọn trường hợp hồ sơ."
    return errors or {"truong_hop": "Giá trị không hợp lệ. Vui lòng kiểm tra lại."}
