import unicodedata

import pytest

from ranking.alphabet import vietnamese_key


@pytest.mark.parametrize(
    "ordered",
    [
        ["An", "Ăn", "Ân", "Ba", "Da", "Đa", "Ea", "Êa", "Ga", "Oa", "Ôa", "Ơa", "Ua", "Ưa", "Va"],
        ["ma", "mà", "mả", "mã", "má", "mạ"],
        ["Bà An", "Ba Bình"],  # letters decide before tones
        ["Phường 2", "Phường 10"],
        ["Sở Nội vụ", "Sở Tài chính", "Sở Tư pháp", "Sở Y tế"],
        ["Xã Ba Tơ", "Xã Đức Phổ", "Xã Lý Sơn"],
        ["cơ", "cỡ", "cơm"],
    ],
)
def test_names_stand_in_the_order_of_the_vietnamese_alphabet(ordered: list[str]) -> None:
    assert sorted(frozenset(ordered), key=vietnamese_key) == ordered


def test_composed_and_decomposed_spellings_are_the_same_name() -> None:
    name = "Trương Quang Trọng"
    assert vietnamese_key(unicodedata.normalize("NFD", name)) == vietnamese_key(name)
