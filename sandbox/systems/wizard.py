"""The steps of a dossier: form pages, upload, fee, review, confirmation. Driven by the catalogue."""

from collections.abc import Awaitable, Callable
from datetime import date

from aiohttp import web

from sandbox import forms
from sandbox.catalogue import find_service
from sandbox.dossiers import Draft, new_draft, values_for
from sandbox.pace import LOCAL_TIME
from sandbox.systems import receipt
from sandbox.world import SYSTEM, WORLD, CsrfError, DraftGoneError, count, read_form, redirect, render, visit_of

DRAFT_LIMIT = 20
PAY_NOW = "Trực tuyến"
PAY_LATER = "Khi nhận kết quả"
STEP_TITLES = {
    "to-khai": "Kê khai",
    "giay-to": "Đính kèm giấy tờ",
    "le-phi": "Lệ phí",
    "xem-lai": "Xem lại",
    "hoan-thanh": "Hoàn thành",
}


def kind_of(step: str) -> str:
    """The kind of a step: `to-khai` for every form page, else the step itself."""
    return "to-khai" if step.startswith("to-khai-") else step


def step_path(draft: Draft, step: str) -> str:
    """Path of one step of a draft."""
    return f"/ho-so/{draft.service.id}/{draft.id}/{step}"


def draft_of(request: web.Request) -> Draft:
    """The draft that the path names, if it is this session's.

    Raises:
        DraftGoneError: there is none; drafts of others are not even denied.
    """
    draft = visit_of(request).session.drafts.get(request.match_info["draft"])
    if draft is None or draft.service.id != request.match_info["service"]:
        raise DraftGoneError
    return draft


async def begin(request: web.Request) -> web.Response:
    """Open a draft for the agency and case that were chosen on the portal."""
    service, session = find_service(request.match_info["service"]), visit_of(request).session
    if service is None or service.system != request.app[SYSTEM]:
        raise web.HTTPNotFound
    unit = request.query.get("don-vi", service.agency)
    case = request.query.get("truong-hop", "")
    if unit not in (service.units or (service.agency,)) or (service.cases and case not in service.cases):
        raise web.HTTPNotFound
    draft = new_draft(service, unit, case)
    session.drafts[draft.id] = draft
    while len(session.drafts) > DRAFT_LIMIT:
        session.drafts.pop(next(iter(session.drafts)))
    if service.sign_in:
        return redirect(f"/dang-nhap/{service.id}/{draft.id}")
    return redirect(step_path(draft, service.steps[0]))


async def show_step(request: web.Request) -> web.Response:
    """Show one step, or lead back to the first one that is not done."""
    draft, step = draft_of(request), request.match_info["step"]
    away = _away(request, draft, step)
    if away:
        return redirect(away)
    if kind_of(step) == "to-khai":
        page = int(step.removeprefix("to-khai-"))
        values = values_for(draft.service, page, visit_of(request).session.account, draft.values)
        return _form_page(request, draft, step, values, {})
    if step == "hoan-thanh":
        dossier = request.app[WORLD].dossiers.find(draft.code)
        return _step_page(request, draft, step, "Nộp hồ sơ thành công", dossier=dossier)
    return _step_page(request, draft, step, STEP_TITLES[step])


async def take_step(request: web.Request) -> web.Response:
    """Take what was posted for one step: answers 303 when it is fine, else 422 with messages."""
    draft, step = draft_of(request), request.match_info["step"]
    away = _away(request, draft, step)
    if away:
        return redirect(away)
    takers: dict[str, Callable[[web.Request, Draft, str], Awaitable[web.Response]]] = {
        "to-khai": _take_form,
        "giay-to": _take_files,
        "le-phi": _take_fee,
        "xem-lai": _take_commitment,
    }
    taker = takers.get(kind_of(step))
    if taker is None:
        raise web.HTTPNotFound
    return await taker(request, draft, step)


async def frame(request: web.Request) -> web.Response:
    """The page that holds the form in an iframe, and the frame's last page."""
    draft = draft_of(request)
    if request.path.endswith("-xong"):
        return render(request, "frame_done.html", "Đã lưu tờ khai", draft=draft)
    if draft.service.sign_in and not visit_of(request).session.account:
        return redirect(f"/dang-nhap/{draft.service.id}/{draft.id}")
    return _step_page(request, draft, draft.service.steps[0], "Tờ khai điện tử", template="frame.html", framing=True)


async def paid(request: web.Request) -> web.Response:
    """Back from the payment page: go on if the order is paid, else say that it is not."""
    draft = draft_of(request)
    order = request.app[WORLD].payments.find(draft.order)
    if order is not None and order.paid:
        return _next(draft, "le-phi")
    says = "Giao dịch chưa hoàn thành. Bạn có thể thanh toán lại hoặc nộp khi nhận kết quả."
    return _step_page(request, draft, "le-phi", STEP_TITLES["le-phi"], error=says)


async def download(request: web.Request) -> web.Response:
    """The result as a file, for services that end with one."""
    draft = draft_of(request)
    if not draft.code or not draft.service.download:
        raise web.HTTPNotFound
    headers = {"Content-Disposition": f'attachment; filename="trich-luc-{draft.code}.pdf"'}
    return web.Response(body=receipt.pdf(draft.code), content_type="application/pdf", headers=headers)


def add_routes(app: web.Application) -> None:
    """Add the routes of the dossier steps."""
    app.router.add_get("/bat-dau/{service}", begin, name="bat-dau")
    app.router.add_get("/ho-so/{service}/{draft}/khung", frame, name="khung")
    app.router.add_get("/ho-so/{service}/{draft}/khung-xong", frame, name="khung-xong")
    app.router.add_get("/ho-so/{service}/{draft}/le-phi/ket-qua", paid, name="le-phi-ket-qua")
    app.router.add_get("/ho-so/{service}/{draft}/ban-dien-tu", download, name="tai-ve")
    app.router.add_get("/ho-so/{service}/{draft}/{step}", show_step, name="ho-so")
    app.router.add_post("/ho-so/{service}/{draft}/{step}", take_step)


def _away(request: web.Request, draft: Draft, step: str) -> str:
    """Where the applicant has to go instead of `step`, or ""."""
    if step not in draft.service.steps:
        raise web.HTTPNotFound
    if draft.service.sign_in and not visit_of(request).session.account:
        return f"/dang-nhap/{draft.service.id}/{draft.id}"
    if draft.code and step != "hoan-thanh":
        return step_path(draft, "hoan-thanh")  # submitted is submitted: a second press changes nothing
    return "" if draft.may_open(step) else step_path(draft, draft.first_open)


def _next(draft: Draft, step: str) -> web.Response:
    draft.done.add(step)
    steps = draft.service.steps
    following = steps[steps.index(step) + 1]
    if draft.service.presentation == "framed" and kind_of(step) == "to-khai" and kind_of(following) != "to-khai":
        return redirect(step_path(draft, "khung-xong"))
    return redirect(step_path(draft, following))


def _step_page(
    request: web.Request,
    draft: Draft,
    step: str,
    heading: str,
    *,
    template: str = "",
    status: int = 200,
    **context: object,
) -> web.Response:
    service = draft.service
    back = service.steps[max(0, service.steps.index(step) - 1)]
    defaults: dict[str, object] = {"errors": {}, "error": "", "dossier": None, "framing": False}
    return render(
        request,
        template or f"step_{kind_of(step).replace('-', '_')}.html",
        heading,
        status=status,
        draft=draft,
        service=service,
        step=step,
        progress=_progress(draft, step),
        back=step_path(draft, back) if back != step else "",
        **{**defaults, **context},
    )


def _progress(draft: Draft, step: str) -> list[tuple[str, str]]:
    """(title, state) of each step, with state `done`, `now` or `open`."""
    kinds = list(dict.fromkeys(kind_of(each) for each in draft.service.steps))
    here = kinds.index(kind_of(step))
    states = ["done" if place < here else "now" if place == here else "open" for place in range(len(kinds))]
    return [(STEP_TITLES[kind], state) for kind, state in zip(kinds, states, strict=True)]


def _form_page(request: web.Request, draft: Draft, step: str, values: object, errors: dict[str, str]) -> web.Response:
    page = draft.service.pages[int(step.removeprefix("to-khai-")) - 1]
    status = 422 if errors else 200
    return _step_page(request, draft, step, page.title, status=status, page=page, values=values, errors=errors)


async def _take_form(request: web.Request, draft: Draft, step: str) -> web.Response:
    fields = draft.service.pages[int(step.removeprefix("to-khai-")) - 1].fields
    checked = forms.check_page(fields, await read_form(request), _today(request))
    errors = dict(checked.errors)
    if visit_of(request).validation_broken:
        errors[fields[0].name] = forms.BROKEN
    if errors:
        return _form_page(request, draft, step, checked.values, errors)
    if checked.refusal:
        heading = "Không đủ điều kiện thực hiện thủ tục"
        return render(request, "message.html", heading, says=checked.refusal)
    draft.values.update(checked.values)
    return _next(draft, step)


async def _take_files(request: web.Request, draft: Draft, step: str) -> web.Response:
    posted = await request.post()
    token = posted.get("_csrf", "")
    if not isinstance(token, str) or not visit_of(request).session.accepts(token):
        raise CsrfError
    errors: dict[str, str] = {}
    names: dict[str, str] = {}
    for document in draft.service.documents:
        part = posted.get(document.name)
        given = isinstance(part, web.FileField) and bool(part.filename)
        name, content = (part.filename, part.file.read()) if given and isinstance(part, web.FileField) else ("", b"")
        message = forms.file_error(document, name, content)
        if message and document.name not in draft.files:
            errors[document.name] = message
        elif name:
            names[document.name] = name[:100]
    if visit_of(request).validation_broken:
        errors[draft.service.documents[0].name] = forms.BROKEN
    if errors:
        return _step_page(request, draft, step, STEP_TITLES[step], status=422, errors=errors)
    draft.files.update(names)
    count(request, "uploads", draft.service.id, len(names))
    return _next(draft, step)


async def _take_fee(request: web.Request, draft: Draft, step: str) -> web.Response:
    world, choice = request.app[WORLD], (await read_form(request)).get("hinh_thuc", "")
    if choice not in {PAY_NOW, PAY_LATER} or visit_of(request).validation_broken:
        says = "Vui lòng chọn hình thức nộp lệ phí."
        return _step_page(request, draft, step, STEP_TITLES[step], status=422, error=says)
    draft.values["hinh_thuc"] = choice
    if choice == PAY_LATER:
        return _next(draft, step)
    system = request.app[SYSTEM]
    back = f"{world.addresses.url(system)}{step_path(draft, 'le-phi')}/ket-qua"
    order = world.payments.open(draft.service, back, system)
    draft.order = order.id
    return redirect(f"{world.addresses.url('thanh-toan')}/don/{order.id}")


async def _take_commitment(request: web.Request, draft: Draft, step: str) -> web.Response:
    world, form = request.app[WORLD], await read_form(request)
    if not form.get("cam_doan") or visit_of(request).validation_broken:
        says = "Vui lòng đánh dấu cam đoan trước khi nộp hồ sơ."
        return _step_page(request, draft, step, STEP_TITLES[step], status=422, error=says)
    account = visit_of(request).session.account
    world.dossiers.submit(draft, account.get("ho_ten", draft.values.get("ho_ten_gui", "")))
    count(request, "submissions", draft.service.id)
    return _next(draft, step)


def _today(request: web.Request) -> date:
    return request.app[WORLD].now().astimezone(LOCAL_TIME).date()
