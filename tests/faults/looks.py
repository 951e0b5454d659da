"""The checks.yaml of a campaign: for each fault a practice province of its own, and one check that looks at it."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from sandbox.province import Province
from tests.faults.fault import Fault, Look
from tests.faults.happenings import REQUEST_EVERY_S, WALK_EVERY_S
from tests.shipped import ROOT

_SYSTEMS = ("cong-quoc-gia", "mot-cua-xa", "kho-du-lieu")
_OUTSIDE = ("dinh-danh", "thanh-toan", "cdn")
_WATCHED: Mapping[Look, str] = {
    "http": "cong-quoc-gia",
    "led": "cong-quoc-gia",
    "page": "cong-quoc-gia",
    "choosing": "cong-quoc-gia",
    "filing": "mot-cua-xa",
    "framed": "mot-cua-xa",
}
_JOURNEYS = Path(__file__).with_name("journeys.yaml")

_LIGHT = {"deadline": "2s", "confirm_after": "200ms"}
_WALK = {"deadline": "9s", "confirm_after": "500ms", "step_timeout": "2200ms"}


def checks_file(
    folder: Path,
    provinces: Mapping[Fault, Province],
    well: Province,
    browser: Mapping[str, object] = MappingProxyType({}),
) -> Path:
    """Write the checks.yaml that watches the province of each fault by its look; `well` speaks for the network."""
    document: dict[str, Any] = {
        "version": 1,
        "include": [_JOURNEYS.name],
        "settings": {
            "contact": "mailto:giam-sat@anbinh.example",
            "location": "an-binh",
            "browser": {"patience": "1s", **browser},
            "reference_targets": _references(well),
        },
        "agencies": [{"id": "so", "name": "Sở Khoa học và Công nghệ"}],
        "systems": [],
        "dependencies": [],
        "checks": [],
    }
    for fault, province in provinces.items():
        document["systems"] += [_system(fault, name, province) for name in _SYSTEMS]
        document["dependencies"] += [_dependency(fault, name, province) for name in _OUTSIDE]
        document["checks"].append(_check(fault, province, sum(one.walks for one in provinces)))
    shutil.copy(_JOURNEYS, folder)
    path = folder / "checks.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def _references(well: Province) -> list[dict[str, Any]]:
    host, _, port = well.url("mot-cua-tinh").partition("://")[2].partition(":")
    return [
        {"type": "http", "url": f"{well.url('cong-quoc-gia')}/"},
        {"type": "tcp", "host": host, "port": int(port)},
        {"type": "dns", "name": "anbinh.example", "resolver": f"{host}:{well.port('dns')}"},
    ]


def plain_blame(fault: Fault, blame: str) -> str:
    """Return a blame as the catalogue says it: each province's systems have the fault's id before their own."""
    return blame.replace(f"dependency:{fault.id}-", "dependency:")


def _system(fault: Fault, name: str, province: Province) -> dict[str, Any]:
    hosts = [province.url(name).partition("://")[2]]
    if name == "cong-quoc-gia":
        hosts.append(province.dead_url.removeprefix("http://"))
    if name == ("cong-quoc-gia" if fault.surroundings.own_names else "kho-du-lieu"):
        hosts.append(_name(fault))
    url = province.url(name)
    return {
        "id": f"{fault.id}-{name}", "name": name, "agency": "so", "url": url, "hosts": hosts, "environment": "test",
    }  # fmt: skip


def _name(fault: Fault) -> str:
    return f"{fault.id}.thu.anbinh.example"


def _dependency(fault: Fault, name: str, province: Province) -> dict[str, Any]:
    hosts = [province.url(name).partition("://")[2]]
    return {"id": f"{fault.id}-{name}", "name": name, "hosts": hosts, "sign_on": name == "dinh-danh"}


def every_s(fault: Fault, walks: int) -> int:
    """Return the time from slot to slot of a check, when so many walks share the agent."""
    return max(WALK_EVERY_S, 4 * walks) if fault.walks else REQUEST_EVERY_S


def _check(fault: Fault, province: Province, walks: int) -> dict[str, Any]:
    check: dict[str, Any] = {
        "id": fault.id,
        "system": f"{fault.id}-{_WATCHED.get(fault.look, 'kho-du-lieu')}",
        "every": f"{every_s(fault, walks)}s",
    }
    if fault.walks:
        return check | _WALK | _walking(fault, province)
    trust = {"ca_file": str(province.ca_file)}
    host, port = province.url("kho-du-lieu").partition("://")[2].split(":")
    looks: Mapping[str, dict[str, Any]] = {
        "http": _asking(_portal(fault, province)),
        "led": _asking(_portal(fault, province)) | {"expect": {"status": [200]}},
        "secret": _asking(_portal(fault, province)) | {"secret_headers": {"X-Khoa": "${env:DVCWATCH_KHONG_CO}"}},
        "https": {"type": "http", "url": "${system.url}/", "expect": {"certificate_left": "21d"}, "trust": trust},
        "tls": {"type": "tls", "host": host, "port": int(port), "trust": trust},
        "dns": {"type": "dns", "name": _name(fault), "resolver": f"127.0.0.1:{province.port('dns')}"},
    }
    return check | _LIGHT | looks[fault.look]


def _portal(fault: Fault, province: Province) -> str:
    url = province.url("cong-quoc-gia")
    return f"http://{_name(fault)}:{province.port('cong-quoc-gia')}" if fault.surroundings.own_names else url


def _asking(portal: str) -> dict[str, Any]:
    url = f"{portal}/thu-tuc/khai-sinh"
    return {"type": "http", "url": url, "expect": {"body_contains": ["Nộp trực tuyến"]}, "budget": "1500ms"}


def _walking(fault: Fault, province: Province) -> dict[str, Any]:
    look = fault.look
    given = {"cong": province.url("kho-du-lieu") if look == "secure" else _portal(fault, province)}
    if look in ("filing", "framed"):
        given["mat-khau"] = f"${{file:{ROOT}/sandbox/practice-password.txt}}"
    if look == "framed":
        given |= {
            "thu-tuc": "tinh-trang-hon-nhan",
            "don-vi": "UBND xã Hòa Lộc",
            "truong-hop": "Để đăng ký kết hôn",
        }
    journey = {"page": "xem", "secure": "xem", "choosing": "chon", "filing": "nop", "framed": "nop-trong-khung"}[look]
    return {"type": "browser", "journey": journey, "with": given, "depth": "L3", "step_budget": "1500ms"}
