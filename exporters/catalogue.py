"""Every metric: its name, kind, help, unit and labels. docs/metrics.md is printed from this table.

A name is an interface: dashboards, rules and other people's queries hold it. Change one only with a changelog line.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from checks.run import CheckType

PREFIX = "dvcwatch_"

Kind = Literal["gauge", "counter", "histogram", "info"]
Unit = Literal["", "seconds", "bytes"]
Section = Literal["check", "journey", "page", "agent"]

_CHECK = ("check",)
_STEP = ("check", "step", "index")
_OWNER = ("check", "owner")


@dataclass(frozen=True, slots=True)
class Metric:
    """One row; `name` is the name in PromQL without the prefix.

    A counter's name ends in `_total`, an info's in `_info`, a quantity's in its base unit.
    """

    name: str
    kind: Kind
    section: Section
    help: str
    labels: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        """The name as it is written in PromQL."""
        return PREFIX + self.name

    @property
    def unit(self) -> Unit:
        """The base unit the name ends with; empty for counts, ratios and states."""
        units: tuple[Unit, ...] = ("seconds", "bytes")
        return next((unit for unit in units if self.name.removesuffix("_total").endswith(f"_{unit}")), "")


def _of_walk(name: str, help_: str) -> Metric:
    return Metric(f"ux_{name}", "gauge", "journey", f"{help_} Newest good run.", _CHECK)


def _of_page(name: str, help_: str) -> Metric:
    return Metric(f"vitals_{name}", "gauge", "page", f"{help_}, worst document of the newest conclusive run.", _CHECK)


def _of_agent(name: str, help_: str) -> Metric:
    return Metric(name, "counter" if name.endswith("_total") else "gauge", "agent", help_)


RUN_BUCKETS: Mapping[CheckType, tuple[float, ...]] = {
    "dns": (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0),
    "tcp": (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0),
    "tls": (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0),
    "http": (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0),
    "browser": (0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 13.0, 20.0, 30.0, 60.0, 120.0),
}
"""Upper bounds of `run_seconds`, seconds, by type of check: a resolver and a ten-page walk share no useful scale."""

CHECK_INFO = Metric(
    "check_info",
    "info",
    "check",
    "A configured check and what it belongs to; always 1. Join other series with it by check.",
    ("check", "title", "type", "service", "system", "agency", "journey", "depth", "device", "location"),
)
CHECK_STATE = Metric(
    "check_state",
    "gauge",
    "check",
    "1 for the verdict of the newest result, 0 for the others; unknown when there is no result or it is too old.",
    ("check", "state"),
)
CHECK_UP = Metric(
    "check_up",
    "gauge",
    "check",
    "1 when a citizen could finish (ok, slow), 0 when not (failed); absent when nobody can say.",
    _CHECK,
)
CHECK_STALE_AFTER = Metric(
    "check_stale_after_seconds",
    "gauge",
    "check",
    "Age at which a result of this check no longer says anything about now: two slots and two deadlines.",
    _CHECK,
)
LAST_RUN = Metric(
    "last_run_timestamp_seconds",
    "gauge",
    "check",
    "When the newest run ended that was not skipped, whatever its verdict.",
    _CHECK,
)
LAST_CONCLUSIVE_RUN = Metric(
    "last_conclusive_run_timestamp_seconds",
    "gauge",
    "check",
    "When the newest run ended that was ok, slow or failed.",
    _CHECK,
)
LAST_GOOD_RUN = Metric(
    "last_good_run_timestamp_seconds",
    "gauge",
    "check",
    "When the newest run ended that was ok or slow.",
    _CHECK,
)
RUNS = Metric(
    "runs_total",
    "counter",
    "check",
    "Closed slots by verdict and by whose fault it was, after confirmation.",
    ("check", "verdict", "blame"),
)
FIRST_ATTEMPT_FAILURES = Metric(
    "first_attempt_failures_total",
    "counter",
    "check",
    "Slots whose first attempt failed, confirmed or not; what confirmation would otherwise hide.",
    _CHECK,
)
DEGRADED_RUNS = Metric(
    "degraded_runs_total",
    "counter",
    "check",
    "Runs during which the agent itself was too slow to measure; counted, their times left out.",
    _CHECK,
)
QUEUE_DELAY = Metric(
    "queue_delay_seconds",
    "gauge",
    "check",
    "Slot due to run started, newest run.",
    _CHECK,
)
RUN_DURATION = Metric(
    "run_duration_seconds",
    "gauge",
    "check",
    "Duration of the newest conclusive run; absent when it failed in any other way than by time.",
    _CHECK,
)
RUN_SECONDS = Metric(
    "run_seconds",
    "histogram",
    "check",
    "Durations of ok, slow and timed-out runs (a timeout counts as at least its limit). Buckets differ by type.",
    ("check", "type"),
)

STEP_DURATION = Metric(
    "step_duration_seconds",
    "gauge",
    "journey",
    "First action of the step to its goal, newest conclusive run; index keeps the order of the journey.",
    _STEP,
)
STEP_SERVER = Metric(
    "step_server_seconds",
    "gauge",
    "journey",
    "Main document request sent to its first byte, newest conclusive run.",
    _STEP,
)
UX: Mapping[str, Metric] = {
    "clicks": _of_walk("clicks", "Pointer activations the citizen needed."),
    "drags": _of_walk("drags", "Pointer drags."),
    "fields": _of_walk("fields", "Form controls given a value by typing."),
    "keystrokes": _of_walk("keystrokes", "Characters typed and other keys pressed."),
    "choices": _of_walk("choices", "Values chosen in lists, radio buttons, checkboxes and date pickers."),
    "uploads": _of_walk("uploads", "Files attached."),
    "screens": _of_walk("screens", "Screens seen."),
    "redirects": _of_walk("redirects", "Hops before screens settled."),
    "dialogs": _of_walk("dialogs", "Dialogs dealt with."),
    "new_tabs": _of_walk("new_tabs", "Tabs that opened."),
    "otp": _of_walk("otp", "One-time codes entered."),
    "re_entry": _of_walk("re_entry", "Values typed again in the same journey."),
    "steps": _of_walk("steps", "Business steps reached."),
    "forced_wait_s": _of_walk("forced_wait_seconds", "Time in which a citizen could only wait."),
    "handling_s": _of_walk("handling_seconds", "Keystroke-level estimate of the citizen's own time."),
    "clicks_to_find": _of_walk("clicks_to_find", "Clicks from the home page to the service's form."),
}
"""Field of `checks.run.UxCounts` -> its metric."""

HTTP_PHASE = Metric(
    "http_phase_duration_seconds",
    "gauge",
    "page",
    "Part of the newest conclusive request: dns, connect, tls, ttfb, transfer.",
    ("check", "phase"),
)
HTTP_STATUS = Metric("http_status", "gauge", "page", "Status code of the newest conclusive request.", _CHECK)
CERTIFICATE_EXPIRY = Metric(
    "certificate_expiry_timestamp_seconds",
    "gauge",
    "page",
    "When the certificate that was last shown expires.",
    _CHECK,
)
VITALS: Mapping[str, Metric] = {
    "ttfb_s": _of_page("ttfb_seconds", "Time to first byte"),
    "fcp_s": _of_page("fcp_seconds", "First Contentful Paint"),
    "lcp_s": _of_page("lcp_seconds", "Largest Contentful Paint"),
    "cls": _of_page("cls", "Cumulative Layout Shift"),
}
"""Field of `checks.run.Vitals` -> its metric."""

ACCESSIBILITY_VIOLATIONS = Metric(
    "accessibility_violations",
    "gauge",
    "page",
    "Elements that break a WCAG rule, by axe's impact, newest complete audit; those of outside systems left out.",
    ("check", "impact"),
)
ACCESSIBILITY_AUDIT = Metric(
    "accessibility_audit_timestamp_seconds",
    "gauge",
    "page",
    "When the newest complete audit of accessibility ended.",
    _CHECK,
)
OWNER_REQUESTS = Metric("owner_requests", "gauge", "page", "Requests to hosts of this owner. Newest good run.", _OWNER)
OWNER_BYTES = Metric(
    "owner_bytes", "gauge", "page", "Bytes received from hosts of this owner. Newest good run.", _OWNER
)

BUILD_INFO = Metric(
    "build_info",
    "info",
    "agent",
    "What runs here; always 1.",
    ("version", "python", "browser", "config_hash"),
)
CONFIG_CHECKS = Metric("config_checks", "gauge", "agent", "Checks that are configured and enabled.")
SLOTS_SKIPPED = Metric(
    "slots_skipped_total", "counter", "agent", "Slots that were due and not run, by reason.", ("reason",)
)
AGENT: Mapping[str, Metric] = {
    "queue_length": _of_agent("queue_length", "Runs that are due and wait for room."),
    "queue_wait_s": _of_agent("queue_wait_seconds", "How long the run that has waited longest has been waiting."),
    "queue_dropped": _of_agent("queue_dropped_total", "Slots given up because more waited than can be served."),
    "walks_held": _of_agent("walks_held", "1 while walks wait for headroom: free cores, memory, a loop in time."),
    "browser_demand": _of_agent(
        "browser_demand", "Walks at once, on average, that the schedule needs (browser-seconds per second)."
    ),
    "browser_capacity": _of_agent("browser_capacity", "Walks at once, on average, that this machine carries."),
    "runs_in_progress": _of_agent("runs_in_progress", "Runs going on now."),
    "loop_lag_s": _of_agent("loop_lag_seconds", "How late the agent's own timers fire."),
    "degraded": _of_agent("agent_degraded", "1 while the agent is too slow to measure others."),
    "systems_together": _of_agent(
        "systems_failing_together", "Systems that cannot be reached all at once: one common cause, or our own network."
    ),
    "hosts_resting": _of_agent("hosts_resting", "Hosts that asked to be left alone, and are."),
    "outbox_pending": _of_agent("outbox_pending", "Mails neither sent nor given up."),
    "config_loaded_at": _of_agent(
        "config_last_reload_timestamp_seconds", "When the configuration in force was loaded."
    ),
    "config_reload_ok": _of_agent(
        "config_last_reload_success", "1 when the last try to load the configuration worked."
    ),
    "store_errors": _of_agent("store_errors_total", "Operations the store refused."),
    "clock_troubles": _of_agent("clock_troubles_total", "Times the clock was set or the machine slept."),
    "clock_held_s": _of_agent("clock_held_seconds", "How far the agent's time is ahead of a clock that was set back."),
    "store_up": _of_agent("store_up", "0 while the store refuses or does not answer; measuring goes on."),
    "spooled_outcomes": _of_agent("spooled_outcomes", "Results kept on disk until the store takes them."),
    "spool_dropped": _of_agent("spool_dropped_total", "Results lost because the spool was full; their slots are ours."),
    "mails_sent": _of_agent("mails_sent_total", "Mails a server has taken."),
    "mails_failed": _of_agent("mails_failed_total", "Tries to send a mail that failed."),
    "browser_launches": _of_agent("browser_launches_total", "Browsers started."),
}
"""Field of `exporters.snapshot.AgentFacts` -> its metric."""

DEGRADED_CAUSE = Metric(
    "agent_degraded_cause", "gauge", "agent", "1 for each limit that makes the agent too slow to measure.", ("cause",)
)
RUN_DEGRADATIONS = Metric(
    "run_degradations_total",
    "counter",
    "agent",
    "Limits that runs found passed, by cause; a run that found several passed counts once for each.",
    ("cause",),
)
SLOWDOWN = _of_agent(
    "agent_slowdown", "How many times as long as at rest our own reference page takes; absent when unknown."
)
CPU_PRESSURE = _of_agent(
    "agent_cpu_pressure", "Share of the last minute in which work waited for a processor; absent when unknown."
)
CPU_STEAL = _of_agent(
    "agent_cpu_steal", "Share of processor time of the last minute that other machines took; absent when unknown."
)

REFERENCE_UP = Metric(
    "reference_up",
    "gauge",
    "agent",
    "1 when the reference target answered the last time it was asked, 0 when not.",
    ("reference",),
)
NETWORK_UP = _of_agent(
    "network_up",
    "0 while more than half of the reference targets are silent: our own network is down; absent when none was asked.",
)
CLOCK_AHEAD = _of_agent(
    "clock_ahead_seconds",
    "How far this machine's clock is ahead of the reference targets' median; absent when unknown.",
)

UNKNOWN_ERRORS = Metric(
    "unknown_errors_total",
    "counter",
    "agent",
    "Errors that no table describes, by where they were met (program: a bug of ours). Each made its run inconclusive.",
    ("where",),
)

METRICS: tuple[Metric, ...] = (
    CHECK_INFO,
    CHECK_STATE,
    CHECK_UP,
    CHECK_STALE_AFTER,
    LAST_RUN,
    LAST_CONCLUSIVE_RUN,
    LAST_GOOD_RUN,
    RUNS,
    FIRST_ATTEMPT_FAILURES,
    DEGRADED_RUNS,
    QUEUE_DELAY,
    RUN_DURATION,
    RUN_SECONDS,
    STEP_DURATION,
    STEP_SERVER,
    *UX.values(),
    HTTP_PHASE,
    HTTP_STATUS,
    CERTIFICATE_EXPIRY,
    *VITALS.values(),
    ACCESSIBILITY_VIOLATIONS,
    ACCESSIBILITY_AUDIT,
    OWNER_REQUESTS,
    OWNER_BYTES,
    BUILD_INFO,
    CONFIG_CHECKS,
    SLOTS_SKIPPED,
    *AGENT.values(),
    REFERENCE_UP,
    NETWORK_UP,
    CLOCK_AHEAD,
    DEGRADED_CAUSE,
    RUN_DEGRADATIONS,
    SLOWDOWN,
    CPU_PRESSURE,
    CPU_STEAL,
    UNKNOWN_ERRORS,
)
"""The table, in the order of the page and of the documentation."""
