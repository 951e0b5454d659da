"""Faults of the answer: status codes, redirects, broken bodies, refusals of robots, slowness."""

from checks.run import Reason, Verdict, dependency_blame
from tests.faults.fault import OPEN, Expected, Fault, Look, Switch, blocked, failed, left_out, ours, slow

_PORTAL = "cong-quoc-gia"


_GROUPS = {Verdict.BLOCKED: "robot refused", Verdict.SLOW: "slowness"}


def _answer(id_: str, what: str, fault: str, look: Look, expected: Expected, **numbers: float) -> Fault:
    return Fault(
        id_, _GROUPS.get(expected.verdict, "http"), what, look, (Switch(_PORTAL, fault, numbers=numbers),), expected
    )


def _both(id_: str, what: str, fault: str, reason: Reason, **numbers: float) -> tuple[Fault, Fault]:
    """Make the fault twice: met by a request, and met by a citizen's walk."""
    return (
        _answer(f"{id_}-http", what, fault, "http", failed(reason), **numbers),
        _answer(id_, what, fault, "page", failed(reason, OPEN), **numbers),
    )


HTTP = (
    *_both("500", "Answers 500.", "http_500", Reason.HTTP_STATUS),
    *_both("502", "Answers 502.", "http_502", Reason.HTTP_STATUS),
    *_both("503", "Answers 503 and asks to come back in a second.", "http_503", Reason.HTTP_STATUS, retry_after_s=1),
    *_both(
        "database-gone",
        "Answers 500 and says “Access denied for user” and that a captcha is not there.",
        "database_gone",
        Reason.HTTP_STATUS,
    ),
    *_both("empty-500", "Answers 500 and nothing else.", "empty_error", Reason.HTTP_STATUS, status=500),
    *_both("404", "Answers 404.", "http_404", Reason.HTTP_STATUS),
    *_both("redirect-loop", "Redirects to itself for ever.", "redirect_loop", Reason.REDIRECT),
    *_both("redirect-dead", "Redirects to a port where nobody listens.", "redirect_dead", Reason.TCP),
    *_both("not-http", "Answers as a mail server would.", "not_http", Reason.HTTP_STATUS),
    _answer("gzip-http", "The body is called gzip and is none.", "gzip_broken", "http", failed(Reason.ASSERTION)),
    _answer("gzip", "The body is called gzip and is none.", "gzip_broken", "page", failed(Reason.HTTP_STATUS, OPEN)),
    _answer("blank-http", "An empty document, status 200.", "blank_page", "http", failed(Reason.ASSERTION)),
    _answer("blank", "An empty document, status 200.", "blank_page", "page", failed(Reason.ELEMENT_MISSING, OPEN)),
    Fault(
        "503-later-http",
        "http",
        "Answers 503 and asks to come back in ten minutes: left alone, so not confirmed.",
        "http",
        (Switch(_PORTAL, "http_503", numbers={"retry_after_s": 600}),),
        ours(Reason.BACKOFF, attempts=2),
        mends=False,
        also=(left_out(Reason.BACKOFF),),
    ),
)

_WAF = "Answers 403 with a firewall's page."
_CAPTCHA = "Shows a captcha instead of the page."

ROBOTS = (
    _answer("waf", _WAF, "http_403_waf", "page", blocked(Reason.WAF, OPEN)),
    _answer("waf-http", _WAF, "http_403_waf", "http", blocked(Reason.WAF)),
    _answer("captcha", _CAPTCHA, "captcha", "page", blocked(Reason.CAPTCHA, OPEN)),
    _answer("captcha-http", _CAPTCHA, "captcha", "http", blocked(Reason.CAPTCHA)),
    _answer("empty-403", "Answers 403 and nothing else.", "empty_error", "page", blocked(Reason.WAF, OPEN), status=403),
    _answer("403", "Answers 403 with a few words.", "http_403", "page", blocked(Reason.WAF, OPEN)),
    _answer("403-http", "Answers 403 with a few words.", "http_403", "http", blocked(Reason.WAF)),
    _answer("429", "Answers 429.", "http_429", "page", blocked(Reason.WAF, OPEN), retry_after_s=1),
    _answer("429-http", "Answers 429.", "http_429", "http", blocked(Reason.WAF), retry_after_s=1),
)

SLOWNESS = (
    _answer("slow-http", "Answers 1.7 s late; the budget is 1.5 s.", "slow", "http", slow(), seconds=1.7),
    Fault(
        "slow-before-http",
        "slowness",
        "Answers 1.7 s late, with a redirect to the outside sign-on; the budget is 1.5 s.",
        "led",
        (Switch(_PORTAL, "slow", numbers={"seconds": 1.7}), Switch(_PORTAL, "redirect_away")),
        slow(),
    ),
    Fault(
        "slow-behind-http",
        "slowness",
        "Redirects to the outside sign-on, which answers 1.7 s late; the budget is 1.5 s.",
        "led",
        (Switch(_PORTAL, "redirect_away"), Switch("dinh-danh", "slow", numbers={"seconds": 1.7})),
        slow(blame=dependency_blame("dinh-danh")),
    ),
    _answer("slow", "Answers 1.7 s late; the budget is 1.5 s.", "slow", "page", slow(OPEN), seconds=1.7),
    _answer(
        "slow-body",
        "The page trickles for 2.1 s; what is waited for stands near its end.",
        "slow_body",
        "page",
        slow(OPEN),
        seconds=2.1,
    ),
    Fault(
        "too-slow",
        "slowness",
        "Answers 8 s late; the step has 2.2 s.",
        "page",
        (Switch(_PORTAL, "slow", numbers={"seconds": 8}),),
        failed(Reason.TIMEOUT, OPEN),
    ),
)
