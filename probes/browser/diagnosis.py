"""Why did the goal not come? Looks at the page and the network once, after the step's time was up."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from playwright.async_api import Error as PlaywrightError

from checks.elements_vi import quoted, thing, wish
from checks.locator import Condition, Locator
from checks.owners import mostly
from checks.run import SYSTEM, Blame, Reason, Verdict
from probes.blocked import Shown, turned_away
from probes.browser.neterrors import names_nobody
from probes.browser.outline import candidates
from probes.browser.stage import Awaited, Failure, Stage
from probes.browser.traffic import Sent
from probes.wording import seconds

_ASK_S = 1.0
_PENDING_S = 1.0
_SCENE = """() => ({
    href: location.href.slice(0, 4000),
    title: document.title.slice(0, 1000),
    text: (document.body ? document.body.innerText : "").slice(0, 5000),
    ready: document.readyState !== "loading",
    frames: [...document.querySelectorAll("iframe[src]")].slice(0, 60)
        .filter((e) => e.offsetWidth > 1 && e.offsetHeight > 1).map((e) => String(e.src).slice(0, 2000)),
    scripts: [...document.querySelectorAll("script[src]")].slice(0, 60).map((e) => String(e.src).slice(0, 300)),
    widgets: [...document.querySelectorAll(".g-recaptcha, .h-captcha, .cf-turnstile")].slice(0, 60)
        .filter((e) => e.tagName !== "BUTTON" && e.dataset.size !== "invisible" && e.getClientRects().length > 0)
        .map((e) => String(e.className).slice(0, 300)),
    fields: [...document.querySelectorAll("input, select, textarea")]
        .filter((e) => e.type !== "hidden" && e.getClientRects().length > 0).length,
})"""
_MOST_ROUNDS = 10
_MOST_SUSPECTS = 8
_BAD_STATUS = 400
_BROKEN_STATUS = 500
_NEEDS_SIGN_IN = frozenset({401, 407})


@dataclass(frozen=True, slots=True)
class Scene:
    """The page as it stood when the time was up; `answered` is False when it did not even tell that.

    `shown` is what it tells of itself; `near` are the things on it nearest to what was looked for. Of one that did not
    answer the browser has told `href`.
    """

    answered: bool
    href: str = ""
    ready: bool = False
    near: tuple[str, ...] = ()
    shown: Shown = field(default_factory=Shown)


async def scene(stage: Stage) -> Scene:
    """Ask the page how it stands, within bounds."""
    try:
        async with asyncio.timeout(_ASK_S):
            answer = await stage.page.evaluate(_SCENE)
    except (PlaywrightError, TimeoutError):
        return Scene(answered=False, href=stage.page.url)
    return Scene(
        answered=True,
        href=str(answer["href"]),
        ready=bool(answer["ready"]),
        shown=Shown(
            str(answer["title"]),
            str(answer["text"]),
            frames=tuple(map(str, answer["frames"])),
            scripts=tuple(map(str, answer["scripts"])),
            widgets=tuple(map(str, answer["widgets"])),
            fields=int(answer["fields"]),
        ),
    )


def diagnose(stage: Stage, saw: Scene, step: int, began: float, ended: float) -> Failure:
    """Say why the goal of a step was not met between `began` and `ended`; the most certain cause first."""
    main, waited_s = stage.traffic.main(stage.page), ended - began
    waited_for = stage.traffic.waited_for(began, ended, blank=bool(withheld(stage)))
    blame = _blame(stage, saw, main, step, mostly(waited_for, waited_s))
    if main is not None and main.pending and main.status is None and not saw.ready:
        return _failed(Reason.TIMEOUT, blame, f"máy chủ {_host(stage, main)} chưa trả lời sau {seconds(waited_s)}")
    rounds = stage.traffic.rounds(stage.page, stage.acted)
    if rounds > _MOST_ROUNDS:
        return _failed(
            Reason.REDIRECT, blame, f"trang tự tải lại hoặc chuyển đi {rounds} lần trong {seconds(waited_s)}"
        )
    if not saw.answered:
        return _failed(Reason.TIMEOUT, blame, f"trang bị treo, không phản hồi sau {seconds(waited_s)}")
    if main is not None and main.pending and not saw.ready:
        return _failed(
            Reason.TIMEOUT, blame, f"máy chủ {_host(stage, main)} chưa gửi xong trang sau {seconds(waited_s)}"
        )
    return (
        _refused(stage, saw, main)
        or _status(stage, main, blame)
        or _blank(stage, blame, waited_s)
        or _unfinished(stage, blame, waited_s)
        or _missing(stage, saw, step, blame, waited_s)
    )


def broken_answer(stage: Stage, goal: Condition | None) -> Failure | None:
    """Say that the server broke on a page whose goal seems met: an error page may carry the words looked for.

    A 4xx may be the correct refusal that a journey expects; a 5xx is the server's own word that it failed. Where the
    goal is that something is gone, every error page would do, so a 4xx is one too.
    """
    main = stage.traffic.main(stage.page)
    absence = goal is not None and (goal.hidden is not None or goal.not_ is not None)
    if main is None or main.status is None or main.status < (_BAD_STATUS if absence else _BROKEN_STATUS):
        return None
    message = f"máy chủ {_host(stage, main)} trả mã lỗi {main.status}, dù trang có nội dung cần tìm"
    return _failed(Reason.HTTP_STATUS, stage.target.owners.blame(main.url), message)


def _failed(reason: Reason, blame: Blame, message: str) -> Failure:
    return Failure(Verdict.FAILED, reason, blame, message)


def _host(stage: Stage, sent: Sent) -> str:
    return quoted(stage.secrets.redact(sent.host))


def _refused(stage: Stage, saw: Scene, main: Sent | None) -> Failure | None:
    said = turned_away(
        replace(
            saw.shown,
            status=main.status if main is not None else None,
            headers=main.headers if main is not None else {},
            first=not stage.traffic.let_in(main),
        )
    )
    if said is None:
        return None
    if said.blame is not None:
        message = f"bộ lọc trên mạng của máy đo ({said.product}) không cho mở trang"
        return Failure(Verdict.INCONCLUSIVE, said.reason, said.blame, message)
    message = f"máy đo bị từ chối như một robot ({said.product}); cần đề nghị đơn vị vận hành cho phép"
    return Failure(Verdict.BLOCKED, said.reason, stage.target.owners.blame(saw.href), message)


def _status(stage: Stage, main: Sent | None, blame: Blame) -> Failure | None:
    if main is None or main.status is None or main.status < _BAD_STATUS:
        return None
    reason = Reason.AUTH if main.status in _NEEDS_SIGN_IN else Reason.HTTP_STATUS
    return _failed(reason, blame, f"máy chủ {_host(stage, main)} trả mã lỗi {main.status}")


def _blank(stage: Stage, blame: Blame, waited_s: float) -> Failure | None:
    if not stage.awaited.blank:
        return None
    message = f"trang vẫn trắng sau {seconds(waited_s)}"
    sheets = withheld(stage)
    return _failed(Reason.TIMEOUT, blame, f"{message}, còn chờ {_hosts(stage, sheets)}" if sheets else message)


def _unfinished(stage: Stage, blame: Blame, waited_s: float) -> Failure | None:
    pending = stage.traffic.awaited(min(_PENDING_S, waited_s / 2))
    if not pending:
        return None
    message = f"{_lacking(stage.awaited)} sau {seconds(waited_s)}, còn chờ {_hosts(stage, pending)}"
    return _failed(Reason.TIMEOUT, blame, message)


def _hosts(stage: Stage, several: list[Sent]) -> str:
    return ", ".join(dict.fromkeys(_host(stage, sent) for sent in several[:3]))


def _missing(stage: Stage, saw: Scene, step: int, blame: Blame, waited_s: float) -> Failure:
    message = f"{_lacking(stage.awaited)} sau {seconds(waited_s)}"
    if stage.watch.count(step, "uncaught"):
        return _failed(Reason.JS_ERROR, blame, f"{message}; trang có lỗi JavaScript")
    if saw.near:
        message += f"; gần nhất: {', '.join(saw.near)}"
    if stage.awaited.reason is not None:
        return _failed(stage.awaited.reason, blame, message)
    element = not isinstance(stage.awaited.what, Condition) or _sought(stage.awaited) is not None
    return _failed(Reason.ELEMENT_MISSING if element else Reason.ASSERTION, blame, message)


def _sought(awaited: Awaited) -> Locator | None:
    """Return the element that is not there and should be; None when something else is wrong."""
    what = awaited.what
    if not isinstance(what, Condition):
        return what
    absent = awaited.obstacle == "missing" or awaited.count == 0
    return what.visible or (what.element if absent and what.not_ is None else None)


def _lacking(awaited: Awaited) -> str:
    what = awaited.what
    if awaited.says:
        return awaited.says
    if what is None:
        return "trang chưa tải xong"
    if isinstance(what, Condition):
        sought = _sought(awaited)
        return f"không thấy {thing(sought)}" if sought is not None else wish(what, awaited.count)
    says = {
        "missing": f"không thấy {thing(what)}",
        "disabled": f"{thing(what)} bị khoá",
        "obscured": f"{thing(what)} bị phần khác của trang che",
        "empty": f"{thing(what)} không có giá trị cần lấy",
        "option": f"{thing(what)} không có lựa chọn cần chọn",
    }
    return says.get(awaited.obstacle, f"không thao tác được với {thing(what)}")


def _blame(stage: Stage, saw: Scene, main: Sent | None, step: int, longest: str | None) -> Blame:
    """Charge whoever was waited for; the system unless an outside one is shown at fault.

    In this order: whose document broke; `longest`, the owner waited for most of the time, if nothing of the system's
    own broke, nor is awaited beside it; whose document is still awaited, or stands in the tab; an outside one whose
    answer is awaited or broke, if nothing of the system's own is or did. See docs/measures.md#blame-path.
    """
    owners, home = stage.target.owners, f"system:{stage.target.system.id}"
    if main is not None and main.failed:
        return owners.blame(main.url)
    awaited, broken = stage.traffic.awaited(0.0), stage.traffic.troubles(stage.page, step)
    if sheets := withheld(stage):
        awaited, broken = sheets, []  # nothing else keeps the page white
    if (
        longest is not None
        and not any(sent.owner == home for sent in broken)
        and not {home, longest} <= _owners(awaited)
    ):
        return owners.blame_of(longest)
    if main is not None and main.pending:
        return owners.blame(main.url)
    if owners.blame(saw.href) != SYSTEM:
        return owners.blame(saw.href)
    trouble = [*awaited, *broken]
    outside = [sent for sent in trouble if owners.blame(sent.url) != SYSTEM]
    own = any(sent.owner == home for sent in trouble)
    return owners.blame(outside[0].url) if outside and not own else SYSTEM


def withheld(stage: Stage) -> list[Sent]:
    """Return the style sheets that keep the page white, oldest first; none when it is not."""
    return stage.traffic.sheets_awaited(stage.page) if stage.awaited.blank else []


def suspects(stage: Stage, blame: Blame) -> list[Sent]:
    """Return what was awaited of whoever is charged, the oldest of each host; else the document.

    A white page waits for its style sheets alone, and a document that is not there yet for nothing else.
    """
    main, owners = stage.traffic.main(stage.page), stage.target.owners
    found = withheld(stage)
    if not found and main is not None and not main.pending and not main.lost:
        found = [sent for sent in stage.traffic.awaited(0.0) if owners.blame(sent.url) == blame]
    return _first_of_each_host(found) or ([main] if main is not None else [])


def unfound(stage: Stage, step: int, blame: Blame) -> list[Sent]:
    """Return what was needed of whoever is charged and had a name that the browser did not find, one of each host."""
    owners, broken = stage.target.owners, stage.traffic.troubles(stage.page, step)
    return _first_of_each_host(s for s in broken if names_nobody(s.error) and owners.blame(s.url) == blame)


def _first_of_each_host(several: Iterable[Sent]) -> list[Sent]:
    by_host: dict[str, Sent] = {}
    for sent in several:
        by_host.setdefault(sent.host, sent)
    return list(by_host.values())[:_MOST_SUSPECTS]


def _owners(sent: Iterable[Sent]) -> set[str]:
    return {one.owner for one in sent}


async def explain(stage: Stage, step: int, began: float, ended: float, outline: str) -> Failure:
    """Look at the page and diagnose; `outline` is its roles and names."""
    sought = _sought(stage.awaited)
    # In a thread: thousands of names on a page must not hold up the loop that measures others.
    near = await asyncio.to_thread(lambda: tuple(candidates(stage.secrets.redact(outline), sought)))
    return diagnose(stage, replace(await scene(stage), near=near), step, began, ended)
