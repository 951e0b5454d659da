"""Is there any sense in waiting on? Ends a step at once when the page can no longer become what is hoped for."""

from checks.elements_vi import quoted
from checks.run import SYSTEM, Blame, Reason, Verdict
from probes.browser.gate import REFUSED_INSIDE
from probes.browser.neterrors import code_of, meaning
from probes.browser.pulse import Beat
from probes.browser.stage import AstrayError, BrowserGoneError, Failure, Stage, StepError
from probes.browser.traffic import Sent
from probes.unknown import UnknownFaultError

EMPTY_ERROR = "ERR_HTTP_RESPONSE_CODE_FAILURE"
"""What a whole Chromium, but not its headless shell, says of a 4xx or 5xx without a body: it has no page for it."""

_QUIET_S = 1.0
_BAD_STATUS = 400


class UnknownNetError(UnknownFaultError):
    """Chromium reported an error that the table does not know; never guessed about."""

    def __init__(self, code: str) -> None:
        super().__init__("chromium", code)


def alive(stage: Stage, beat: Beat | None) -> None:
    """Let the walk wait on, or end it.

    Raises:
        StepError: The page crashed, its document could not be fetched, or dialogs or windows never end.
        AstrayError: The page led to a host that is not asked.
        TimeoutError: An error page has finished and stands still, or has nothing on it.
        BrowserGoneError: The browser itself is gone.
        UnknownNetError: The network failed in a way nobody described yet.
    """
    if not stage.walk.browser.is_connected():
        raise BrowserGoneError("the browser process ended during the walk")
    if stage.refusal is not None:
        raise stage.refusal
    if stage.watch.crashed:
        raise StepError(Failure(Verdict.FAILED, Reason.PAGE_CRASH, _shown(stage), "trang làm sập tiến trình hiển thị"))
    if stage.watch.storm:
        raise StepError(Failure(Verdict.FAILED, Reason.DIALOG, _shown(stage), stage.watch.storm))
    main = stage.traffic.main(stage.page)
    if main is None:
        return
    if code_of(main.error or "") == EMPTY_ERROR and main.status is not None:
        if beat is not None:
            raise TimeoutError  # what its status means is for the diagnosis to say
    elif main.error is not None:
        _unreachable(stage, main)
    if beat is not None and _stands_still(stage, main, beat):
        raise TimeoutError


def _unreachable(stage: Stage, main: Sent) -> None:
    code = code_of(main.error or "")
    if code == "ERR_ABORTED":  # a download, an answer without content, or a newer navigation
        return
    refusal = stage.gate.refusal_of(main.url) if main.error == REFUSED_INSIDE else None
    if refusal is not None:
        raise AstrayError(refusal, stage.traffic.before(main))
    error = meaning(code) if code is not None else None
    if error is None:
        raise UnknownNetError(f"{code or 'network error without a code'}")
    host = stage.secrets.redact(main.host)
    message = f"{error.says} ({quoted(host)}, {code})"
    if error.blame is not None:
        raise StepError(Failure(Verdict.INCONCLUSIVE, error.reason, error.blame, message))
    blame = stage.target.owners.blame(main.url)
    if error.reason is Reason.REDIRECT and len(stage.traffic.owners_of_chain(main)) > 1:
        blame = SYSTEM  # they send the citizen round among each other: whoever was asked first answers for it
    raise StepError(Failure(Verdict.FAILED, error.reason, blame, message))


def _stands_still(stage: Stage, main: Sent, beat: Beat) -> bool:
    """An error page that has finished and does not move will not become the page that was wanted."""
    if main.pending or (main.status or 0) < _BAD_STATUS or not beat.complete or beat.leaving is not None:
        return False
    now = stage.clock()
    since = max(beat.last or now, main.ended or now)
    return now - since >= _QUIET_S and not stage.traffic.awaited(0.0)


def _shown(stage: Stage) -> Blame:
    main = stage.traffic.main(stage.page)
    return stage.target.owners.blame(main.url) if main is not None else SYSTEM
