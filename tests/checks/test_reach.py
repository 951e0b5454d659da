"""Whom a check may ask and what it may send: the honest spellings pass."""

from pathlib import Path

import pytest

from checks.load import load
from tests.checks.test_load import SOUND, problems, written


def loaded(folder: Path, check: str, hosts: str = "a.example") -> list[str]:
    text = SOUND.replace("hosts: [mot-cua.anbinh.example]", f"hosts: [mot-cua.anbinh.example, {hosts}]")
    text = text.replace("\nalerts:\n", f"  - {{id: them, system: mot-cua, {check}}}\n\nalerts:\n")
    return list(load(written(folder, text)).targets)


@pytest.mark.parametrize(
    ("check", "hosts"),
    [
        ("type: tcp, host: MOT-CUA.anbinh.example, port: 22", "a.example"),
        ("type: tcp, host: dinh-danh.example, port: 443", "a.example"),
        ("type: tcp, host: 192.0.2.1, port: 9", '"192.0.2.1:9"'),
        ("type: tls, host: cong.anbinh.example", '"*.anbinh.example"'),
        ("type: dns, name: mot-cua.anbinh.example., resolver: 192.0.2.53", "a.example"),
        ("type: dns, name: kho.example, resolver: 'ns.example:5353'", '"kho.example:8443"'),
        ("type: dns, name: _dmarc.anbinh.example, record: TXT, resolver: '[2001:db8::1]:53'", '"*.anbinh.example"'),
        ("type: dns, name: mot-cua.anbinh.example, resolver: '2001:db8::1'", "a.example"),
    ],
)
def test_a_registered_host_may_be_asked(tmp_path: Path, check: str, hosts: str) -> None:
    assert "them" in loaded(tmp_path, check, hosts)


@pytest.mark.parametrize(
    "headers",
    [
        "headers: {Accept-Language: 'vi, en;q=0.5'}",
        "headers: {Authorization: 'Bearer ${env:TOKEN}'}",
        "headers: {Cookie: 'sid=${file:secrets/phien}'}",
        "secret_headers: {X-Api-Key: '${env:KEY}'}",
    ],
)
def test_a_sound_header_may_be_sent(tmp_path: Path, headers: str) -> None:
    assert "them" in loaded(tmp_path, f"type: http, url: '${{system.url}}/', {headers}")


def test_a_value_that_spoils_a_header_is_found_when_it_is_put_in(tmp_path: Path) -> None:
    spoilt = "    url: ${system.url}/\n    headers: {X-Service: '${system.name}'}\n"
    path = written(tmp_path, SOUND.replace("    url: ${system.url}/\n", spoilt))
    said = "a header field holds visible ASCII characters only, on one line, no space at its ends"
    assert problems(path) == [f"{path}:59: checks[1]: with its values put in: {said}"]


def test_a_check_may_name_the_system_its_service_is_on(tmp_path: Path) -> None:
    text = SOUND.replace("    service: khai-sinh\n", "    service: khai-sinh\n    system: mot-cua\n")
    assert "khai-sinh" in load(written(tmp_path, text)).targets
