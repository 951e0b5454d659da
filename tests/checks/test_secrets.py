"""A secret is found and masked however a text writes it, and nothing else is touched."""

import base64
import html
import json
import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from checks.errors import SecretError
from checks.run import (
    AfterRun,
    Census,
    Certificate,
    Evidence,
    Finding,
    Pushback,
    Reason,
    Screen,
    StepRun,
    Verdict,
)
from checks.secrets import MASK, Secrets, masked
from probes.browser.locate import name_pattern

CANARY = 'Chim Hoàng-Yến 7781 "O\'Hà" <&%+/\\> ậ'
PLAIN = "Bi-mat-Khong-Dau-4417"
SHORT = "ab1z"
NOW = datetime(2026, 11, 25, tzinfo=UTC)

Writing = Callable[[str], str]

WRITINGS: dict[str, Writing] = {
    "plain": str,
    "upper case": str.upper,
    "lower case": str.lower,
    "NFD": lambda v: unicodedata.normalize("NFD", v),
    "marks in another order": lambda v: v.replace("ậ", "â\u0323"),
    "percent": quote,
    "percent, all": lambda v: quote(v, safe=""),
    "percent, lower hex": lambda v: "".join(f"%{o:02x}" for o in v.encode()),
    "percent of NFD": lambda v: quote(unicodedata.normalize("NFD", v)),
    "percent twice": lambda v: quote(quote(v)),
    "form": quote_plus,
    "form twice": lambda v: quote_plus(quote_plus(v)),
    "percent u": lambda v: "".join(c if c.isascii() and c.isalnum() else f"%u{ord(c):04X}" for c in v),
    "json": lambda v: json.dumps(v)[1:-1],
    "json, letters kept": lambda v: json.dumps(v, ensure_ascii=False)[1:-1],
    "json, slashes escaped": lambda v: json.dumps(v)[1:-1].replace("/", "\\/"),
    "json, upper hex": lambda v: "".join(c if c.isascii() else f"\\u{ord(c):04X}" for c in v.replace("\\", "\\\\")),
    "json in json": lambda v: json.dumps(json.dumps(v)),
    "script braces": lambda v: "".join(f"\\u{{{ord(c):x}}}" for c in v),
    "script octets": lambda v: "".join(f"\\x{o:02x}" for o in v.encode()),
    "python": repr,
    "python octets": lambda v: repr(v.encode()),
    "html": html.escape,
    "html, decimal": lambda v: "".join(f"&#{ord(c)};" for c in v),
    "html, hex": lambda v: "".join(f"&#X{ord(c):04x};" for c in v),
    "html, named": lambda v: html.escape(v).replace("à", "&agrave;").replace("+", "&plus;").replace("%", "&percnt;"),
    "html twice": lambda v: html.escape(html.escape(v)),
    "json in html": lambda v: html.escape(json.dumps(v)),
    "html in json": lambda v: json.dumps(html.escape(v)).replace("&", "\\u0026"),
    "html in an address": lambda v: quote(html.escape(v)),
    "spaces collapsed": lambda v: v.replace(" ", "\u00a0 \n"),
    "file name": lambda v: re.sub(r'[<>:"/\\|?*]', "_", v),
    "pattern": lambda v: name_pattern(v, exact=False).pattern,
    "pattern in json": lambda v: json.dumps(name_pattern(v, exact=False).pattern)[1:-1],
    "soft hyphens": "\u00ad".join,
}
CODINGS: dict[str, Writing] = {
    "base64": lambda v: base64.b64encode(v.encode()).decode(),
    "base64 after one": lambda v: base64.b64encode(b"x" + v.encode() + b"yz").decode(),
    "base64 after two": lambda v: base64.b64encode(b"xy" + v.encode() + b"z").decode(),
    "base64, url-safe": lambda v: base64.urlsafe_b64encode(b"~~" + v.encode() + b"??").decode().rstrip("="),
    "base64 of NFD": lambda v: base64.b64encode(unicodedata.normalize("NFD", v).encode()).decode(),
    "base64 of json": lambda v: base64.b64encode(json.dumps({"name": v}).encode()).decode(),
    "base64 of a form": lambda v: base64.b64encode(f"a={quote_plus(v)}&b=c".encode()).decode(),
    "base64 of UTF-16": lambda v: base64.b64encode(v.encode("utf-16-le")).decode(),
    "base64 in an address": lambda v: quote(base64.b64encode(v.encode() + b"?>").decode(), safe=""),
}


@pytest.fixture
def secrets(tmp_path: Path) -> Secrets:
    found = Secrets({"CANARY": CANARY, "PLAIN": PLAIN, "SHORT": SHORT}, tmp_path)
    found.resolve("${env:CANARY}${env:PLAIN}${env:SHORT}")
    return found


@pytest.mark.parametrize("value", [CANARY, PLAIN, SHORT], ids=["canary", "plain", "short"])
@pytest.mark.parametrize("name", WRITINGS)
def test_a_secret_is_masked_in_every_writing_and_its_surroundings_stay(secrets: Secrets, name: str, value: str) -> None:
    said = secrets.redact(f"trước ({WRITINGS[name](value)}) sau")
    before, _, after = said.partition(MASK)
    assert before.rstrip("\"'\\b&quot;") == "trước ("  # the quotation marks around it
    assert after.lstrip("\"'\\&quot;") == ") sau"


@pytest.mark.parametrize("value", [CANARY, PLAIN, SHORT], ids=["canary", "plain", "short"])
@pytest.mark.parametrize("name", CODINGS)
def test_a_secret_is_masked_in_base64_at_every_alignment(secrets: Secrets, name: str, value: str) -> None:
    written = CODINGS[name](value)
    said = secrets.redact(f"trước: {written} :sau")
    assert MASK in said
    assert said.startswith("trước: ")
    assert said.endswith(" :sau")
    core = CODINGS["base64"](value)[4:-6]
    assert not core or core not in said


def test_a_secret_after_a_stray_percent_or_backslash_is_still_seen(secrets: Secrets) -> None:
    secrets.learn("41secret41")
    secrets.learn("u0041nter")
    assert secrets.redact("LIKE '%41secret41%'") == f"LIKE '%{MASK}%'"
    assert secrets.redact("C:\\u0041nter") == f"C:\\{MASK}"


def test_a_secret_that_looks_like_an_escape_is_masked(secrets: Secrets) -> None:
    for value in ("a\\nb%41c&lt;d", "%41%42%43%44", "&amp;&lt;&gt;", "\\\\\\\\\\"):
        secrets.learn(value)
        for name, write in WRITINGS.items():
            assert MASK in secrets.redact(f"({write(value)})"), (value, name)


class Overtaken(str):
    """A value while whose forms are made up, in a thread that clears a recording, a walk learns another one."""

    __slots__ = ("secrets",)
    secrets: Secrets

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        self.secrets.learn("học-được-giữa-chừng")
        return super().encode(encoding, errors)


def test_a_value_learnt_while_another_thread_prepares_to_look_is_masked_from_then_on(secrets: Secrets) -> None:
    slow = Overtaken("bí-mật-thứ-nhất")
    slow.secrets = secrets
    secrets.learn(slow)
    assert secrets.redact("chưa có gì") == "chưa có gì"
    assert secrets.redact("(học-được-giữa-chừng)") == f"({MASK})"


def test_several_secrets_in_one_text_are_each_masked_once(secrets: Secrets) -> None:
    assert secrets.redact(f"{PLAIN}{PLAIN} {quote(CANARY)} {PLAIN}") == f"{MASK} {MASK} {MASK}"


def test_a_text_without_secrets_is_returned_as_it_is(secrets: Secrets) -> None:
    for text in ("", "Xin chào", "%", "\\", "&", "%E1%BB", "\\u12", "&#99999999;", "\\u{110000}", "\ud800", "a\0b"):
        assert secrets.redact(text) == text


def test_octets_are_masked_in_utf_8_and_utf_16_and_others_stay(secrets: Secrets) -> None:
    noise = bytes(range(256))
    assert secrets.redact_bytes(noise) == noise
    assert secrets.redact_bytes(noise + CANARY.encode() + noise) == noise + MASK.encode() + noise
    for code in ("utf-16-le", "utf-16-be"):
        assert CANARY.encode(code) not in secrets.redact_bytes(noise + CANARY.encode(code))


@pytest.mark.parametrize("value", ["", "abc", " a + b ", "\u200ba\u200bb\u200bc"])
def test_a_value_too_short_to_be_hidden_is_refused_without_being_shown(tmp_path: Path, value: str) -> None:
    (tmp_path / "ma-pin").write_text(value, encoding="utf-8")
    secrets = Secrets({"MA_PIN": value}, tmp_path)
    with pytest.raises(SecretError, match=r"^environment variable MA_PIN holds fewer than 4 letters"):
        secrets.resolve("${env:MA_PIN}")
    with pytest.raises(SecretError, match=r"^secret file ma-pin holds fewer than 4 letters"):
        secrets.resolve("${file:ma-pin}")


def test_a_passing_value_is_forgotten_after_many_others_and_a_lasting_one_is_not(tmp_path: Path) -> None:
    secrets = Secrets({}, tmp_path)
    secrets.learn(PLAIN)
    for number in range(100_000, 100_040):
        secrets.learn(str(number), passing=True)
    assert secrets.redact(f"100000 100039 {PLAIN}") == f"100000 {MASK} {MASK}"


def test_every_text_of_a_finding_is_masked_and_names_of_ours_stay(tmp_path: Path) -> None:
    secrets = Secrets({}, tmp_path)
    for value in ("system", "screenshot", "timeout", PLAIN):
        secrets.learn(value)
    found = Finding(
        verdict=Verdict.FAILED,
        blame="system",
        reason=Reason.TIMEOUT,
        message=f"chờ {PLAIN}",
        steps=(
            StepRun(
                name=PLAIN,
                verdict=Verdict.FAILED,
                reason=Reason.TIMEOUT,
                drift=(f"dùng {quote(PLAIN)}",),
                screens=(Screen(heading=PLAIN, census=Census()),),
            ),
        ),
        certificate=Certificate(
            subject=PLAIN, issuer=PLAIN, not_before=NOW, not_after=NOW, days_left=0.0, trusted=True
        ),
        pushback=Pushback(host=PLAIN, status=429),
        after=(AfterRun(name=PLAIN, verdict=Verdict.OK, message=PLAIN),),
        evidence=(Evidence(kind="screenshot", path="screenshot.png", bytes=1, caption=PLAIN),),
    )
    hidden = masked(found, secrets.redact)
    assert PLAIN not in hidden.model_dump_json()
    assert (hidden.message, hidden.steps[0].drift) == (f"chờ {MASK}", (f"dùng {MASK}",))
    assert (hidden.blame, hidden.reason, hidden.evidence[0].path) == ("system", Reason.TIMEOUT, "screenshot.png")
    assert Finding.model_validate_json(hidden.model_dump_json()) == hidden
