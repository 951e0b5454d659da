"""A believable day of a small province: about twenty checks, most of them well, each kind of trouble once."""

import random
import struct
import zlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from checks.audit import Audit, AuditElement, AuditScreen, Violation
from checks.config import AnyCheck, Config, Target
from checks.incident import Changes, Incident, OutgoingMail, State, Transition
from checks.journey import Goto, Step
from checks.model import Agency, Alerts, BrowserCheck, Dependency, HttpCheck, Maintenance, Service, Settings, System
from checks.owners import HostOwners
from checks.ranking import RankingMethod
from checks.run import (
    AfterRun,
    Cause,
    Census,
    Certificate,
    Evidence,
    Health,
    Outcome,
    OwnerShare,
    Reason,
    Run,
    Screen,
    Slot,
    StepRun,
    UxCounts,
    Verdict,
    Vitals,
)
from store.protocol import Store

NOW = datetime(2026, 11, 23, 3, 7, 20, tzinfo=UTC)
EVERY = timedelta(minutes=15)
HOSTILE = "<script>document.title='bị chiếm'</script><img src=x onerror=\"document.title='bị chiếm'\">"

AGENCIES = (
    Agency(id="van-phong", name="Văn phòng UBND tỉnh An Bình", kind="tinh"),
    Agency(id="so-tu-phap", name="Sở Tư pháp", email=("tu-phap@anbinh.example",)),
    Agency(id="so-xay-dung", name="Sở Xây dựng", email=("xay-dung@anbinh.example",)),
    Agency(id="so-nong-nghiep", name="Sở Nông nghiệp và Môi trường"),
    Agency(id="so-tai-chinh", name="Sở Tài chính"),
    Agency(id="phuong-an-thinh", name="UBND phường An Thịnh", kind="xa", email=("an-thinh@anbinh.example",)),
    Agency(id="xa-binh-minh", name="UBND xã Bình Minh", kind="xa"),
)
DEPENDENCIES = (
    Dependency(id="dinh-danh", name="Định danh điện tử (VNeID)", hosts=("127.0.0.1:9474",), sign_on=True),
    Dependency(id="thanh-toan", name="Cổng thanh toán", hosts=("127.0.0.1:9475",)),
)
_SYSTEMS = (
    ("mot-cua-tinh", "Hệ thống thông tin giải quyết TTHC tỉnh An Bình", "van-phong", 9472),
    ("mot-cua-xa", "Một cửa điện tử cấp xã", "phuong-an-thinh", 9473),
    ("cong-quoc-gia", "Cổng dịch vụ công", "van-phong", 9471),
    ("kho-du-lieu", "Kho dữ liệu mở", "so-tai-chinh", 9477),
)
SYSTEMS = tuple(
    System(id=i, name=name, agency=agency, url=f"http://127.0.0.1:{port}", hosts=(f"127.0.0.1:{port}",))
    for i, name, agency, port in _SYSTEMS
)
_SERVICES = (
    ("khai-sinh", "Đăng ký khai sinh", "phuong-an-thinh", "mot-cua-xa", "Hộ tịch"),
    ("khai-tu", "Đăng ký khai tử", "xa-binh-minh", "mot-cua-xa", "Hộ tịch"),
    ("ket-hon", "Đăng ký kết hôn", "phuong-an-thinh", "mot-cua-xa", "Hộ tịch"),
    ("chung-thuc", "Chứng thực bản sao điện tử từ bản chính", "phuong-an-thinh", "mot-cua-xa", "Chứng thực"),
    ("tro-cap", "Trợ cấp xã hội hàng tháng", "xa-binh-minh", "mot-cua-xa", "Bảo trợ xã hội"),
    ("ho-kinh-doanh", "Đăng ký thành lập hộ kinh doanh", "so-tai-chinh", "mot-cua-tinh", "Doanh nghiệp"),
    ("phep-xay-dung", "Cấp giấy phép xây dựng nhà ở riêng lẻ", "so-xay-dung", "mot-cua-tinh", "Xây dựng"),
    ("dat-dai", "Đăng ký biến động quyền sử dụng đất", "so-nong-nghiep", "mot-cua-tinh", "Đất đai"),
    ("lai-xe", "Cấp lại giấy phép lái xe", "so-xay-dung", "mot-cua-tinh", "Đường bộ"),
    ("ly-lich", "Cấp phiếu lý lịch tư pháp", "so-tu-phap", "mot-cua-tinh", "Lý lịch tư pháp"),
    ("tra-cuu", "Tra cứu hồ sơ", "van-phong", "cong-quoc-gia", "Tra cứu"),
    ("phan-anh", "Phản ánh, kiến nghị", "van-phong", "cong-quoc-gia", "Phản ánh"),
)
SERVICES = tuple(
    Service(id=i, name=name, agency=agency, system=system, field=topic, essential=i in {"khai-sinh", "dat-dai"})
    for i, name, agency, system, topic in _SERVICES
)
STEPS = ("Tìm thủ tục", "Xem chi tiết", "Đăng nhập", "Điền tờ khai", "Đính kèm giấy tờ", "Xem lại và nhận mã hồ sơ")
_SECONDS = (0.6, 0.4, 1.1, 1.9, 0.8, 0.9)
_CLICKS = (2, 1, 2, 6, 2, 2)
_FIELDS = (1, 0, 2, 9, 0, 0)

BROKEN = "phep-xay-dung"
DEPENDENT = "ly-lich"
SLOW = "dat-dai"
BLOCKED = "tra-cuu"
UNKNOWN = "lai-xe"
PENDING = "phan-anh"
PHONE = "khai-sinh-dien-thoai"
STOPPED = "kho-du-lieu-trang"
BUSY = frozenset({"ket-hon", "khai-tu", "mot-cua-xa-trang"})
"""Checks whose runs fell into the two hours from `BUSY_SINCE` on in which the machine was busy."""
BUSY_SINCE = NOW.replace(minute=0, second=0) - timedelta(hours=8)
BUSY_RUN = Slot(check="ket-hon", location="an-binh", due_at=BUSY_SINCE).id
BROKEN_SINCE = NOW - timedelta(hours=2, minutes=10)


def _config() -> Config:
    owners = HostOwners.of(SYSTEMS, DEPENDENCIES)
    agencies = {agency.id: agency for agency in AGENCIES}
    systems = {system.id: system for system in SYSTEMS}
    steps = tuple(Step(name=name, do=(Goto(goto="http://127.0.0.1:9472/"),)) for name in STEPS)
    targets: dict[str, Target[AnyCheck]] = {}
    timing = {"every": "15m", "deadline": "2m", "confirm_after": "10s"}
    for service in SERVICES:
        fields = {"id": service.id, "type": "browser", "service": service.id, "journey": "ho-so", "depth": "L4"}
        walk = BrowserCheck.model_validate(fields | timing)
        targets[service.id] = Target(walk, systems[service.system], agencies[service.agency], service, steps, owners)
    phone = targets["khai-sinh"]
    targets[PHONE] = replace(phone, check=phone.check.evolve(id=PHONE, title="Đăng ký khai sinh trên điện thoại"))
    for system in SYSTEMS:
        name = f"{system.id}-trang"
        fields = {
            "id": name,
            "type": "http",
            "system": system.id,
            "url": system.url,
            "title": f"Trang chủ {system.name}",
        }
        page = HttpCheck.model_validate(fields | timing)
        targets[name] = Target(page, system, agencies[system.agency], None, (), owners)
    stop = Maintenance(
        id="nang-cap", systems=("kho-du-lieu",), starts=NOW - timedelta(hours=1), ends=NOW + timedelta(hours=1),
        announced=NOW - timedelta(days=14), note="Nâng cấp máy chủ",
    )  # fmt: skip
    return Config(
        path=Path("checks.yaml"),
        digest="5f2a90c1d3e4",
        settings=Settings(province="tỉnh An Bình", contact="giam-sat@anbinh.example", location="an-binh"),
        agencies=agencies,
        systems=systems,
        dependencies={outside.id: outside for outside in DEPENDENCIES},
        services={service.id: service for service in SERVICES},
        targets=targets,
        maintenance=(stop,),
        alerts=Alerts(),
        ranking=RankingMethod(),
    )


CONFIG = _config()


@dataclass
class Seeded:
    """What was written, for tests to ask for."""

    runs: dict[str, Run] = field(default_factory=dict)
    incident: str = "hong.phep-xay-dung.1"


async def seed(store: Store, evidence: Path) -> Seeded:
    """Write a day of results up to `NOW` (newest slot 7 minutes old), with an open incident and its mail."""
    seeded = Seeded()
    write_png(evidence / BROKEN / "buoc-3.png", 960, 600)
    (evidence / BROKEN / "trang.html").write_text(f"<html>{HOSTILE}</html>", encoding="utf-8")
    newest = NOW.replace(minute=0, second=0)
    for name, target in CONFIG.targets.items():
        if name == PENDING:
            continue
        dice = random.Random(name)  # noqa: S311 (believable, not secret)
        runs = [_run(target, newest - n * EVERY, dice) for n in range(96)]
        await store.save_many(runs[1:])
        seeded.runs[name] = runs[0]
        earlier = _earlier(runs[0]) if name == BROKEN else ()
        changes = _changes(seeded.incident, runs) if name == BROKEN else Changes()
        counted = runs[0].evolve(attempt=1 + len(earlier), attempts=1 + len(earlier))
        await store.save(Outcome(run=counted, earlier=earlier), changes)
    for audit in _audits():
        await store.save_audit(audit)
    return seeded


def _audits() -> tuple[Audit, ...]:
    """One that found each kind of thing, one that found nothing, one that broke off after it."""
    place = f"#o-{HOSTILE}"
    found = (
        _violation("label", "critical", 7, elements=(AuditElement(target=place, html=f"<input name={HOSTILE}>"),)),
        _violation("color-contrast", "serious", 40),
        _violation("region", "moderate", 2, wcag=None),
        _violation("button-name", "critical", 3, owner="dependency:dinh-danh"),
        _violation("moi-trong-axe", "minor", 1, help=f"A rule of tomorrow {HOSTILE}"),
    )
    screens = tuple(
        AuditScreen(step=step, url=f"http://127.0.0.1:9472/{n}", violations=found) for n, step in enumerate(STEPS)
    )
    day = timedelta(days=1)
    return (
        _audit(SLOW, NOW - timedelta(hours=5), screens=screens, complete=True),
        _audit(BROKEN, NOW - day, screens=screens[:1], complete=False, message=f"Bước 2: {HOSTILE}"),
        _audit("khai-sinh", NOW - day, complete=True),
        _audit("khai-sinh", NOW - timedelta(hours=2), complete=False, message="hết thời gian"),
    )


def _violation(rule: str, impact: str, count: int, **fields: object) -> Violation:
    elements = tuple(AuditElement(target=f"form > .o-{n}", html='<input type="text">') for n in range(min(count, 20)))
    base = {"help": "Help", "owner": "system:mot-cua-tinh", "wcag": "2.0", "elements": elements}
    return Violation.model_validate({"rule": rule, "impact": impact, "count": count} | base | fields)


def _audit(check: str, at: datetime, **fields: object) -> Audit:
    target = CONFIG.targets[check]
    base = {
        "id": f"{check}.an-binh.{int(at.timestamp())}", "check": check, "service": check, "system": target.system.id,
        "agency": target.agency.id, "location": "an-binh", "agent": "an-binh-1", "config_hash": CONFIG.digest,
        "device": "desktop", "started_at": at, "finished_at": at + timedelta(seconds=20), "engine": "axe-core 4.12.1",
    }  # fmt: skip
    return Audit.model_validate(base | fields)


def _run(target: Target[AnyCheck], due: datetime, dice: random.Random) -> Run:
    check = target.check
    finding = _walk(check.id, due, dice) if check.type == "browser" else _page(dice)
    seconds, details = finding
    ending = due + timedelta(seconds=0.4 + seconds)
    return Run.model_validate(
        {
            "id": Slot(check=check.id, location="an-binh", due_at=due).id,
            "check": check.id,
            "type": check.type,
            "service": target.service.id if target.service is not None else None,
            "system": target.system.id,
            "agency": target.agency.id,
            "location": "an-binh",
            "agent": "an-binh-1",
            "config_hash": CONFIG.digest,
            "scheduled_at": due,
            "started_at": due + timedelta(seconds=0.4),
            "finished_at": ending,
            "queue_delay_s": 0.4,
            "depth": "L4" if check.type == "browser" else "L0",
            "device": "desktop" if check.type == "browser" else "none",
            "cache": "cold" if check.type == "browser" else "none",
            "health": _health(check, due),
        }
        | {"duration_s": seconds}
        | details
    )


def _health(check: AnyCheck, due: datetime) -> Health:
    """A quiet machine, which somebody else kept busy for two hours of the morning."""
    walks = check.type == "browser"
    well = Health(loop_lag_s=0.003, cpu_pressure=0.12, steal=0.0, memory_free_bytes=3_100_000_000)
    well = well.evolve(slowdown=1.04, browser="Chromium 142") if walks else well
    if check.id not in BUSY or not BUSY_SINCE <= due < BUSY_SINCE + timedelta(hours=2):
        return well
    if not walks:
        return well.evolve(degraded=True, causes=(Cause.LAG, Cause.PRESSURE), loop_lag_s=0.41, cpu_pressure=0.87)
    causes = (Cause.PRESSURE, Cause.SLOWDOWN)
    return well.evolve(degraded=True, causes=causes, loop_lag_s=0.12, cpu_pressure=0.91, slowdown=2.31)


def _page(dice: random.Random) -> tuple[float, dict[str, object]]:
    phases = {"dns": 0.004, "connect": 0.012, "tls": 0.03, "ttfb": 0.1 * dice.uniform(0.7, 1.6), "transfer": 0.02}
    seen = Certificate(
        subject="anbinh.example", issuer="Practice CA", not_before=NOW - timedelta(days=30),
        not_after=NOW + timedelta(days=60), days_left=60.0, trusted=True,
    )  # fmt: skip
    return sum(phases.values()), {
        "verdict": Verdict.OK, "phases": phases, "http_status": 200, "certificate": seen,
    }  # fmt: skip


def _walk(name: str, due: datetime, dice: random.Random) -> tuple[float, dict[str, object]]:
    ending, at_step = _fate(name, due, dice)
    steps, began = [], 0.0
    for number, step in enumerate(STEPS[: at_step + 1] if ending["verdict"] != Verdict.OK else STEPS):
        bad = ending["verdict"] != Verdict.OK and number == at_step
        pace = 4.5 if bad and ending["verdict"] == Verdict.SLOW else 1.0
        seconds = (
            10.0 if bad and ending["verdict"] == Verdict.FAILED else _SECONDS[number] * dice.uniform(0.8, 1.4) * pace
        )
        steps.append(_step(number, step, began, seconds, ending if bad else {"verdict": Verdict.OK}))
        began += seconds
    if ending["verdict"] == Verdict.SLOW:
        for number in range(at_step + 1, len(STEPS)):
            steps.append(_step(number, STEPS[number], began, _SECONDS[number], {"verdict": Verdict.OK}))
            began += _SECONDS[number]
    ux = sum((step.ux for step in steps), UxCounts())
    vitals = Vitals(ttfb_s=0.21, fcp_s=0.62, lcp_s=1.31, console_errors=1, failed_requests=0)
    return began, {"steps": tuple(steps), "ux": ux, "vitals": vitals, **ending}


def _step(number: int, name: str, began: float, seconds: float, ending: dict[str, object]) -> StepRun:
    outside = OwnerShare(owner="dependency:dinh-danh", requests=4, critical_s=seconds * 0.7)
    own = OwnerShare(owner="system:mot-cua-tinh", requests=12, critical_s=seconds * (0.2 if number == 2 else 0.8))
    return StepRun(
        name=name,
        verdict=ending["verdict"],
        reason=ending.get("reason"),
        message=ending.get("message", ""),
        started_s=began,
        duration_s=seconds,
        server_s=seconds * 0.3,
        budget_s=3.0,
        ux=UxCounts(
            clicks=_CLICKS[number], fields=_FIELDS[number], screens=1, steps=1, keystrokes=_FIELDS[number] * 12
        ),
        screens=(Screen(heading=f"{name} {HOSTILE}", census=Census(screens=1, controls=_FIELDS[number], words=310)),),
        owners=(own, outside) if number == 2 else (own,),
    )


def _fate(name: str, due: datetime, dice: random.Random) -> tuple[dict[str, object], int]:
    hours = (NOW - due) / timedelta(hours=1)
    if name == BROKEN and due >= BROKEN_SINCE:
        message = f'không thấy button "Đăng nhập" trong 10 s; trang nói: {HOSTILE}'
        proof = (
            Evidence(kind="screenshot", path=f"{BROKEN}/buoc-3.png", bytes=4_210, caption=f"Bước 3 {HOSTILE}"),
            Evidence(kind="dom", path=f"{BROKEN}/trang.html", bytes=180),
            Evidence(kind="trace", path=f"{BROKEN}/trace.zip", bytes=2),
        )
        return {"verdict": Verdict.FAILED, "blame": "system", "reason": Reason.ELEMENT_MISSING, "message": message,
                "evidence": proof, "after": (AfterRun(name="Đăng xuất", verdict=Verdict.OK),)}, 2  # fmt: skip
    brief: dict[tuple[str, bool], tuple[dict[str, object], int]] = {
        (DEPENDENT, hours < 0.8): (_ending("failed", "dependency:dinh-danh", Reason.TIMEOUT), 2),
        (BLOCKED, hours < 5): (_ending("blocked", "system", Reason.WAF), 0),
        (UNKNOWN, hours < 0.5): (_ending("inconclusive", "agent", Reason.BROWSER_START), 0),
    }
    if (name, True) in brief:
        return brief[name, True]
    if name == SLOW and (hours < 3 or 8 < hours < 10):
        return _ending("slow", "system", Reason.BUDGET), 3
    if hours > 3 and dice.random() < 0.01:
        return _ending("slow", "system", Reason.BUDGET), 3
    return {"verdict": Verdict.OK}, 0


def _ending(verdict: str, blame: str, reason: Reason) -> dict[str, object]:
    return {"verdict": Verdict(verdict), "blame": blame, "reason": reason}


def _earlier(run: Run) -> tuple[Run, ...]:
    began = run.started_at - timedelta(seconds=0.2)
    return (run.evolve(attempt=1, attempts=2, started_at=began, duration_s=run.duration_s + 0.4, evidence=()),)


def _changes(incident: str, runs: list[Run]) -> Changes:
    bad = [run for run in runs if run.verdict is Verdict.FAILED]
    first, last = bad[-1], bad[0]
    fact = Incident(
        id=incident, rule="hong", check=BROKEN, service=BROKEN, system="mot-cua-tinh", agency="so-xay-dung",
        began_at=first.scheduled_at, opened_at=first.finished_at, verdict=Verdict.FAILED, blame="system",
        reason=Reason.ELEMENT_MISSING, message=first.message, first_run=first.id, last_run=last.id,
    )  # fmt: skip
    change = Transition(
        rule="hong", check=BROKEN, incident=incident, before=State.UP, after=State.DOWN, at=first.finished_at,
        began_at=first.scheduled_at, run=first.id, verdict=Verdict.FAILED, blame="system", reason=fact.reason,
    )  # fmt: skip
    mail = OutgoingMail(
        key=f"{incident}.down", incident=incident, kind="down", to=("xay-dung@anbinh.example",),
        subject="[Gián đoạn] Cấp giấy phép xây dựng nhà ở riêng lẻ", text="…", html="…", created_at=first.finished_at,
    )  # fmt: skip
    return Changes(transitions=(change,), incidents=(fact,), mails=(mail,))


def write_png(path: Path, width: int, height: int) -> None:
    """Write a plain picture, as a screenshot would be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    row = b"\0" + b"\xf4\xf6\xf9" * width
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(row * height)), (b"IEND", b""))
    body = b"".join(struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in chunks)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)
