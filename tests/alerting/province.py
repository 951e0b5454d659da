"""A small configuration and the runs and cases that the tests of alerting build upon."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from checks.config import AnyCheck, Config, Target
from checks.model import AlertRule, Alerts, BrowserCheck, Dependency, Mail, Maintenance, Settings
from checks.ranking import RankingMethod
from checks.run import SYSTEM, Evidence, Health, Reason, Run, StepRun, Verdict
from tests.samples import AGENCY, DEPENDENCY, NOON, OPERATOR, SERVICE, check, run, target
from tests.samples import SYSTEM as PORTAL

SENDER = "dvcwatch@anbinh.example"
SLOT = timedelta(minutes=5)


def rule(**fields: Any) -> AlertRule:
    """Make a rule from YAML-like fields; by default two failures alert the agency."""
    return AlertRule.model_validate({"id": "hong", "after": 2, "to": ["agency"]} | fields)


def config(
    *rules: AlertRule,
    targets: Mapping[str, Target[AnyCheck]] | None = None,
    dependencies: tuple[Dependency, ...] = (DEPENDENCY,),
    maintenance: tuple[Maintenance, ...] = (),
    mail: bool = True,
    **settings: Any,
) -> Config:
    """Make a loaded configuration with one check, `khai-sinh`."""
    said = {"province": "tỉnh An Bình", "contact": "giam-sat@anbinh.example", "board_url": "https://do.anbinh.example/"}
    server = Mail(host="127.0.0.1", security="none", sender=SENDER) if mail else None
    walk = target(check(BrowserCheck, journey="ho-so"))
    return Config(
        path=Path("checks.yaml"),
        digest="0" * 12,
        settings=Settings.model_validate(said | settings),
        agencies={AGENCY.id: AGENCY, OPERATOR.id: OPERATOR},
        systems={PORTAL.id: PORTAL},
        dependencies={outside.id: outside for outside in dependencies},
        services={SERVICE.id: SERVICE},
        targets=targets if targets is not None else {walk.check.id: walk},
        maintenance=maintenance,
        alerts=Alerts(mail=server, rules=rules),
        ranking=RankingMethod(),
    )


def slot_run(slot: int, verdict: Verdict, **fields: Any) -> Run:
    """Make the run of the `slot`-th slot after noon; a failure is the system's unless `fields` say otherwise."""
    blame = SYSTEM if verdict in (Verdict.FAILED, Verdict.SLOW) else "none"
    return run(NOON + slot * SLOT, verdict, **({"blame": blame} | fields))


def degraded_run(slot: int, verdict: Verdict) -> Run:
    """Make a run of an agent that was too busy to be believed."""
    return slot_run(slot, verdict, health=Health(degraded=True))


def broken_walk(slot: int, **fields: Any) -> Run:
    """Make a failed walk with steps, evidence and a message, tried twice."""
    steps = (
        StepRun(name="Tìm thủ tục", verdict=Verdict.OK, duration_s=1.2),
        StepRun(name="Điền tờ khai", verdict=Verdict.SLOW, duration_s=14.0),
        StepRun(name="Xem lại, cam đoan", verdict=Verdict.FAILED, reason=Reason.ELEMENT_MISSING),
    )
    evidence = (
        Evidence(kind="screenshot", path="a/1.png", bytes=1000),
        Evidence(kind="console", path="a/1.txt", bytes=100),
    )
    said: dict[str, Any] = {
        "reason": Reason.ELEMENT_MISSING,
        "message": 'Không thấy button "Nộp hồ sơ" sau 10 s',
        "steps": steps,
        "evidence": evidence,
        "attempt": 2,
        "attempts": 2,
    }
    return slot_run(slot, Verdict.FAILED, **(said | fields))
