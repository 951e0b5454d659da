"""A small province to rank: its configuration, and months of runs made of what the test says about each slot."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from checks.config import AnyCheck, Config, Target
from checks.model import Agency, Alerts, BrowserCheck, HttpCheck, Maintenance, Reference, Service, Settings, System
from checks.ranking import RankingMethod
from checks.run import Reason, Run, StepRun, UxCounts, Verdict, Vitals
from ranking.period import Period
from tests import samples

NOVEMBER = Period.parse("2026-11", "Asia/Ho_Chi_Minh")
REFERENCE = Reference(steps=4, clicks=10, fields=8, handling=100.0)
GOOD_UX = UxCounts(steps=4, clicks=10, fields=8, handling_s=100.0, clicks_to_find=3)
EVERY = "1h"

Slots = Callable[[datetime, int], dict[str, Any]]
"""What a test says of one slot: (due, number of the slot) -> fields of its run."""


def system(name: str = "mot-cua", /, **fields: Any) -> System:
    base = {"id": name, "name": f"Hệ thống {name}", "agency": "so-khcn", "url": "https://a.example"}
    return System.model_validate(base | {"hosts": (f"{name}.example",)} | fields)


def service(name: str = "khai-sinh", /, **fields: Any) -> Service:
    base = {"id": name, "name": f"Dịch vụ {name}", "agency": "so-tu-phap", "system": "mot-cua"}
    return Service.model_validate(base | {"reference": REFERENCE} | fields)


def walk(name: str = "khai-sinh", **fields: Any) -> BrowserCheck:
    return samples.check(BrowserCheck, **{"id": name, "every": EVERY, "journey": "di", "depth": "L4"} | fields)


def page(name: str = "trang", **fields: Any) -> HttpCheck:
    return samples.check(HttpCheck, **{"id": name, "every": EVERY, "url": "https://a.example/"} | fields)


def target(check: AnyCheck, of: System, used: Service | None) -> Target[AnyCheck]:
    agency = samples.AGENCY if used is not None else samples.OPERATOR
    return samples.target(check, system=of, agency=agency, service=used)


def config(
    *targets: Target[AnyCheck],
    method: RankingMethod | None = None,
    maintenance: Sequence[Maintenance] = (),
    agencies: Iterable[Agency] = (samples.AGENCY, samples.OPERATOR),
) -> Config:
    """Tie targets into a configuration, as the loader does."""
    return Config(
        path=Path("checks.yaml"),
        digest="0123456789ab",
        settings=Settings(province="tỉnh An Bình", contact="giam-sat@anbinh.example"),
        agencies={agency.id: agency for agency in agencies},
        systems={one.system.id: one.system for one in targets},
        dependencies={samples.DEPENDENCY.id: samples.DEPENDENCY},
        services={one.service.id: one.service for one in targets if one.service is not None},
        targets={one.check.id: one for one in targets},
        maintenance=tuple(maintenance),
        alerts=Alerts(),
        ranking=method or RankingMethod(draws=200),
    )


def one_system(**method: Any) -> Config:
    """One system with one walk and one page."""
    used, of = service(), system()
    return config(target(walk(), of, used), target(page(), of, None), method=RankingMethod(draws=200, **method))


def month(one: Target[AnyCheck], slots: Slots = lambda _due, _n: {}, period: Period = NOVEMBER) -> Iterator[Run]:
    """Yield the run of every slot of the period; `slots` may replace any field, or `absent` it."""
    due, n = period.since, 0
    while due < period.until:
        fields = slots(due, n)
        if not fields.pop("absent", False):
            yield run(one, due, **fields)
        due, n = due + timedelta(seconds=one.check.every), n + 1


def run(one: Target[AnyCheck], due: datetime, **fields: Any) -> Run:
    """Make a run of this check as its probe would: good and quick unless told otherwise."""
    base: dict[str, Any] = {
        "check": one.check.id,
        "type": one.check.type,
        "service": one.service.id if one.service is not None else None,
        "system": one.system.id,
        "agency": one.agency.id,
    }
    if one.check.type == "browser":
        base |= {"steps": (step(1.0),), "ux": GOOD_UX}
    else:
        base |= {"depth": "L0", "device": "none", "cache": "none", "http_status": 200}
    if fields.get("verdict") is Verdict.FAILED:
        base |= {"blame": "system", "reason": Reason.HTTP_STATUS}
    return samples.run(due, **base | fields)


def step(duration_s: float, verdict: Verdict = Verdict.OK, lcp_s: float | None = 1.0, **fields: Any) -> StepRun:
    base: dict[str, Any] = {"name": "Nộp", "vitals": Vitals(lcp_s=lcp_s)}
    return StepRun(verdict=verdict, duration_s=duration_s, **base | fields)


FAILED: dict[str, Any] = {"verdict": Verdict.FAILED, "steps": ()}
