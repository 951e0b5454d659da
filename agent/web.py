"""The web server of the agent: the board for people, /metrics for Prometheus, /healthz for supervisors."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from agent.board import evidence
from agent.board.agencies import load_agency
from agent.board.agent_page import build_agent
from agent.board.board import Board
from agent.board.condition import readings
from agent.board.headers import protect
from agent.board.history import load_check, load_service
from agent.board.hours import AgentDay, load_day
from agent.board.incidents_page import load_incident, load_incidents
from agent.board.overview import OverviewPage, load_overview
from agent.board.ranking_page import KINDS, Standings, build_ranking, rank_so_far, standing_of
from agent.board.remembered import Remembered
from agent.board.render import Pages
from agent.board.run_page import load_run
from agent.board.speech import LANGUAGES, Language, Speech
from agent.board.static import StaticFile, load_static
from checks.run import Cause, Health, Verdict
from store.protocol import StoreError

Metrics = Callable[[str], tuple[bytes, str]]

BOARD: Final = web.AppKey("board", Board)
PAGES: Final = web.AppKey("pages", Pages)
STATIC: Final = web.AppKey("static", Mapping[str, StaticFile])
METRICS: Final[web.AppKey[Metrics]] = web.AppKey("metrics")
OVERVIEW: Final = web.AppKey("overview", Remembered[OverviewPage])
STANDINGS: Final = web.AppKey("standings", Remembered[Standings])
DAY: Final = web.AppKey("day", Remembered[AgentDay])
LANGUAGE: Final = web.RequestKey("language", str)

_YEAR_S: Final = 365 * 86400
_OVERVIEW_AGE: Final = timedelta(seconds=5)
_STANDINGS_AGE: Final = timedelta(minutes=1)
_DAY_AGE: Final = timedelta(minutes=1)


def make_app(board: Board, metrics: Metrics) -> web.Application:
    """Build the server.

    Args:
        board: What the pages are made from.
        metrics: Takes the request's Accept header; returns the exposition and its content type.
    """
    app = web.Application(middlewares=[_speak, _explain])
    app[BOARD] = board
    app[PAGES] = Pages()
    app[STATIC] = load_static()
    app[METRICS] = metrics
    app[OVERVIEW] = Remembered(lambda: load_overview(board), board.now, _OVERVIEW_AGE)
    app[STANDINGS] = Remembered(lambda: rank_so_far(board), board.now, _STANDINGS_AGE)
    app[DAY] = Remembered(lambda: load_day(board), board.now, _DAY_AGE)
    app.on_response_prepare.append(_excuse)
    app.on_response_prepare.append(protect)
    app.add_routes(_routes())
    return app


def _routes() -> list[web.RouteDef]:
    return [
        web.get("/", _overview),
        web.get("/services/{id}", _service),
        web.get("/checks/{id}", _check),
        web.get("/runs/{id}", _run),
        web.get("/agencies/{id}", _agency),
        web.get("/ranking", _ranking),
        web.get("/incidents", _incidents),
        web.get("/incidents/{id}", _incident),
        web.get("/agent", _agent),
        web.get("/measures", _measures),
        web.get("/evidence/{path:.+}", _evidence),
        web.get("/static/{name}", _static),
        web.get("/metrics", _metrics),
        web.get("/healthz", _healthz),
    ]


@web.middleware
async def _speak(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Find the language of the answer: asked for now, else asked for earlier, else Vietnamese."""
    asked = request.query.get("lang")
    language = asked if asked in LANGUAGES else request.cookies.get("lang")
    request[LANGUAGE] = "en" if language == "en" else "vi"
    response = await handler(request)
    if asked in LANGUAGES and not response.prepared:
        response.set_cookie("lang", request[LANGUAGE], max_age=_YEAR_S, path="/", samesite="Lax", httponly=True)
    return response


@web.middleware
async def _explain(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer what went wrong with a page that says what to do."""
    try:
        return await handler(request)
    except web.HTTPNotFound:
        return _show(request, "missing.html", status=404)
    except web.HTTPMethodNotAllowed as refusal:
        response = _show(request, "missing.html", status=405)
        response.headers[hdrs.ALLOW] = ", ".join(sorted(refusal.allowed_methods))
        return response
    except StoreError:
        return _show(request, "store_error.html", status=503)


async def _excuse(request: web.Request, response: web.StreamResponse) -> None:
    """Put a page of ours into the bare answer that aiohttp gives, after logging it, when a handler has a bug."""
    if response.status != web.HTTPInternalServerError.status_code or not isinstance(response, web.Response):
        return
    page = _show(request, "bug.html", status=500)
    response.body = page.body
    response.headers[hdrs.CONTENT_TYPE] = page.headers[hdrs.CONTENT_TYPE]
    response.headers[hdrs.CONTENT_LENGTH] = str(page.content_length)


def _show(request: web.Request, template: str, status: int = 200, **values: object) -> web.Response:
    app = request.app
    board = app[BOARD]
    config = board.config()
    language: Language = "en" if request.get(LANGUAGE) == "en" else "vi"
    say = Speech(
        language=language,
        gettext=lambda text: app[PAGES].gettext(language, text),
        now=board.now(),
        zone=ZoneInfo(config.settings.timezone),
        dependencies=config.outsiders,
    )
    frame = {
        "province": config.settings.province,
        "path": request.path,
        # Without the path: one that begins with // would lead to another host.
        "other_language": "?" + request.rel_url.update_query(lang="vi" if language == "en" else "en").raw_query_string,
        "tags": {name: file.tag for name, file in app[STATIC].items()},
    }
    text = app[PAGES].render(template, say, frame | values)
    response = web.Response(text=text, content_type="text/html", charset="utf-8", status=status)
    response.headers[hdrs.CACHE_CONTROL] = "no-store"
    response.headers[hdrs.CONTENT_LANGUAGE] = language
    return response


async def _overview(request: web.Request) -> web.Response:
    return _show(request, "overview.html", page=await request.app[OVERVIEW].get())


async def _service(request: web.Request) -> web.Response:
    board = request.app[BOARD]
    service = board.config().services.get(request.match_info["id"])
    if service is None:
        raise web.HTTPNotFound
    return _show(request, "history.html", page=await load_service(board, service, _before(request)))


async def _check(request: web.Request) -> web.Response:
    board = request.app[BOARD]
    target = board.config().targets.get(request.match_info["id"])
    if target is None:
        raise web.HTTPNotFound
    return _show(request, "history.html", page=await load_check(board, target, _before(request)))


def _before(request: web.Request) -> datetime | None:
    text = request.query.get("before")
    if text is None:
        return None
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except (ValueError, OverflowError, OSError):
        raise web.HTTPNotFound from None


async def _run(request: web.Request) -> web.Response:
    return _found(request, "run.html", await load_run(request.app[BOARD], request.match_info["id"]))


async def _agency(request: web.Request) -> web.Response:
    board = request.app[BOARD]
    agency = board.config().agencies.get(request.match_info["id"])
    if agency is None:
        raise web.HTTPNotFound
    score = standing_of(await request.app[STANDINGS].get(), agency.id)
    return _show(request, "agency.html", page=await load_agency(board, agency), score=score)


async def _ranking(request: web.Request) -> web.Response:
    by = next((kind for kind in KINDS if kind == request.query.get("by")), None)
    standings = await request.app[STANDINGS].get()
    return _show(request, "ranking.html", page=build_ranking(request.app[BOARD].config(), standings, by))


async def _incidents(request: web.Request) -> web.Response:
    return _show(request, "incidents.html", page=await load_incidents(request.app[BOARD]))


async def _incident(request: web.Request) -> web.Response:
    return _found(request, "incident.html", await load_incident(request.app[BOARD], request.match_info["id"]))


async def _agent(request: web.Request) -> web.Response:
    page = build_agent(request.app[BOARD])
    return _show(request, "agent.html", page=page, day=await _day(request.app) if page.facts.store_up else None)


async def _day(app: web.Application) -> AgentDay | None:
    """Return the agent's last day; None while the store is away, when this page is needed most."""
    try:
        return await app[DAY].get()
    except StoreError:
        return None


async def _measures(request: web.Request) -> web.Response:
    limits = readings(Health(), always=tuple(Cause))
    return _show(request, "measures.html", verdicts=tuple(Verdict), limits=limits)


def _found(request: web.Request, template: str, page: object | None) -> web.Response:
    if page is None:
        raise web.HTTPNotFound
    return _show(request, template, page=page)


async def _evidence(request: web.Request) -> web.StreamResponse:
    proof = evidence.find(request.app[BOARD].evidence, request.match_info["path"])
    if proof is None:
        raise web.HTTPNotFound
    disposition = "inline" if proof.inline else "attachment"
    headers = {
        hdrs.CONTENT_TYPE: proof.content_type,
        hdrs.CONTENT_DISPOSITION: disposition,
        hdrs.CACHE_CONTROL: "private, max-age=86400",
        "Content-Security-Policy": evidence.POLICY,
    }
    return web.FileResponse(proof.path, headers=headers)


async def _static(request: web.Request) -> web.Response:
    file = request.app[STATIC].get(request.match_info["name"])
    if file is None:
        raise web.HTTPNotFound
    # The address carries the tag: what has another content has another address.
    headers = {hdrs.ETAG: f'"{file.tag}"', hdrs.CACHE_CONTROL: "public, max-age=31536000, immutable"}
    known = request.headers.get(hdrs.IF_NONE_MATCH, "")
    if file.tag in known:
        return web.Response(status=304, headers=headers)
    return web.Response(body=file.body, content_type=file.content_type, charset="utf-8", headers=headers)


async def _metrics(request: web.Request) -> web.Response:
    body, content_type = request.app[METRICS](request.headers.get(hdrs.ACCEPT, ""))
    return web.Response(body=body, headers={hdrs.CONTENT_TYPE: content_type})


async def _healthz(request: web.Request) -> web.Response:
    """Say that the agent lives. A store that is away is said too, but is no reason to end an agent that measures on."""
    facts = request.app[BOARD].facts()
    if facts.store_up:
        return web.Response(text="ok\n")
    return web.Response(text=f"ok, but the store is away; outcomes kept on disk: {facts.spooled_outcomes}\n")
