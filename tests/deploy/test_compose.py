import json
from typing import Any

import pytest
import yaml

from tests.deploy.queries import DEPLOY

COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
SERVICES = sorted(COMPOSE["services"])


def service(name: str) -> dict[str, Any]:
    found: dict[str, Any] = COMPOSE["services"][name]
    return found


@pytest.mark.parametrize("name", SERVICES)
def test_nothing_runs_as_root_or_can_become_it(name: str) -> None:
    it = service(name)
    assert int(it["user"].split(":")[0]) > 0
    assert it["cap_drop"] == ["ALL"]
    assert it["read_only"] is True
    assert "no-new-privileges:true" in it["security_opt"]


@pytest.mark.parametrize("name", SERVICES)
def test_nothing_is_published_beyond_this_machine(name: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in service(name)["ports"])


@pytest.mark.parametrize("name", SERVICES)
def test_everything_that_is_mounted_is_there(name: str) -> None:
    for volume in service(name).get("volumes", ()):
        source = volume.split(":")[0]
        assert (DEPLOY / source).exists() if source.startswith(".") else source in COMPOSE["volumes"]


def test_each_service_has_a_health_check_and_an_init() -> None:
    # The agent's are in its image.
    dockerfile = (DEPLOY.parent / "Dockerfile").read_text("utf-8")
    assert "HEALTHCHECK" in dockerfile
    assert 'ENTRYPOINT ["tini"' in dockerfile
    others = [service(name) for name in SERVICES if name != "agent"]
    assert all(it["healthcheck"] and it["init"] for it in others)


def test_the_agent_uses_a_profile_that_allows_chromiums_sandbox_and_no_mounts() -> None:
    (option,) = [option for option in service("agent")["security_opt"] if option.startswith("seccomp:")]
    profile = json.loads((DEPLOY / option.removeprefix("seccomp:")).read_text("utf-8"))
    allowed = {name for rule in profile["syscalls"] if rule["action"] == "SCMP_ACT_ALLOW" for name in rule["names"]}
    assert profile["defaultAction"] == "SCMP_ACT_ERRNO"
    assert {"clone", "unshare", "chroot"} <= allowed
    assert not {"mount", "umount2", "pivot_root", "setns", "bpf", "ptrace", "keyctl", "io_uring_setup"} & allowed


def test_grafana_finds_its_datasource_and_dashboards() -> None:
    provisioning = DEPLOY / "grafana" / "provisioning"
    source = yaml.safe_load((provisioning / "datasources" / "prometheus.yaml").read_text("utf-8"))["datasources"][0]
    provider = yaml.safe_load((provisioning / "dashboards" / "dvcwatch.yaml").read_text("utf-8"))["providers"][0]
    board = (DEPLOY / "grafana" / "dashboards" / "overview.json").read_text("utf-8")
    assert f'"uid": "{source["uid"]}"' in board
    mounts = dict(volume.split(":")[:2][::-1] for volume in service("grafana")["volumes"])
    assert mounts[provider["options"]["path"]] == "./grafana/dashboards"
