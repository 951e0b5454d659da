"""Faults of what a page shows and does."""

from checks.run import Reason
from tests.faults.fault import OPEN, PLACE, SIGN_ON, WELL, Expected, Fault, Look, Switch, failed

_PORTAL, _SETTLEMENT = "cong-quoc-gia", "mot-cua-xa"


def _page(id_: str, what: str, fault: str, expected: Expected, **numbers: float) -> Fault:
    return Fault(id_, "content", what, "page", (Switch(_PORTAL, fault, numbers=numbers),), expected)


def _form(
    id_: str, what: str, fault: str, expected: Expected, *, path: str = "to-khai-1", look: Look = "filing"
) -> Fault:
    return Fault(id_, "content", what, look, (Switch(_SETTLEMENT, fault, path),), expected)


def _place(id_: str, what: str, fault: str, expected: Expected) -> Fault:
    """Make a fault of the portal's form; the walk is one through the portal only."""
    return Fault(id_, "content", what, "choosing", (Switch(_PORTAL, fault, "noi-nop"),), expected)


PAGES = (
    _page(
        "button-gone",
        "The link that starts the filing is not there.",
        "element_missing",
        failed(Reason.ELEMENT_MISSING, OPEN),
    ),
    _page("button-late", "A script shows that link half a second late.", "late_element", WELL, seconds=0.5),
    _page("error-page", "An error page with status 200.", "error_page", failed(Reason.ELEMENT_MISSING, OPEN)),
    _page(
        "maintenance", "A maintenance page with status 200.", "maintenance_page", failed(Reason.ELEMENT_MISSING, OPEN)
    ),
    _page("spinner", "A waiting sign hides the page for ever.", "spinner", failed(Reason.ELEMENT_MISSING, OPEN)),
    _page(
        "busy-for-ever", "A script blocks the page for ever.", "busy_script", failed(Reason.TIMEOUT, OPEN), seconds=60
    ),
    _page("busy-awhile", "A script blocks the page for half a second.", "busy_script", WELL, seconds=0.5),
    _page("js-error", "A script throws an error that harms nothing.", "js_error", WELL),
    Fault(
        "js-error-gone",
        "content",
        "A script throws an error and the link is not there.",
        "page",
        (Switch(_PORTAL, "js_error"), Switch(_PORTAL, "element_missing")),
        failed(Reason.JS_ERROR, OPEN),
    ),
    _page("popups", "A script opens windows without a press, which a browser blocks.", "popups", WELL),
    Fault(
        "reloads",
        "content",
        "The page loads itself again for ever before its link is there.",
        "page",
        (Switch(_PORTAL, "reloads"), Switch(_PORTAL, "element_missing")),
        failed(Reason.REDIRECT, OPEN),
    ),
    _page("download", "The page comes as a file to be saved.", "download_instead", failed(Reason.DOWNLOAD, OPEN)),
    _place("button-locked", "The form's button is locked.", "button_disabled", failed(Reason.ELEMENT_MISSING, PLACE)),
    _place("dialogs", "A script of the form's page opens forty alerts.", "dialogs", failed(Reason.DIALOG, PLACE)),
    _place(
        "field-renamed", "The form's fields have other names.", "field_renamed", failed(Reason.ELEMENT_MISSING, PLACE)
    ),
    _place("form-dead", "A script's error stops the form.", "form_dead", failed(Reason.JS_ERROR, PLACE)),
    _form(
        "wrong-text", "The form's heading says something else.", "wrong_text", failed(Reason.ELEMENT_MISSING, SIGN_ON)
    ),
    _form(
        "session-lost",
        "The session is forgotten after signing in.",
        "session_lost",
        failed(Reason.HTTP_STATUS, SIGN_ON),
    ),
    _form(
        "frame-gone",
        "The frame with the form answers 500.",
        "http_500",
        failed(Reason.ELEMENT_MISSING, SIGN_ON),
        look="framed",
    ),
    _form("form-500", "The form's page answers 500.", "http_500", failed(Reason.HTTP_STATUS, SIGN_ON)),
    _form(
        "form-refused",
        "Connections to the settlement system are refused after the portal.",
        "refuse",
        failed(Reason.TCP, PLACE),
        path="",
    ),
)
