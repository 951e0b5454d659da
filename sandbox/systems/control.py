"""The control panel: what stands where, what is broken on purpose, what was counted, and the inbox."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from sandbox.account import ACCOUNT_NUMBER
from sandbox.catalogue import AGENCIES, SERVICES, Service, agency
from sandbox.faults import COMMON_PARAMS, FAULT_KINDS, ActiveFault, FaultError
from sandbox.settings import HTTPS, LISTENERS, TITLES
from sandbox.systems import inbox
from sandbox.systems.files import add_folder
from sandbox.world import WORLD

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
VISITOR_COLUMNS = (
    ("documents", "Trang"),
    ("redirects", "Chuyển hướng"),
    ("clicks", "Lần bấm"),
    ("fields", "Ô đã gõ"),
    ("keystrokes", "Phím"),
    ("choices", "Lựa chọn"),
    ("uploads", "Tệp"),
    ("submissions", "Đã nộp"),
)


@web.middleware
async def own_origin_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse changes that a page of another origin asks for; programs send no Origin."""
    origin = request.headers.get("Origin")
    own = request.app[WORLD].addresses.url("bang-dieu-khien")
    if request.method not in SAFE_METHODS and origin not in {None, own}:
        raise web.HTTPForbidden(text="cross-origin change refused")
    return await handler(request)


async def panel(request: web.Request) -> web.Response:
    """The panel itself."""
    world = request.app[WORLD]
    message = request.query.get("loi", "")
    html = world.templates.get_template("control.html").render(
        heading="Bảng điều khiển tỉnh An Bình (mô phỏng)",
        systems=[(name, TITLES[name], world.addresses.url(name)) for name in LISTENERS],
        services=SERVICES,
        kinds=FAULT_KINDS,
        active=[fault_json(fault) for fault in world.faults.active()],
        counts=world.counters.as_json(),
        visitors=world.counters.visitors.latest(),
        visitor_columns=VISITOR_COLUMNS,
        mails=len(world.mailbox.mails()),
        url=world.addresses.url,
        message=message[:300],
        info=info_json(request),
    )
    return web.Response(text=html, content_type="text/html")


async def switch(request: web.Request) -> web.Response:
    """The panel's buttons: switch a fault on or off, or all off."""
    world, form = request.app[WORLD], await request.post()
    target, fault = str(form.get("dich", "")), str(form.get("su_co", ""))
    if form.get("thao_tac") == "tat":
        await world.faults.clear(target or None, fault or None)
        raise web.HTTPSeeOther("/")
    try:
        await world.faults.set(target, fault, **_params({"duration_s": str(form.get("thoi_han", ""))}))
    except FaultError as error:
        raise web.HTTPSeeOther(str(request.rel_url.with_path("/").with_query(loi=str(error)))) from error
    raise web.HTTPSeeOther("/")


async def list_faults(request: web.Request) -> web.Response:
    """`GET /api/faults`: what can be set, and what is on."""
    kinds = [
        {"fault": kind.name, "layer": kind.layer, "does": kind.does, "params": dict(kind.params)}
        for kind in FAULT_KINDS
    ]
    active = [fault_json(fault) for fault in request.app[WORLD].faults.active()]
    return web.json_response({"active": active, "kinds": kinds, "common_params": sorted(COMMON_PARAMS)})


async def set_fault(request: web.Request) -> web.Response:
    """`POST /api/faults {"target", "fault", "params"}`: 201 with the fault, 400 with the reason."""
    try:
        asked = await request.json()
        target, fault = _text(asked, "target"), _text(asked, "fault")
        active = await request.app[WORLD].faults.set(target, fault, **_params(asked.get("params") or {}))
    except (FaultError, json.JSONDecodeError) as error:
        return web.json_response({"error": str(error)}, status=400)
    return web.json_response(fault_json(active), status=201)


async def clear_faults(request: web.Request) -> web.Response:
    """`DELETE /api/faults[?target=…&fault=…]`: how many were switched off."""
    query = request.query
    cleared = await request.app[WORLD].faults.clear(query.get("target"), query.get("fault"))
    return web.json_response({"cleared": cleared})


async def show_counters(request: web.Request) -> web.Response:
    """`GET /api/counters`; `DELETE` sets them to zero and answers what they were."""
    counters = request.app[WORLD].counters
    counts = counters.as_json()
    if request.method == "DELETE":
        counters.reset()
    return web.json_response(counts)


async def show_info(request: web.Request) -> web.Response:
    """`GET /api/info`."""
    return web.json_response(info_json(request))


def info_json(request: web.Request) -> dict[str, Any]:
    """Ports, addresses, seed, test account, agencies and services."""
    world = request.app[WORLD]
    return {
        "seed": world.settings.seed,
        "ports": dict(world.addresses.ports),
        "urls": {name: world.addresses.url(name) for name in LISTENERS},
        "account": ACCOUNT_NUMBER,
        "password_file": "sandbox/practice-password.txt",
        "otp_secret_file": "sandbox/practice-otp-secret.txt",
        "ca_file": str(world.ca_file),
        "https": HTTPS,
        "agencies": [{"id": each.id, "name": each.name} for each in AGENCIES],
        "services": [service_json(service) for service in SERVICES],
    }


def service_json(service: Service) -> dict[str, Any]:
    """One service as a JSON object."""
    return {
        "id": service.id,
        "code": service.code,
        "name": service.name,
        "agency": service.agency,
        "agency_name": agency(service.agency).name,
        "system": service.system,
        "fields": len(service.fields),
        "steps": list(service.steps),
        "fee_vnd": service.fee_vnd,
        "presentation": service.presentation,
    }


def fault_json(fault: ActiveFault) -> dict[str, Any]:
    """One active fault as a JSON object."""
    return {
        "target": fault.target,
        "fault": fault.kind.name,
        "label": fault.kind.label,
        "layer": fault.kind.layer,
        "path": fault.path,
        "probability": fault.probability,
        "params": {**fault.kind.params, **fault.numbers},
        "ends": fault.until is not None,
    }


def make_control() -> web.Application:
    """The application of the control panel."""
    app = web.Application(middlewares=[own_origin_only])
    app.router.add_get("/", panel)
    app.router.add_post("/su-co", switch)
    app.router.add_get("/api/faults", list_faults)
    app.router.add_post("/api/faults", set_fault)
    app.router.add_delete("/api/faults", clear_faults)
    app.router.add_get("/api/counters", show_counters)
    app.router.add_delete("/api/counters", show_counters)
    app.router.add_get("/api/info", show_info)
    inbox.add_routes(app)
    add_folder(app, "own", "/tep")
    return app


def _text(asked: object, name: str) -> str:
    if not isinstance(asked, dict) or not isinstance(asked.get(name), str):
        raise FaultError(f"a JSON object with the text {name!r} is expected")
    return str(asked[name])


def _params(given: object) -> dict[str, Any]:
    """Keyword arguments of `FaultBoard.set` from what a client sent.

    Raises:
        FaultError: not an object, or a value that is not a number where one is needed.
    """
    if not isinstance(given, dict):
        raise FaultError("params must be a JSON object")
    params: dict[str, Any] = {}
    for name, value in given.items():
        if name == "path":
            params[name] = str(value)
        elif value not in ("", None):
            try:
                params[str(name)] = float(value)
            except (TypeError, ValueError) as error:
                raise FaultError(f"{name} must be a number, not {value!r}") from error
    return params
