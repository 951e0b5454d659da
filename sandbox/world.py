"""What every system of the province shares, and what one request sees of it."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from sandbox.account import SignOnDesk
from sandbox.catalogue import Quality, Service, agency
from sandbox.counters import Counters
from sandbox.dossiers import DossierBook, PaymentDesk
from sandbox.faults import FaultBoard
from sandbox.mailbox import Mailbox
from sandbox.pace import LOCAL_TIME, Pace
from sandbox.sessions import Session, SessionBook
from sandbox.settings import TITLES, Addresses, Settings
from sandbox.visitors import Visitor


@dataclass(frozen=True)
class World:
    """The parts of one province. Each part keeps its own state; this value only names them."""

    settings: Settings
    addresses: Addresses
    faults: FaultBoard
    counters: Counters
    mailbox: Mailbox
    dossiers: DossierBook
    payments: PaymentDesk
    sign_on: SignOnDesk
    pace: Pace
    sessions: Mapping[str, SessionBook]
    templates: Environment
    ca_file: Path
    dead_url: str
    now: Callable[[], datetime]


WORLD: web.AppKey[World] = web.AppKey("world")
SYSTEM: web.AppKey[str] = web.AppKey("system")


@dataclass
class Visit:
    """One request: where it goes, whose session it is, and which page faults it meets.

    Attributes:
        quality: the service's on the system that takes its dossiers; elsewhere the usual one.
        step: name of the step in counters, e.g. `to-khai-1`.
        main_missing: the main button is left out.
        late_s: seconds after which a script shows the main button.
    """

    system: str
    service: Service | None
    step: str
    session: Session
    quality: Quality
    main_missing: bool = False
    late_s: float = 0.0
    js_error: bool = False
    wrong_text: bool = False
    validation_broken: bool = False


VISIT: web.RequestKey[Visit] = web.RequestKey("visit")
VISITOR: web.RequestKey[Visitor] = web.RequestKey("visitor")


class DraftGoneError(Exception):
    """The path names a draft that this session does not have: lost with its session, or somebody else's."""


class CsrfError(Exception):
    """A form was posted without the CSRF token of its session."""


def visit_of(request: web.Request) -> Visit:
    """The visit that the middleware made of this request."""
    return request[VISIT]


def count(request: web.Request, name: str, key: str, number: int = 1) -> None:
    """Count what reached the province, in the counter of this name and for the visitor who did it."""
    counter: Counter[str] = getattr(request.app[WORLD].counters, name)
    counter[key] += number
    request[VISITOR].counts[name] += number


def make_templates() -> Environment:
    """The template environment: autoescape, and an unknown name is an error."""
    env = Environment(
        loader=PackageLoader("sandbox"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters["dong"] = lambda amount: f"{amount:,}".replace(",", ".") + " đồng"
    env.filters["moment"] = lambda moment: f"{moment.astimezone(LOCAL_TIME):%H:%M:%S %d/%m/%Y}"
    env.filters["day"] = lambda text: f"{date.fromisoformat(text):%d/%m/%Y}" if text else ""
    env.globals["agency"] = agency
    return env


def render(request: web.Request, template: str, heading: str, *, status: int = 200, **context: object) -> web.Response:
    """One page of a system; `context` is what its template names."""
    world, visit = request.app[WORLD], visit_of(request)
    shown = "Nội dung đang được cập nhật" if visit.wrong_text else heading
    html = world.templates.get_template(template).render(
        heading=shown,
        visit=visit,
        site=TITLES[visit.system],
        url=world.addresses.url,
        path=request.path,
        csrf=visit.session.csrf,
        **context,
    )
    return web.Response(text=html, content_type="text/html", status=status, headers={"Cache-Control": "no-store"})


def redirect(url: str) -> web.Response:
    """See other: what a form answers, so that reloading the next page posts nothing."""
    return web.Response(status=303, headers={"Location": url, "Cache-Control": "no-store"})


async def read_form(request: web.Request) -> dict[str, str]:
    """The posted text fields.

    Raises:
        CsrfError: the token is missing or is not this session's.
    """
    posted = await request.post()
    form = {name: value for name, value in posted.items() if isinstance(value, str)}
    if not visit_of(request).session.accepts(form.pop("_csrf", "")):
        raise CsrfError
    return form
