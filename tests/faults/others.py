"""Faults of outside systems: the watched system waits for them, and they are charged, not it."""

from checks.run import Reason, dependency_blame
from tests.faults.fault import OPEN, SIGN_ON_PAGE, WELL, Fault, Switch, outside, slow

_SIGN_ON, _PORTAL, _CDN = "dinh-danh", "cong-quoc-gia", "cdn"


def _sign_on(id_: str, what: str, fault: str, reason: Reason, **numbers: float) -> Fault:
    switches = (Switch(_SIGN_ON, fault, numbers=numbers),)
    return Fault(id_, "dependency", what, "filing", switches, outside(_SIGN_ON, reason, SIGN_ON_PAGE))


DEPENDENCIES = (
    _sign_on("sign-on-down", "The outside sign-on refuses connections.", "refuse", Reason.TCP),
    _sign_on("sign-on-reset", "The outside sign-on resets connections.", "reset", Reason.TCP),
    _sign_on("sign-on-silent", "The outside sign-on never answers.", "hang", Reason.TIMEOUT),
    _sign_on("sign-on-500", "The outside sign-on answers 500.", "http_500", Reason.HTTP_STATUS),
    _sign_on(
        "sign-on-maintained",
        "The outside sign-on shows a maintenance page.",
        "maintenance_page",
        Reason.ELEMENT_MISSING,
    ),
    _sign_on(
        "sign-on-hangs",
        "A script of the outside sign-on blocks its page for ever.",
        "busy_script",
        Reason.TIMEOUT,
        seconds=60,
    ),
    Fault(
        "sign-on-slow",
        "dependency",
        "The outside sign-on answers three times 0.6 s late; the budget is 1.5 s.",
        "filing",
        (Switch(_SIGN_ON, "slow", numbers={"seconds": 0.6}),),
        slow(SIGN_ON_PAGE, dependency_blame(_SIGN_ON)),
    ),
    Fault(
        "portal-500",
        "dependency",
        "The national portal before the settlement system answers 500.",
        "filing",
        (Switch(_PORTAL, "http_500"),),
        outside(_PORTAL, Reason.HTTP_STATUS, OPEN),
    ),
    Fault(
        "cdn-silent",
        "dependency",
        "The CDN never answers for the style sheet that the page waits for.",
        "page",
        (Switch(_CDN, "hang"),),
        outside(_CDN, Reason.TIMEOUT, OPEN),
    ),
    Fault(
        "cdn-slow",
        "dependency",
        "The CDN answers 1.7 s late; the page's budget is 1.5 s.",
        "page",
        (Switch(_CDN, "slow", numbers={"seconds": 1.7}),),
        slow(OPEN, dependency_blame(_CDN)),
    ),
    Fault(
        "cdn-500",
        "dependency",
        "The CDN answers 500: the page is plain, and works.",
        "page",
        (Switch(_CDN, "http_500"),),
        WELL,
    ),
)
