"""The smaller words: durations, messages, owners of hosts, secrets, counts, alert routing."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from pydantic import ValidationError

from checks.config import matches, recipients
from checks.errors import SecretError
from checks.locator import Condition, Locator
from checks.model import AlertRule, Dependency, HttpCheck, Match, System
from checks.owners import HostOwners
from checks.run import Run, Slot, UxCounts, Verdict, clean_message
from checks.secrets import MASK, Secrets
from checks.text import octets, seconds, spoken
from tests import samples


@pytest.mark.parametrize(
    ("text", "expected"), [("250ms", 0.25), ("30s", 30), ("10m", 600), ("1.5h", 5400), ("7d", 604800)]
)
def test_durations_are_read_as_seconds(text: str, expected: float) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["30", "30 s", "-5s", "0s", "1h30m", "", None, 30, True])
def test_anything_else_is_no_duration(text: object) -> None:
    with pytest.raises(ValueError, match="must be"):
        seconds(text)


def test_durations_are_spoken_as_they_are_written() -> None:
    assert [spoken(value) for value in (0.25, 30.0, 90.0, 600.0, 7200.0, 172800.0)] == [
        "0.25s", "30s", "90s", "10m", "2h", "2d",
    ]  # fmt: skip


def test_sizes_are_decimal() -> None:
    assert octets("200KB") == 200_000
    with pytest.raises(ValueError, match="must be a size"):
        octets("200kib")


def test_a_hostile_message_becomes_one_plain_capped_line() -> None:
    assert clean_message("a\n\x00b\u202ec\t d") == "a b c d"
    assert len(clean_message("x" * 10_000)) == 500


def test_an_unknown_key_in_what_people_write_is_refused_with_the_nearest_known_one() -> None:
    with pytest.raises(ValidationError, match="did you mean 'name'"):
        Dependency.model_validate({"id": "a", "nam": "A", "hosts": ["a.example"]})


def test_an_unknown_key_in_a_result_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"click\b"):
        UxCounts.model_validate({"click": 1})


def test_ux_counts_add_up_and_keep_the_clicks_to_find() -> None:
    total = UxCounts(clicks=2, clicks_to_find=2) + UxCounts(clicks=3, fields=1)
    assert (total.clicks, total.fields, total.clicks_to_find) == (5, 1, 2)


def test_a_run_survives_json_unchanged() -> None:
    run = samples.run(message="Bước “Đăng nhập”: không thấy nút", verdict=Verdict.FAILED, blame="dependency:dinh-danh")
    assert Run.model_validate_json(run.model_dump_json()) == run


def test_moments_are_kept_in_utc() -> None:
    hanoi = timezone(timedelta(hours=7))
    slot = Slot(check="a", location="b", due_at=datetime(2026, 11, 10, 12, 0, tzinfo=hanoi))
    assert slot.due_at == datetime(2026, 11, 10, 5, 0, tzinfo=UTC)
    assert slot.id == "a.b.1794286800"


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValidationError, match="timezone"):
        Slot(check="a", location="b", due_at=datetime(2026, 11, 10))  # noqa: DTZ001  # the point of the test


def test_the_most_exact_host_entry_wins() -> None:
    systems = [
        System(id="tinh", name="T", agency="a", url="http://x", hosts=("dvc.example", "*.tinh.example")),
        System(id="xa", name="X", agency="a", url="http://x", hosts=("dvc.example:8443", "xa.tinh.example")),
    ]
    owners = HostOwners.of(systems, [Dependency(id="cdn", name="C", hosts=("*.cdn.tinh.example",))])
    assert owners.owner("https://dvc.example/a") == "system:tinh"
    assert owners.owner("https://DVC.example:8443/a") == "system:xa"
    assert owners.owner("https://xa.tinh.example/") == "system:xa"
    assert owners.owner("https://a.b.tinh.example/") == "system:tinh"
    assert owners.owner("https://js.cdn.tinh.example/") == "dependency:cdn"
    assert owners.owner("https://elsewhere.example/") == "third_party"
    assert owners.owner("http://[broken") == "third_party"


def test_a_fault_is_charged_to_the_owner_of_the_host_as_seen_from_the_watched_system() -> None:
    tinh = System(id="tinh", name="T", agency="a", url="http://x", hosts=("tinh.example",))
    xa = System(id="xa", name="X", agency="a", url="http://x", hosts=("xa.example",))
    cdn = Dependency(id="cdn", name="C", hosts=("cdn.example",))
    owners = HostOwners.of([tinh, xa], [cdn]).seen_from("tinh")
    assert owners.blame("https://tinh.example/") == "system"
    assert owners.blame("https://xa.example/") == "dependency:xa"
    assert owners.blame("https://cdn.example/") == "dependency:cdn"
    assert owners.blame("https://elsewhere.example/") == "system"


def test_secrets_are_resolved_and_then_masked_everywhere(tmp_path: Path) -> None:
    (tmp_path / "mat-khau").write_text("Bí-mật-123\n", encoding="utf-8")
    secrets = Secrets({"TOKEN": "t0ken-of-env"}, tmp_path)
    assert secrets.resolve("${file:mat-khau}/${env:TOKEN}") == "Bí-mật-123/t0ken-of-env"
    assert secrets.redact("sai: Bí-mật-123, t0ken-of-env") == f"sai: {MASK}, {MASK}"


def test_a_missing_secret_is_named_not_shown(tmp_path: Path) -> None:
    secrets = Secrets({}, tmp_path)
    with pytest.raises(SecretError, match="environment variable TOKEN is not set"):
        secrets.resolve("${env:TOKEN}")
    with pytest.raises(SecretError, match="secret file nowhere cannot be read"):
        secrets.resolve("${file:nowhere}")


def test_a_locator_says_itself_in_one_line() -> None:
    assert str(Locator(role="button", name="Nộp hồ sơ")) == 'button "Nộp hồ sơ"'
    assert str(Condition(visible=Locator(label="Họ tên"))) == 'visible label "Họ tên"'


def test_a_rule_matches_only_what_fits_every_key() -> None:
    target = samples.target(samples.check(HttpCheck, url="http://127.0.0.1:9472/"))
    assert matches(Match(), target)
    assert matches(Match(types=("http",), agencies=("so-tu-phap",)), target)
    assert not matches(Match(types=("http",), agencies=("so-khcn",)), target)


def test_the_agency_and_the_operator_are_told_once_each() -> None:
    target = samples.target(samples.check(HttpCheck, url="http://127.0.0.1:9472/"))
    agencies = {agency.id: agency for agency in (samples.AGENCY, samples.OPERATOR)}
    rule = AlertRule(id="down", to=("agency", "operator", "so-tu-phap@anbinh.example"))
    assert recipients(rule, target, agencies) == ("so-tu-phap@anbinh.example", "so-khcn@anbinh.example")
