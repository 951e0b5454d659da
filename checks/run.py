"""What one walk brought back. `Run` is the currency: metrics, rows, alerts and ranks all derive from it.

Every field is defined in docs/measures.md. Durations are seconds (monotonic spans), moments are aware UTC.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from checks.frozen import Value


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
    BACKOFF = "backoff"
    CLOCK = "clock"


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
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # the first and last hours of the calendar, with an offset
        raise ValueError("lies outside the calendar") from None


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


class UxCounts(Value):
    """What the citizen had to do, counted from what happened (docs/measures.md, "UX steps")."""

    clicks: int = Field(default=0, description="Pointer activations.")
    drags: int = Field(default=0, description="Pointer drags.")
    fields: int = Field(default=0, description="Controls given a value by typing.")
    keystrokes: int = Field(default=0, description="Characters typed, other keys pressed.")
    choices: int = Field(default=0, description="Values chosen in lists, radio groups, checkboxes.")
    uploads: int = Field(default=0, description="Files attached.")
    screens: int = Field(default=0, description="Documents shown, and changes of screen inside a page.")
    redirects: int = Field(default=0, description="Hops before a screen settled.")
    dialogs: int = Field(default=0, description="Dialogs to be dealt with.")
    new_tabs: int = Field(default=0, description="Tabs that opened.")
    otp: int = Field(default=0, description="One-time passwords asked for.")
    re_entry: int = Field(default=0, description="Values given again that were given before.")
    steps: int = Field(default=0, description="Business steps that were reached.")
    forced_wait_s: float = Field(default=0.0, description="Time a citizen could only wait.")
    handling_s: float = Field(default=0.0, description="Estimated handling time.")
    clicks_to_find: int | None = Field(default=None, description="Clicks from the home page until the form is open.")

    def __add__(self, other: Self) -> Self:
        """Add count by count; `clicks_to_find` is kept from whichever side knows it."""
        summed = {
            name: getattr(self, name) + getattr(other, name)
            for name in type(self).model_fields
            if name != "clicks_to_find"
        }
        found = self.clicks_to_find if self.clicks_to_find is not None else other.clicks_to_find
        return type(self)(**summed, clicks_to_find=found)


class Census(Value):
    """The form controls and words of one screen or several, frames included."""

    screens: int = Field(default=0, description="Screens counted.")
    controls: int = Field(default=0, description="Visible controls; a radio group is one.")
    required: int = Field(default=0, description="Controls marked as required.")
    prefilled: int = Field(default=0, description="Controls that had a value already.")
    file_inputs: int = Field(default=0, description="File fields.")
    unnamed: int = Field(default=0, description="Controls without an accessible name.")
    words: int = Field(default=0, description="Words of visible text.")


class Screen(Value):
    """One screen that was left; `census.screens` is 0 for the document of a frame, whose screen stays."""

    heading: Message = Field(description="Its heading, or its title where it has none.")
    census: Census = Field(description="Its form controls and words.")


class Vitals(Value):
    """Page quality of the documents shown, worst document of the span; None where the page gave no value."""

    ttfb_s: float | None = Field(default=None, description="Time to first byte.")
    fcp_s: float | None = Field(default=None, description="First contentful paint.")
    lcp_s: float | None = Field(default=None, description="Largest contentful paint.")
    cls: float | None = Field(default=None, description="Cumulative layout shift.")
    interaction_delay_s: float | None = Field(default=None, description="Longest delay of a scripted event.")
    tbt_s: float | None = Field(default=None, description="Total blocking time.")
    console_errors: int = Field(default=0, description="Errors in the console.")
    failed_requests: int = Field(default=0, description="Requests without a good answer.")


class OwnerShare(Value):
    """What one owner's hosts contributed: `system:<id>`, `dependency:<id>` or `third_party`."""

    owner: str = Field(description="`system:<id>`, `dependency:<id>` or `third_party`.")
    requests: int = Field(default=0, description="Requests to its hosts.")
    failed: int = Field(default=0, description="Those without a good answer.")
    bytes: int = Field(default=0, description="Bytes received.")
    critical_s: float = Field(default=0.0, description="Time in which its answer was the one waited for.")


class StepRun(Value):
    """One business step as it was walked; `started_s` counts from the start of the journey."""

    name: str = Field(description="Name in checks.yaml.")
    verdict: Verdict = Field(description="Outcome of the step.")
    reason: Reason | None = Field(default=None, description="Cause, unless ok.")
    message: Message = Field(default="", description="One Vietnamese sentence for people; may change.")
    started_s: float = Field(default=0.0, description="Start, from the start of the journey.")
    duration_s: float = Field(default=0.0, description="First action to goal met.")
    lookup_s: float = Field(default=0.0, description="Of it, what our own resolver took; held against nobody.")
    server_s: float | None = Field(default=None, description="Request of the main document to its first byte.")
    observe_s: float = Field(default=0.0, description="Our own looking, outside the step's clock.")
    budget_s: float | None = Field(default=None, description="Longer than this was slow.")
    ux: UxCounts = Field(default=UxCounts(), description="What the citizen had to do.")
    census: Census | None = Field(default=None, description="The forms of the screens left, added up.")
    screens: tuple[Screen, ...] = Field(default=(), description="The screens left, in order.")
    vitals: Vitals = Field(default=Vitals(), description="Page quality.")
    owners: tuple[OwnerShare, ...] = Field(default=(), description="Whose hosts were asked.")
    drift: tuple[Message, ...] = Field(default=(), description="Elements found only by another way of `or`.")
    goal_before: bool = Field(
        default=False, description="Its goal was true before its first action, so it proves nothing. Only `once` asks."
    )


class AfterRun(Value):
    """One step of `always`, done after the walk: never part of its time, counts, verdict or blame."""

    name: str = Field(description="Name in checks.yaml.")
    verdict: Verdict = Field(description="`ok`, how it went wrong, or `skipped`.")
    message: Message = Field(default="", description="One Vietnamese sentence for people; may change.")
    duration_s: float = Field(default=0.0, description="How long it took.")


class Certificate(Value):
    """The server certificate that was shown; `days_left` counts from the run's start."""

    subject: str = Field(description="Whom it names.")
    issuer: str = Field(description="Who signed it.")
    not_before: Moment = Field(description="Valid from.")
    not_after: Moment = Field(description="Valid until.")
    days_left: float = Field(description="Days left at the run's start.")
    trusted: bool = Field(description="Whether the chain leads to a trusted root for that name.")


class Evidence(Value):
    """One file kept as proof; `path` is relative to the evidence folder."""

    kind: Literal["screenshot", "dom", "console", "requests", "trace"] = Field(description="What it is.")
    path: str = Field(description="File, relative to the evidence folder.")
    bytes: int = Field(description="Its size.")
    caption: Message = Field(default="", description="What it shows.")


class Cause(StrEnum):
    """The closed set of what degrades a run: which limit of docs/measures.md the agent had passed."""

    LAG = "lag"
    PRESSURE = "pressure"
    STEAL = "steal"
    THROTTLED = "throttled"
    MEMORY_PRESSURE = "memory_pressure"
    MEMORY = "memory"
    SLOWDOWN = "slowdown"
    UNCALIBRATED = "uncalibrated"


class Health(Value):
    """How the agent itself was while the run lasted; None where the kernel does not tell."""

    degraded: bool = Field(
        default=False, description="The agent was slowed beyond its limit: never called slow, never ranked."
    )
    causes: tuple[Cause, ...] = Field(default=(), description="Which limits were passed.")
    slowdown: float | None = Field(default=None, description="Reference walk beside this run over one at rest.")
    loop_lag_s: float | None = Field(default=None, description="Worst lag of the event loop.")
    load_1m: float | None = Field(default=None, description="Load average of the machine.")
    cpu_pressure: float | None = Field(default=None, description="Share of time that work waited for a processor.")
    memory_pressure: float | None = Field(default=None, description="Share of time that work waited for memory.")
    steal: float | None = Field(default=None, description="Share of processor time that another machine took.")
    throttled: float | None = Field(default=None, description="Share of time that a CPU limit held us back.")
    memory_free_bytes: int | None = Field(default=None, description="Memory left.")
    browser: str | None = Field(default=None, description="Version of the browser that walked.")
    references: int | None = Field(default=None, description="Reference targets that were asked.")
    references_silent: int | None = Field(default=None, description="Those that did not answer, most at once.")


class Pushback(Value):
    """A server's word that it was asked too much: 429, or 503 with a Retry-After."""

    host: str = Field(description="Whose word: `host:port` of the document.")
    status: int = Field(description="Status code.")
    retry_after_s: float | None = Field(default=None, description="How long to stay away, if it said so.")


class Finding(Value):
    """What a probe saw in one attempt. Knows nothing of slots, queues or attempts."""

    verdict: Verdict = Field(description="Outcome.")
    blame: Blame = Field(default=NOBODY, description="Whose fault it is.")
    reason: Reason | None = Field(default=None, description="Cause, unless ok.")
    message: Message = Field(default="", description="One Vietnamese sentence for people; may change.")
    duration_s: float = Field(default=0.0, description="First navigation to last goal met.")
    steps: tuple[StepRun, ...] = Field(default=(), description="All steps, in order; skipped if not reached.")
    ux: UxCounts = Field(default=UxCounts(), description="Sum over the steps.")
    vitals: Vitals = Field(default=Vitals(), description="Worst over the steps.")
    owners: tuple[OwnerShare, ...] = Field(default=(), description="Sum over the steps.")
    phases: dict[Phase, float] = Field(default_factory=dict, description="Seconds per phase of an http check.")
    http_status: int | None = Field(default=None, description="Last status code, of a walk that of its page.")
    certificate: Certificate | None = Field(default=None, description="What the server showed.")
    pushback: Pushback | None = Field(default=None, description="The latest word of a server to come later.")
    together: tuple[str, ...] = Field(
        default=(), description="Systems that failed together with it, when they were many: one common event."
    )
    evidence: tuple[Evidence, ...] = Field(default=(), description="Files kept as proof.")
    after: tuple[AfterRun, ...] = Field(default=(), description="What was always done after the walk.")

    @property
    def good(self) -> bool:
        """Whether a citizen could finish: ok or slow."""
        return self.verdict in (Verdict.OK, Verdict.SLOW)


class Run(Finding):
    """One attempt at one due slot, with everything needed to defend it later.

    `attempt` is the attempt this value describes (1-based), `attempts` how many the slot took. The slot's
    result is the last attempt; a failed first attempt that a second one did not confirm is kept beside it.
    """

    id: str = Field(description="`check.location.epoch-seconds` of the slot.")
    check: str = Field(description="Id of the check.")
    type: CheckType = Field(description="Kind of check.")
    service: str | None = Field(description="Id of the service, if one is measured.")
    system: str = Field(description="Id of the system.")
    agency: str = Field(description="Id of the agency that answers for the result.")
    location: str = Field(description="Where it was measured from.")
    agent: str = Field(description="Host name of the agent.")
    config_hash: str = Field(description="Digest of the configuration in force.")
    scheduled_at: Moment = Field(description="When the slot was due.")
    started_at: Moment = Field(description="When the attempt began.")
    finished_at: Moment = Field(description="When it ended, our own work included.")
    queue_delay_s: float = Field(default=0.0, description="Slot due to first attempt begun.")
    attempt: int = Field(default=1, description="Which attempt this is, from 1.")
    attempts: int = Field(default=1, description="How many the slot took.")
    depth: Depth = Field(default="L0", description="How far it went.")
    device: Device = Field(default="none", description="Which screen.")
    cache: Cache = Field(default="none", description="State of the browser's cache at the start.")
    health: Health = Field(default=Health(), description="How the agent itself was meanwhile.")

    @property
    def timed(self) -> bool:
        """Whether its times may be compared: a confirming attempt is recorded, and recording takes time."""
        return self.attempt == 1


class Slot(Value):
    """One moment at which one check is due at one location. Exactly one result row belongs to it."""

    check: str
    location: str
    due_at: Moment

    @property
    def id(self) -> str:
        """The id of the slot and of its run: `check.location.epoch-seconds`."""
        return f"{self.check}.{self.location}.{int(self.due_at.timestamp())}"


class Outcome(Value):
    """The result of one slot: the run that counts and the earlier attempts it replaced."""

    run: Run
    earlier: tuple[Run, ...] = ()
