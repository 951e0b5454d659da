"""What one walk brought back. `Run` is the currency: metrics, rows, alerts and ranks all derive from it.

Every field is defined in docs/measures.md. Durations are seconds (monotonic spans), moments are aware UTC.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from checks.frozen import Frozen


class Verdict(StrEnum):
    """The closed set of outcomes of a run or a step."""

    OK = "ok"
    SLOW = "slow"
    FAILED = "failed"
    BLOCKED = "blocked"
    INCONCLUSIVE = "inconclusive"
    SKIPPED = "skipped"


class Reason(StrEnum):
    """The closed set of causes behind a verdict other than ok."""

    DNS = "dns"
    TCP = "tcp"
    TLS = "tls"
    HTTP_STATUS = "http_status"
    TIMEOUT = "timeout"
    REDIRECT = "redirect"
    ASSERTION = "assertion"
    ELEMENT_MISSING = "element_missing"
    JS_ERROR = "js_error"
    PAGE_CRASH = "page_crash"
    DIALOG = "dialog"
    DOWNLOAD = "download"
    AUTH = "auth"
    CAPTCHA = "captcha"
    WAF = "waf"
    BUDGET = "budget"
    AGENT_OVERLOAD = "agent_overload"
    AGENT_STOPPED = "agent_stopped"
    BROWSER_START = "browser_start"
    DEADLINE = "deadline"
    CONFIG = "config"
    INTERNAL = "internal"
    OVERLAP = "overlap"


Blame = Annotated[str, StringConstraints(pattern=r"^(none|system|network|agent|dependency:[a-z0-9]+(-[a-z0-9]+)*)$")]
"""Whose fault it is: `none`, `system`, `dependency:<id>`, `network` or `agent`."""

NOBODY: Blame = "none"
SYSTEM: Blame = "system"
NETWORK: Blame = "network"
AGENT: Blame = "agent"


def dependency_blame(dependency_id: str) -> Blame:
    """Return the blame of the outside system `dependency_id`."""
    return f"dependency:{dependency_id}"


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""An aware moment, normalised to UTC."""

Depth = Literal["L0", "L1", "L2", "L3", "L4"]
CheckType = Literal["http", "tls", "dns", "tcp", "browser"]
Device = Literal["none", "desktop", "mobile"]
Cache = Literal["none", "cold", "warm"]
Phase = Literal["dns", "connect", "tls", "ttfb", "transfer"]

MESSAGE_LIMIT = 500


def clean_message(text: str) -> str:
    """Return hostile `text` on one line, without control or direction-changing characters, capped at 500."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    folded = " ".join(printable.split())
    return folded if len(folded) <= MESSAGE_LIMIT else folded[: MESSAGE_LIMIT - 1] + "…"


Message = Annotated[str, AfterValidator(clean_message)]


class UxCounts(Frozen):
    """What the citizen had to do, counted from what happened (docs/measures.md, "UX steps")."""

    clicks: int = 0
    drags: int = 0
    fields: int = 0
    keystrokes: int = 0
    choices: int = 0
    uploads: int = 0
    screens: int = 0
    redirects: int = 0
    dialogs: int = 0
    new_tabs: int = 0
    otp: int = 0
    re_entry: int = 0
    steps: int = 0
    forced_wait_s: float = 0.0
    handling_s: float = 0.0
    clicks_to_find: int | None = None

    def __add__(self, other: Self) -> Self:
        """Add count by count; `clicks_to_find` is kept from whichever side knows it."""
        summed = {
            name: getattr(self, name) + getattr(other, name)
            for name in type(self).model_fields
            if name != "clicks_to_find"
        }
        found = self.clicks_to_find if self.clicks_to_find is not None else other.clicks_to_find
        return type(self)(**summed, clicks_to_find=found)


class Census(Frozen):
    """The form controls and words of the screens left during a step, frames included."""

    screens: int = 0
    controls: int = 0
    required: int = 0
    prefilled: int = 0
    file_inputs: int = 0
    unnamed: int = 0
    words: int = 0


class Vitals(Frozen):
    """Page quality of the documents shown, worst document of the span; None where the page gave no value."""

    ttfb_s: float | None = None
    fcp_s: float | None = None
    lcp_s: float | None = None
    cls: float | None = None
    interaction_delay_s: float | None = None
    tbt_s: float | None = None
    console_errors: int = 0
    failed_requests: int = 0


class OwnerShare(Frozen):
    """What one owner's hosts contributed: `system:<id>`, `dependency:<id>` or `third_party`."""

    owner: str
    requests: int = 0
    failed: int = 0
    bytes: int = 0
    critical_s: float = 0.0


class StepRun(Frozen):
    """One business step as it was walked; `started_s` counts from the start of the journey."""

    name: str
    verdict: Verdict
    reason: Reason | None = None
    message: Message = ""
    started_s: float = 0.0
    duration_s: float = 0.0
    server_s: float | None = None
    observe_s: float = 0.0
    budget_s: float | None = None
    ux: UxCounts = UxCounts()
    census: Census | None = None
    vitals: Vitals = Vitals()
    owners: tuple[OwnerShare, ...] = ()


class Certificate(Frozen):
    """The server certificate that was shown; `days_left` counts from the run's start."""

    subject: str
    issuer: str
    not_before: Moment
    not_after: Moment
    days_left: float
    trusted: bool


class Evidence(Frozen):
    """One file kept as proof; `path` is relative to the evidence folder."""

    kind: Literal["screenshot", "dom", "console", "requests", "trace"]
    path: str
    bytes: int
    caption: Message = ""


class Health(Frozen):
    """How the agent itself was while the run lasted; None where the kernel does not tell."""

    degraded: bool = False
    slowdown: float | None = None
    loop_lag_s: float | None = None
    load_1m: float | None = None
    cpu_pressure: float | None = None
    memory_free_bytes: int | None = None
    browser: str | None = None


class Finding(Frozen):
    """What a probe saw in one attempt. Knows nothing of slots, queues or attempts."""

    verdict: Verdict
    blame: Blame = NOBODY
    reason: Reason | None = None
    message: Message = ""
    duration_s: float = 0.0
    steps: tuple[StepRun, ...] = ()
    ux: UxCounts = UxCounts()
    vitals: Vitals = Vitals()
    owners: tuple[OwnerShare, ...] = ()
    phases: dict[Phase, float] = Field(default_factory=dict)
    http_status: int | None = None
    certificate: Certificate | None = None
    evidence: tuple[Evidence, ...] = ()

    @property
    def good(self) -> bool:
        """Whether a citizen could finish: ok or slow."""
        return self.verdict in (Verdict.OK, Verdict.SLOW)


class Run(Finding):
    """One attempt at one due slot, with everything needed to defend it later.

    `attempt` is the attempt this value describes (1-based), `attempts` how many the slot took. The slot's
    result is the last attempt; a failed first attempt that a second one did not confirm is kept beside it.
    """

    id: str
    check: str
    type: CheckType
    service: str | None
    system: str
    agency: str
    location: str
    agent: str
    config_hash: str
    scheduled_at: Moment
    started_at: Moment
    finished_at: Moment
    queue_delay_s: float = 0.0
    attempt: int = 1
    attempts: int = 1
    depth: Depth = "L0"
    device: Device = "none"
    cache: Cache = "none"
    health: Health = Health()


class Slot(Frozen):
    """One moment at which one check is due at one location. Exactly one result row belongs to it."""

    check: str
    location: str
    due_at: Moment

    @property
    def id(self) -> str:
        """The id of the slot and of its run: `check.location.epoch-seconds`."""
        return f"{self.check}.{self.location}.{int(self.due_at.timestamp())}"


class Outcome(Frozen):
    """The result of one slot: the run that counts and the earlier attempts it replaced."""

    run: Run
    earlier: tuple[Run, ...] = ()
