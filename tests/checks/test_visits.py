"""Which host a check calls on first, and that the schedule asks no host for more than its budget."""

from pathlib import Path

import pytest

from checks.errors import ConfigError
from checks.journey import Step
from checks.load import load
from checks.model import BrowserCheck, HttpCheck, TcpCheck
from checks.visits import host_of_url, visited
from tests import samples

FILE = """
version: 1
settings: {{contact: "mailto:a@anbinh.example", defaults: {{every: 1m, deadline: 10s, confirm_after: 1s}}}}
agencies: [{{id: so, name: Sở}}]
systems:
  - {{id: cong, name: Cổng, agency: so, url: "https://cong.example", hosts: [cong.example], environment: {environment}}}
checks:
"""


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Dvc.example/a?b", "dvc.example:443"),
        ("http://dvc.example", "dvc.example:80"),
        ("http://[::1]:8080/", "::1:8080"),
        ("${env:URL}/", ""),
        ("http://a:b:c/", ""),
    ],
)
def test_a_host_is_named_with_its_port(url: str, host: str) -> None:
    assert host_of_url(url) == host


def test_a_walk_calls_first_on_where_it_goes_first() -> None:
    check = samples.check(BrowserCheck, journey="di")
    away = Step.model_validate(
        {"name": "Mở", "do": [{"goto": "https://khac.example/"}, {"goto": "https://b.example/"}]}
    )

    assert visited(samples.target(check, steps=[away])) == "khac.example:443"
    assert visited(samples.target(check)) == "127.0.0.1:9472"


def test_only_what_asks_for_a_document_is_a_visit() -> None:
    assert visited(samples.target(samples.check(TcpCheck, host="dvc.example", port=443))) == ""
    assert visited(samples.target(samples.check(HttpCheck, url="https://dvc.example/"))) == "dvc.example:443"


def written(folder: Path, count: int, environment: str, extra: str = "") -> Path:
    checks = [f'  - {{id: c-{n}, type: http, system: cong, url: "${{system.url}}/{n}"{extra}}}' for n in range(count)]
    path = folder / "checks.yaml"
    path.write_text(FILE.format(environment=environment) + "\n".join(checks), encoding="utf-8")
    return path


def test_a_schedule_within_the_budget_is_sound(tmp_path: Path) -> None:
    assert len(load(written(tmp_path, 12, "production")).targets) == 12


def test_each_host_of_which_too_much_is_asked_is_told_once_with_the_numbers(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, 15, "production"))

    (problem,) = caught.value.problems
    assert "checks[12].every: 15 checks visit cong.example:443 15 times a minute" in str(problem)


def test_test_systems_and_checks_that_are_switched_off_are_not_counted(tmp_path: Path) -> None:
    assert len(load(written(tmp_path, 40, "test")).targets) == 40
    assert len(load(written(tmp_path, 40, "production", ", enabled: false")).targets) == 40
