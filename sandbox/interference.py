"""The middleware of every web system: counts, faults, designed slowness, sessions, error pages."""

import asyncio
from collections.abc import Awaitable, Callable
from zlib import crc32

from aiohttp import web

from sandbox.catalogue import Quality, find_service
from sandbox.delivery import deliver, greet, hang_up, reset
from sandbox.faults import ActiveFault
from sandbox.sessions import Session
from sandbox.usage import keep_usage
from sandbox.world import SYSTEM, VISIT, WORLD, CsrfError, DraftGoneError, Visit, render, visit_of

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
HITS: web.RequestKey[dict[str, ActiveFault]] = web.RequestKey("hits")
_RESETTING = frozenset({"reset", "refuse", "hang", "deaf"})
STANDING_PAGES = {
    "http_500": ("Lỗi máy chủ", 500),
    "http_502": ("Cổng kết nối không tới được máy chủ phía sau", 502),
    "database_gone": ("Lỗi cơ sở dữ liệu", 500),
    "http_404": ("Không tìm thấy trang", 404),
    "http_403": ("Không có quyền xem trang này", 403),
    "http_429": ("Quá nhiều yêu cầu", 429),
    "http_503": ("Hệ thống đang quá tải", 503),
    "http_403_waf": ("Yêu cầu bị từ chối", 403),
    "error_page": ("Lỗi hệ thống", 200),
    "captcha": ("Xác nhận bạn không phải là người máy", 200),
    "maintenance_page": ("Hệ thống đang bảo trì", 200),
}


@web.middleware
async def meet_faults(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Outermost: let the faults of this request happen, else answer it at its designed pace."""
    world, system = request.app[WORLD], request.app[SYSTEM]
    world.counters.requests[system] += 1
    service = find_service(request.match_info.get("service", ""))
    hits = {
        fault.kind.name: fault for fault in world.faults.hits(system, service.id if service else None, request.path)
    }
    if await _broken(request, hits):
        return web.Response()  # nobody gets it: the connection is gone
    if "slow" in hits:
        await _pause(hits["slow"])
    instead = _instead(request, hits)
    if instead is not None:
        return instead
    request[HITS] = hits
    return await deliver(request, await handler(request), hits)


@web.middleware
async def open_session(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Make the visit of the request: its session, its service and the page faults it meets."""
    world, system = request.app[WORLD], request.app[SYSTEM]
    book = world.sessions[system]
    sent = request.cookies.get(book.cookie)
    if "session_lost" in request[HITS]:
        book.forget(sent)
    session = book.open(sent)
    request[VISIT] = _visit(request, session)
    response = await handler(request)
    if session.id != sent and not response.prepared:
        response.set_cookie(book.cookie, session.id, httponly=True, samesite="Lax")
    return response


@web.middleware
async def keep_pace(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Take the time that the service takes by design, fail when it is flaky, and count the page."""
    world, visit = request.app[WORLD], visit_of(request)
    if visit.step.startswith("tep-"):  # files of the page, not pages
        return await handler(request)
    owner = visit.service.id if visit.service else visit.system
    turn = world.pace.turn(owner, visit.quality, visit.step if request.method == "GET" else "")
    await asyncio.sleep(turn.delay_s)
    if turn.fails:
        return standing_page(request, "http_500")
    response = await handler(request)
    if request.method == "GET" and response.status == web.HTTPOk.status_code:
        world.counters.page_views[visit.system, owner if visit.service else "", visit.step] += 1
    return response


@web.middleware
async def dress_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Show refusals as pages of the system."""
    try:
        return await handler(request)
    except CsrfError:
        heading, says, status = (
            "Phiên làm việc không hợp lệ",
            "Phiên làm việc đã hết hạn hoặc biểu mẫu không hợp lệ.",
            403,
        )
    except DraftGoneError:
        heading, says, status = "Phiên làm việc đã hết hạn", "Vui lòng bắt đầu lại từ Cổng dịch vụ công.", 404
    except web.HTTPNotFound:
        heading, says, status = "Không tìm thấy trang", "Địa chỉ này không có trên hệ thống.", 404
    except web.HTTPRequestEntityTooLarge:
        heading, says, status = "Tệp quá lớn", "Tổng dung lượng các tệp vượt quá giới hạn.", 413
    return render(request, "message.html", heading, status=status, says=says)


def standing_page(request: web.Request, name: str, headers: dict[str, str] | None = None) -> web.Response:
    """A page that stands for the whole system: error, refusal, captcha or maintenance."""
    heading, status = STANDING_PAGES[name]
    template = request.app[WORLD].templates.get_template("standing.html")
    html = template.render(heading=heading, kind=name, number=f"{crc32(request.path.encode()) % 10**8:08d}")
    return web.Response(text=html, content_type="text/html", status=status, headers=headers)


def _visit(request: web.Request, session: Session) -> Visit:
    hits: dict[str, ActiveFault] = request[HITS]
    service = find_service(request.match_info.get("service", ""))
    step = request.match_info.get("step") or request.match_info.route.name or "khong-co"
    own = service is not None and service.system == request.app[SYSTEM]
    quality = service.quality if service and own else Quality()
    by_design = quality.late_s if service and step in service.steps else 0.0
    late = hits["late_element"].number("seconds") if "late_element" in hits else 0.0
    return Visit(
        system=request.app[SYSTEM],
        service=service,
        step=step,
        session=session,
        quality=quality,
        main_missing="element_missing" in hits,
        late_s=max(late, by_design),
        js_error="js_error" in hits,
        wrong_text="wrong_text" in hits,
        validation_broken="validation_broken" in hits,
    )


def _instead(request: web.Request, hits: dict[str, ActiveFault]) -> web.Response | None:
    """The answer that a fault puts in place of the page, or None."""
    if "redirect_loop" in hits:
        return web.Response(status=302, headers={"Location": str(request.rel_url)})
    if "redirect_dead" in hits:
        return web.Response(status=302, headers={"Location": request.app[WORLD].dead_url + str(request.rel_url)})
    if "redirect_away" in hits:
        return web.Response(status=302, headers={"Location": request.app[WORLD].addresses.url("dinh-danh") + "/"})
    if hits.keys() & {"empty_error", "blank_page"}:
        status = int(hits["empty_error"].number("status")) if "empty_error" in hits else web.HTTPOk.status_code
        return web.Response(text="", content_type="text/html", status=status)
    name = next((name for name in STANDING_PAGES if name in hits), None)
    if name is None:
        return None
    retry_after_s = hits[name].number("retry_after_s")
    return standing_page(request, name, {"Retry-After": f"{retry_after_s:.0f}"} if retry_after_s else None)


async def _broken(request: web.Request, hits: dict[str, ActiveFault]) -> bool:
    """Hang or end the connection if a fault says so; True when it is gone."""
    # Faults that close the listener are met here on connections kept alive from before.
    for name in ("hang", "deaf"):
        if name in hits:
            await hits[name].released.wait()
    for names, ending in (({"hang_up"}, hang_up), ({"not_http"}, greet), (_RESETTING, reset)):
        if names & hits.keys():
            ending(request)
            return True
    return False


async def _pause(fault: ActiveFault) -> None:
    """Wait as long as the fault says; switching it off ends the wait."""
    try:
        async with asyncio.timeout(fault.number("seconds")):
            await fault.released.wait()
    except TimeoutError:
        return


PAGE_MIDDLEWARES = (keep_usage, meet_faults, open_session, keep_pace, dress_errors)
FILE_MIDDLEWARES = (meet_faults,)
