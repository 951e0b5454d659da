"""Hostile and careless pages as text: bounded, and never a crash."""

import pytest

from probes.page_text import PageText, Unpacker, composed, page_text


@pytest.mark.parametrize(
    "charset", ["idna", "punycode", "unicode_escape", "rot13", "utf-7", "khong-co", "\x00", "x" * 5000]
)
def test_an_unsafe_or_unknown_charset_is_read_as_utf_8(charset: str) -> None:
    assert page_text("Đăng ký".encode(), charset, is_html=False).written == "Đăng ký"


@pytest.mark.parametrize("charset", ["utf-8", "UTF8", "utf-16", "windows-1258", "us-ascii", "iso-8859-1"])
def test_the_charsets_of_real_pages_are_known(charset: str) -> None:
    assert page_text("ma so".encode(charset), charset, is_html=False).written == "ma so"


def test_octets_that_do_not_fit_are_replaced_and_a_byte_order_mark_is_left_out() -> None:
    assert page_text(b"\xef\xbb\xbfa\xffb", None, is_html=False).written == "a\ufffdb"


def test_an_endless_character_reference_does_no_harm() -> None:
    text = page_text(b"&#" + b"9" * 5000 + b"; Trang ch\xe1\xbb\xa7", None, is_html=True)

    assert text.contains("Trang chủ")


def test_what_is_written_and_what_is_read_are_both_found() -> None:
    text = page_text(b"R&amp;D", None, is_html=True)

    assert text.contains("R&D")
    assert text.contains("R&amp;D")
    assert not text.contains("R & D")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Thành phần hồ sơ", "Thành phần hồ sơ"),
        ("Thành\n\t phần\xa0hồ sơ", " Thành phần\r\nhồ   sơ "),
        ("Tha\u0300nh phâ\u0300n", "Thành phần"),
        ("Thành phần", "Tha\u0300nh phâ\u0300n"),
    ],
)
def test_a_text_is_found_whatever_its_white_space_and_normal_form(written: str, expected: str) -> None:
    text = page_text(f"<p>{written}</p>".encode(), "utf-8", is_html=True)

    assert text.contains(expected)
    assert PageText(composed(text.normal), is_html=False).contains(expected)


def test_a_letter_is_not_found_in_another_that_is_written_with_a_mark() -> None:
    assert not page_text("hoà".encode(), "utf-8", is_html=True).contains("hoa")
    assert not page_text("hoa\u0300".encode(), "utf-8", is_html=True).contains("hoa")


def test_an_unpacker_never_gives_more_than_there_is_room_for() -> None:
    assert Unpacker("").feed(b"abc", 2) == b"ab"
