"""The example of a real province harms nobody: switched off, shallow, slow, and nothing is typed or filed."""

from collections import defaultdict
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from checks.config import AnyCheck, Config, Target
from checks.journey import Click, Expect, Goto
from checks.load import load
from checks.model import BrowserCheck, DnsCheck, HttpCheck, TcpCheck, TlsCheck
from probes.browser.guard import submits

EXAMPLE = Path(__file__).parents[2] / "examples" / "quang-ngai.yaml"
QUARTER_OF_AN_HOUR_S = 15 * 60
HOUR_S = 3600


@pytest.fixture(scope="module")
def config() -> Config:
    return load(EXAMPLE)


def hosts(target: Target[AnyCheck]) -> list[str]:
    """Name the hosts a check asks on its own account, once per request."""
    check = target.check
    if isinstance(check, HttpCheck):
        return [str(urlsplit(check.url).hostname)]
    if isinstance(check, TlsCheck | TcpCheck):
        return [check.host]
    if isinstance(check, DnsCheck):
        return [check.name]
    return [str(urlsplit(a.goto).hostname) for step in target.steps for a in step.do if isinstance(a, Goto)]


def test_nothing_is_walked_as_shipped(config: Config) -> None:
    assert not any(target.check.enabled for target in config.targets.values())


def test_it_is_still_valid_when_switched_on(tmp_path: Path) -> None:
    switched = tmp_path / "checks.yaml"
    switched.write_text(
        EXAMPLE.read_text(encoding="utf-8").replace("enabled: false", "enabled: true"), encoding="utf-8"
    )
    assert all(target.check.enabled for target in load(switched).targets.values())


def test_it_says_in_both_languages_that_it_is_not_agreed() -> None:
    head = EXAMPLE.read_text(encoding="utf-8").partition("version: 1")[0]
    assert "CHƯA THỐNG NHẤT VỚI CÁC CƠ QUAN CHỦ QUẢN" in head
    assert "NOT AGREED WITH THE OWNERS" in head


def test_no_walk_goes_beyond_the_sign_on_page(config: Config) -> None:
    depths = {getattr(target.check, "depth", "L0") for target in config.targets.values()}
    assert depths == {"L0", "L1", "L2"}


def test_every_system_is_in_production_so_that_the_guard_refuses_to_submit(config: Config) -> None:
    assert {system.environment for system in config.systems.values()} == {"production"}


def test_walks_only_open_look_and_press_what_files_nothing(config: Config) -> None:
    for target in config.targets.values():
        for action in (action for step in target.steps for action in step.do):
            assert isinstance(action, Goto | Click | Expect)
            if isinstance(action, Click):
                assert not action.click.submits
                assert not submits(str(action.click))


def test_requests_carry_nothing(config: Config) -> None:
    for check in (target.check for target in config.targets.values()):
        if isinstance(check, HttpCheck):
            assert check.method in {"GET", "HEAD"}
            assert (check.body, check.headers, check.secret_headers) == (None, {}, {})
            assert not urlsplit(check.url).query
        if isinstance(check, BrowserCheck):
            assert "${" not in " ".join(check.with_.values())


def test_no_check_comes_more_often_than_every_quarter_of_an_hour(config: Config) -> None:
    assert all(target.check.every >= QUARTER_OF_AN_HOUR_S for target in config.targets.values())


def test_no_host_is_asked_more_than_six_times_an_hour(config: Config) -> None:
    an_hour: dict[str, float] = defaultdict(float)
    for target in config.targets.values():
        for host in hosts(target):
            an_hour[host] += HOUR_S / target.check.every
    assert max(an_hour.values()) <= 6


def test_every_host_has_a_known_owner_under_gov_vn(config: Config) -> None:
    for target in config.targets.values():
        for host in hosts(target):
            assert host.endswith(".gov.vn")
            assert target.owners.owner(f"https://{host}/") == f"system:{target.system.id}"


def test_the_sign_on_hosts_are_never_typed_into(config: Config) -> None:
    signing_on = {host for outside in config.dependencies.values() if outside.sign_on for host in outside.hosts}
    assert "sso.dancuquocgia.gov.vn" in signing_on


def test_nobody_is_written_to(config: Config) -> None:
    assert config.alerts.mail is None
    assert config.alerts.rules == ()
    addresses = [address for agency in config.agencies.values() for address in agency.email]
    assert all(address.endswith("@example.org") for address in [*addresses, config.settings.contact])
