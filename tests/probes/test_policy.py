"""The rule about addresses: which lie inside, which of a host's may be asked, and whom a refusal may accuse."""

import socket

import pytest

from checks.owners import HostOwners
from checks.run import Reason, Verdict
from probes.connection import Address
from probes.policy import Depth, Led, Refusal, RefusedError, concluded, depth, is_literal, permitted

OWNERS = HostOwners(
    {
        "10.1.2.3:8080": "system:mot-cua",
        "mot-cua.tinh.example": "system:mot-cua",
        "*.tinh.example": "system:mot-cua",
        "dinh-danh.example": "dependency:dinh-danh",
    },
    home="mot-cua",
)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("203.113.131.1", Depth.PUBLIC),
        ("8.8.8.8", Depth.PUBLIC),
        ("172.15.255.255", Depth.PUBLIC),
        ("172.32.0.0", Depth.PUBLIC),
        ("100.63.255.255", Depth.PUBLIC),
        ("100.128.0.0", Depth.PUBLIC),
        ("192.167.255.255", Depth.PUBLIC),
        ("192.169.0.0", Depth.PUBLIC),
        ("223.255.255.255", Depth.PUBLIC),
        ("10.0.0.0", Depth.PRIVATE),
        ("10.255.255.255", Depth.PRIVATE),
        ("172.16.0.1", Depth.PRIVATE),
        ("172.31.255.255", Depth.PRIVATE),
        ("192.168.1.1", Depth.PRIVATE),
        ("100.64.0.1", Depth.PRIVATE),
        ("100.100.100.200", Depth.PRIVATE),  # metadata of a cloud
        ("198.18.0.1", Depth.PRIVATE),
        ("127.0.0.1", Depth.MACHINE),
        ("127.255.255.254", Depth.MACHINE),
        ("0.0.0.0", Depth.MACHINE),
        ("0.1.2.3", Depth.MACHINE),
        ("169.254.169.254", Depth.NOWHERE),  # metadata of most clouds
        ("168.63.129.16", Depth.NOWHERE),  # metadata of another, on an address that looks public
        ("192.0.0.192", Depth.NOWHERE),  # and of a third
        ("224.0.0.251", Depth.NOWHERE),
        ("239.255.255.255", Depth.NOWHERE),
        ("240.0.0.1", Depth.NOWHERE),
        ("255.255.255.255", Depth.NOWHERE),
        ("2405:4800::1", Depth.PUBLIC),
        ("fc00::1", Depth.PRIVATE),
        ("fd00:ec2::254", Depth.PRIVATE),  # metadata of a cloud
        ("64:ff9b:1::1", Depth.PRIVATE),
        ("::1", Depth.MACHINE),
        ("::", Depth.MACHINE),
        ("fe80::1", Depth.NOWHERE),
        ("fe80::1%eth0", Depth.NOWHERE),
        ("fec0::1", Depth.NOWHERE),
        ("ff02::1", Depth.NOWHERE),
        ("100::1", Depth.NOWHERE),
        ("::ffff:8.8.8.8", Depth.PUBLIC),
        ("::ffff:10.1.2.3", Depth.PRIVATE),
        ("::ffff:127.0.0.1", Depth.MACHINE),
        ("::ffff:169.254.169.254", Depth.NOWHERE),
        ("64:ff9b::8.8.8.8", Depth.PUBLIC),
        ("64:ff9b::127.0.0.1", Depth.MACHINE),
        ("64:ff9b::10.1.2.3", Depth.PRIVATE),
        ("2002:0a01:0203::1", Depth.PRIVATE),  # 6to4 of 10.1.2.3
        ("2002:0808:0808::1", Depth.PUBLIC),
        ("2001:0:0a01:203::", Depth.NOWHERE),  # Teredo: from server 10.1.2.3 to client 255.255.255.255
    ],
)
def test_every_address_has_its_depth(address: str, expected: Depth) -> None:
    assert depth(address) is expected


def at(*addresses: str) -> list[Address]:
    return [(socket.AF_INET6 if ":" in one else socket.AF_INET, (one, 443)) for one in addresses]


def test_public_addresses_may_be_asked_by_anybodys_name() -> None:
    assert permitted(OWNERS, "noi-khac.example", 443, at("203.113.131.1")) == at("203.113.131.1")


def test_of_a_mixed_answer_only_the_public_part_is_asked() -> None:
    mixed = at("10.1.2.3", "203.113.131.1", "::1")

    assert permitted(OWNERS, "noi-khac.example", 443, mixed) == at("203.113.131.1")


@pytest.mark.parametrize(
    ("host", "port"),
    [("10.1.2.3", 8080), ("mot-cua.tinh.example", 443), ("MOT-CUA.tinh.example.", 80), ("dinh-danh.example", 8443)],
)
def test_a_host_that_is_listed_is_asked_wherever_it_lies(host: str, port: int) -> None:
    assert permitted(OWNERS, host, port, at("10.1.2.3", "127.0.0.1")) == at("10.1.2.3", "127.0.0.1")


@pytest.mark.parametrize(
    ("host", "port"),
    [("10.1.2.3", 80), ("10.1.2.4", 8080), ("con.tinh.example", 443), ("tinh.example", 443), ("[::1]", 80)],
)
def test_a_wildcard_or_another_port_opens_nothing_inside(host: str, port: int) -> None:
    with pytest.raises(RefusedError) as refused:
        permitted(OWNERS, host, port, at("10.1.2.3"))

    assert (refused.value.refusal.host, refused.value.refusal.depth) == (host, Depth.PRIVATE)


@pytest.mark.parametrize(
    ("host", "literal"),
    [("10.1.2.3", True), ("[::1]", True), ("::1", True), ("localhost", True), ("a.localhost.", True), ("a.vn", False)],
)
def test_only_an_address_itself_and_localhost_are_the_same_for_everybody(host: str, literal: bool) -> None:
    assert is_literal(host) is literal


def refusal(host: str, address: str) -> Refusal:
    return Refusal(host, 80, address, depth(address), is_literal(host))


@pytest.mark.parametrize(
    ("refused", "seen_from", "holds"),
    [
        (refusal("10.1.2.3", "10.1.2.3"), Depth.PUBLIC, True),
        (refusal("localhost", "127.0.0.1"), Depth.PUBLIC, True),
        (refusal("x.example", "127.0.0.1"), Depth.PUBLIC, True),
        (refusal("x.example", "169.254.169.254"), Depth.PUBLIC, True),
        (refusal("x.example", "10.1.2.3"), Depth.PUBLIC, False),  # may be public outside
        (refusal("10.1.2.4", "10.1.2.4"), Depth.PRIVATE, False),  # a neighbour inside the same network
        (refusal("127.0.0.1", "127.0.0.1"), Depth.PRIVATE, True),
        (refusal("127.0.0.2", "127.0.0.2"), Depth.MACHINE, False),
    ],
)
def test_a_refusal_accuses_only_where_nobody_at_home_could_have_gone(
    refused: Refusal, seen_from: Depth, holds: bool
) -> None:
    assert refused.holds_for_citizens(seen_from) is holds


@pytest.mark.parametrize(
    ("led", "host", "expected"),
    [
        (None, "10.1.2.3", (Verdict.INCONCLUSIVE, Reason.CONFIG, "agent")),
        (Led("https://mot-cua.tinh.example/", Depth.PUBLIC), "10.1.2.3", (Verdict.FAILED, Reason.REDIRECT, "system")),
        (
            Led("https://dinh-danh.example/", Depth.PUBLIC),
            "10.1.2.3",
            (Verdict.FAILED, Reason.REDIRECT, "dependency:dinh-danh"),
        ),
        (Led("https://mot-cua.tinh.example/", Depth.PUBLIC), "x.vn", (Verdict.INCONCLUSIVE, Reason.CONFIG, "agent")),
    ],
)
def test_whoever_sent_us_inside_is_charged_and_we_ourselves_if_nobody_did(
    led: Led | None, host: str, expected: tuple[Verdict, Reason, str]
) -> None:
    said = concluded(refusal(host, "10.1.2.3"), led, OWNERS)

    assert (said.verdict, said.reason, said.blame) == expected
    assert "10.1.2.3" in said.message
