"""What stands in the mails."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from checks.incident import OutgoingMail
from tests.alerting.letter_cases import mails

GOLDEN = Path(__file__).parent / "golden"
NAMES = ("failed", "over", "dependency", "slow", "blocked", "hostile")


class Tags(HTMLParser):
    """Collects the names of the tags and the addresses of links."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.links: list[str | None] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.links += [value for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        self.words += data.split()


def parsed(mail: OutgoingMail) -> Tags:
    tags = Tags()
    tags.feed(mail.html)
    return tags


@pytest.mark.parametrize("name", NAMES)
def test_mails_are_written_exactly_as_agreed(name: str) -> None:
    mail = mails()[name]
    assert f"{mail.subject}\n\n{mail.text}" == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")
    assert mail.html == (GOLDEN / f"{name}.html").read_text(encoding="utf-8")


def test_the_subjects_name_state_service_agency_and_moment() -> None:
    found = mails()
    assert found["failed"].subject == "[dvcwatch] HỎNG: Đăng ký khai sinh – Sở Tư pháp (từ 12:05 10/11/2026)"
    assert found["over"].subject == "[dvcwatch] ĐÃ KHÔI PHỤC: Đăng ký khai sinh – Sở Tư pháp (từ 14:10 10/11/2026)"


def test_a_fault_of_an_outside_system_does_not_blame_the_agency() -> None:
    mail = mails()["dependency"]
    for part in (mail.text, mail.html):
        assert "Phát sinh tại hệ thống bên ngoài “Định danh điện tử”" in part
        assert "hệ thống của Quý cơ quan không bị ghi lỗi" in part
    assert mail.to == ("so-khcn@anbinh.example",)
    assert mail.text.startswith("Kính gửi: Sở Khoa học và Công nghệ\n")


def test_the_all_clear_tells_how_long_it_lasted() -> None:
    assert "- Kéo dài: 2 giờ 5 phút\n" in mails()["over"].text


def test_both_parts_say_the_same() -> None:
    for mail in mails().values():
        for fact in re.findall(r"^- [^:]+: (.+)$", mail.text, re.MULTILINE):
            assert fact.split() == [word for word in fact.split() if word in parsed(mail).words]


def test_without_a_board_there_is_no_link() -> None:
    mail = mails()["blocked"]
    assert parsed(mail).links == []
    assert "/runs/" not in mail.text


def test_hostile_text_stays_text() -> None:
    mail = mails()["hostile"]
    assert "script" not in parsed(mail).names
    assert "b" not in parsed(mail).names
    assert parsed(mail).links == ["https://do.anbinh.example/runs/khai-sinh.an-binh.1794287100"]
    assert not re.search(r"^Bcc:", mail.subject + "\n" + mail.text, re.MULTILINE)
    assert all(c.isprintable() for c in mail.subject)
    assert all(c.isprintable() or c == "\n" for c in mail.text)


def test_nothing_is_loaded_from_anywhere() -> None:
    for mail in mails().values():
        assert not parsed(mail).names & {"img", "link", "script", "style", "iframe"}
        assert "url(" not in mail.html
