"""A small province as an agent would have observed it; shared with the tests of deploy/."""

from datetime import datetime, timedelta
from typing import Any

from checks.config import AnyCheck, Target
from checks.journey import Step
from checks.model import BrowserCheck, DnsCheck, HttpCheck, TcpCheck, TlsCheck
from checks.run import (
    AGENT,
    SYSTEM,
    Cause,
    Certificate,
    Health,
    Outcome,
    OwnerShare,
    Reason,
    Run,
    StepRun,
    UxCounts,
    Verdict,
    Vitals,
)
from exporters import AgentFacts, Snapshot
from exporters.snapshot import ReferenceState
from tests.samples import NOON, audit, check, run, target, violation

LOCATION = "an-binh"
STEP_NAMES = (
    "Mở trang chủ", "Tìm thủ tục", "Mở thủ tục", "Đăng nhập", "Điền tờ khai", "Đính kèm giấy tờ", "Xem lại", "Nộp",
)  # fmt: skip

WALK = target(check(BrowserCheck, journey="nop-ho-so"), steps=[Step(name=name) for name in STEP_NAMES])
HTTP = target(check(HttpCheck, id="trang-chu", url="https://dvc.anbinh.example"), service=None)
TLS = target(check(TlsCheck, id="chung-thu", host="dvc.anbinh.example"), service=None)
DNS = target(check(DnsCheck, id="ten-mien", name="dvc.anbinh.example"), service=None)
TCP = target(check(TcpCheck, id="cong-443", host="dvc.anbinh.example", port=443), service=None)
TARGETS: dict[str, Target[AnyCheck]] = {each.check.id: each for each in (WALK, HTTP, TLS, DNS, TCP)}

FACTS = AgentFacts(
    version="0.1.0",
    python="3.11.2",
    browser="150.0.0.1",
    config_hash="0" * 12,
    config_loaded_at=NOON,
    config_reload_ok=True,
    queue_length=1,
    runs_in_progress=2,
    loop_lag_s=0.004,
    degraded=False,
    outbox_pending=0,
    store_errors=0,
    mails_sent=3,
    mails_failed=1,
    browser_launches=2,
    references=(
        ReferenceState("dns vnnic.vn", up=True),
        ReferenceState("tcp 192.0.2.7:443", up=False, error="TimeoutError"),
    ),
    network_up=True,
    clock_ahead_s=0.25,
    slowdown=1.02,
    cpu_pressure=0.1,
    steal=0.0,
)
UX = UxCounts(
    clicks=14, fields=9, keystrokes=120, choices=4, uploads=1, screens=7, redirects=2, new_tabs=1, steps=8,
    forced_wait_s=1.5, handling_s=96.0, clicks_to_find=3,
)  # fmt: skip
OWNERS = (
    OwnerShare(owner="system:mot-cua-tinh", requests=40, bytes=900_000),
    OwnerShare(owner="dependency:dinh-danh", requests=4, bytes=20_000),
    OwnerShare(owner="third_party", requests=7, bytes=150_000),
    OwnerShare(owner="system:https://hostile.example/", requests=1, bytes=1),
)


def walked(due: datetime = NOON, verdict: Verdict = Verdict.OK, **fields: Any) -> Run:
    """A walk through all eight steps; `fields` replace any field of it."""
    steps = tuple(
        StepRun(name=name, verdict=Verdict.OK, duration_s=0.5 + place / 10, server_s=0.1)
        for place, name in enumerate(STEP_NAMES)
    )
    vitals = Vitals(ttfb_s=0.2, fcp_s=0.6, lcp_s=1.1, cls=0.03)
    return run(due, verdict, **{"steps": steps, "ux": UX, "vitals": vitals, "owners": OWNERS} | fields)


def probed(of: Target[AnyCheck], due: datetime = NOON, verdict: Verdict = Verdict.OK, **fields: Any) -> Run:
    """The run of an http, tls, dns or tcp check."""
    base: dict[str, Any] = {
        "check": of.check.id, "type": of.check.type, "service": None, "agency": of.agency.id, "depth": "L0",
        "device": "none", "cache": "none", "duration_s": 0.08,
    }  # fmt: skip
    return run(due, verdict, **base | fields)


def certificate(until: datetime) -> Certificate:
    """A certificate that is valid until then."""
    return Certificate(
        subject="dvc.anbinh.example", issuer="An Bình CA", not_before=NOON - timedelta(days=30), not_after=until,
        days_left=20.0, trusted=True,
    )  # fmt: skip


def feed(snapshot: Snapshot, due: datetime) -> None:
    """Observe two slots of most checks, the later one due then."""
    shown = certificate(due + timedelta(days=20))
    phases = {"dns": 0.002, "connect": 0.004, "tls": 0.02, "ttfb": 0.04, "transfer": 0.014}
    late = due - timedelta(seconds=300)
    failure = {"blame": SYSTEM, "reason": Reason.HTTP_STATUS, "http_status": 503}
    flaky = probed(HTTP, late, Verdict.FAILED, **failure)
    good = probed(HTTP, late, phases=phases, http_status=200, certificate=shown)
    for of, outcome in (
        (WALK, Outcome(run=walked(late, Verdict.SLOW, blame=SYSTEM, reason=Reason.BUDGET, duration_s=9.0))),
        (WALK, Outcome(run=walked(due))),
        (HTTP, Outcome(run=good, earlier=(flaky,))),
        (HTTP, Outcome(run=probed(HTTP, due, phases=phases, http_status=200, certificate=shown))),
        (TLS, Outcome(run=probed(TLS, due, Verdict.SLOW, blame=SYSTEM, reason=Reason.BUDGET, certificate=shown))),
        (DNS, Outcome(run=probed(DNS, late, health=Health(degraded=True, causes=(Cause.LAG,))))),
        (DNS, Outcome(run=probed(DNS, due, duration_s=0.003))),
        (TCP, Outcome(run=probed(TCP, late, Verdict.SKIPPED, blame=AGENT, reason=Reason.OVERLAP, duration_s=0.0))),
        (TCP, Outcome(run=probed(TCP, due, Verdict.FAILED, blame=SYSTEM, reason=Reason.TIMEOUT, duration_s=30.0))),
    ):
        snapshot.observe(of, outcome)
    snapshot.observe_audit(audit(due, violation(count=3), violation("color-contrast", "serious", owner="dependency:x")))
    snapshot.observe_agent(FACTS)


def province(at: datetime) -> Snapshot:
    """Everything configured and observed once or twice, a moment before `at`."""
    snapshot = Snapshot()
    snapshot.keep(TARGETS, LOCATION)
    feed(snapshot, at - timedelta(seconds=5))
    return snapshot
