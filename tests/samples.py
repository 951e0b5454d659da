"""Small believable values that tests build upon."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, cast

from checks.audit import Audit, AuditElement, AuditScreen, Violation
from checks.config import AnyCheck, Target
from checks.journey import Step
from checks.model import Agency, Dependency, Service, System
from checks.owners import HostOwners
from checks.run import Run, Slot, Verdict

NOON = datetime(2026, 11, 10, 5, 0, tzinfo=UTC)
AGENCY = Agency(id="so-tu-phap", name="Sở Tư pháp", email=("so-tu-phap@anbinh.example",))
OPERATOR = Agency(id="so-khcn", name="Sở Khoa học và Công nghệ", email=("so-khcn@anbinh.example",))
SYSTEM = System(
    id="mot-cua-tinh",
    name="Hệ thống thông tin giải quyết TTHC tỉnh",
    agency="so-khcn",
    url="http://127.0.0.1:9472",
    hosts=("127.0.0.1:9472",),
    environment="test",
)
SERVICE = Service(id="khai-sinh", name="Đăng ký khai sinh", agency="so-tu-phap", system="mot-cua-tinh")
DEPENDENCY = Dependency(id="dinh-danh", name="Định danh điện tử", hosts=("127.0.0.1:9474",), sign_on=True)

C = TypeVar("C", bound=AnyCheck)


def check(kind: type[C], **fields: Any) -> C:
    """Make a check of `kind` from YAML-like fields, with sensible timing."""
    type_name = kind.__name__.removesuffix("Check").lower()
    timing = {"every": "5m", "deadline": "30s", "confirm_after": "1s"}
    identity = {"id": "khai-sinh", "type": type_name, "service": "khai-sinh"}
    return cast("C", kind.model_validate(identity | timing | fields))


def target(
    a_check: C,
    *,
    system: System = SYSTEM,
    agency: Agency = AGENCY,
    service: Service | None = SERVICE,
    steps: Sequence[Step] = (),
    dependencies: Sequence[Dependency] = (DEPENDENCY,),
) -> Target[C]:
    """Put a check into its surroundings."""
    owners = HostOwners.of([system], dependencies).seen_from(system.id)
    return Target(a_check, system, agency, service, tuple(steps), owners)


def run(due: datetime = NOON, verdict: Verdict = Verdict.OK, **fields: Any) -> Run:
    """Make the run of one slot; `fields` replace any field of it."""
    base: dict[str, Any] = {
        "check": "khai-sinh",
        "type": "browser",
        "service": "khai-sinh",
        "system": "mot-cua-tinh",
        "agency": "so-tu-phap",
        "location": "an-binh",
        "agent": "an-binh-1",
        "config_hash": "0" * 12,
        "scheduled_at": due,
        "started_at": due + timedelta(seconds=0.5),
        "finished_at": due + timedelta(seconds=2.5),
        "queue_delay_s": 0.5,
        "duration_s": 2.0,
        "depth": "L4",
        "device": "desktop",
        "cache": "cold",
        "verdict": verdict,
    }
    base |= fields
    slot = Slot(check=base["check"], location=base["location"], due_at=base["scheduled_at"])
    return Run.model_validate({"id": slot.id} | base)


def violation(rule: str = "label", impact: str = "critical", count: int = 1, **fields: Any) -> Violation:
    """Make a violation that the system of these samples answers for."""
    elements = tuple(AuditElement(target=f"#o-{n}", html="<input>") for n in range(min(count, 20)))
    base = {
        "help": "Form elements must have labels",
        "owner": f"system:{SYSTEM.id}",
        "wcag": "2.0",
        "elements": elements,
    }
    return Violation.model_validate({"rule": rule, "impact": impact, "count": count} | base | fields)


def audit(at: datetime = NOON, *violations: Violation, **fields: Any) -> Audit:
    """Make a complete audit of one screen; `fields` replace any field of it."""
    base: dict[str, Any] = {
        "check": "khai-sinh",
        "service": "khai-sinh",
        "system": SYSTEM.id,
        "agency": "so-tu-phap",
        "location": "an-binh",
        "agent": "an-binh-1",
        "config_hash": "0" * 12,
        "device": "desktop",
        "browser": "150.0.0.1",
        "engine": "axe-core 4.12.1",
        "started_at": at,
        "finished_at": at + timedelta(seconds=20),
        "screens": (AuditScreen(step="Mở tờ khai", url=f"{SYSTEM.url}/to-khai", violations=violations),),
        "complete": True,
    } | fields
    return Audit.model_validate({"id": f"{base['check']}.an-binh.{int(at.timestamp())}"} | base)
