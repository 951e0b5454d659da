"""How values are said: secrets by where they come from, stored ones by their name, others in quotation marks."""

from checks.elements_vi import quoted
from checks.text import REFERENCE

_PLACES = {"env": "biến môi trường", "file": "tệp"}


def value(text: str) -> str:
    """Say a value that is typed or chosen: `“Kinh”`, or `(bí mật từ biến môi trường MAT_KHAU)`."""
    whole = REFERENCE.fullmatch(text)
    return said(whole[1]) if whole is not None else quoted(clear(text))


def clear(text: str) -> str:
    """Put words in the place of the references that are still in a text."""
    return REFERENCE.sub(lambda match: said(match[1]), text)


def said(name: str) -> str:
    """Say what a reference stands for. A secret is never looked up."""
    kind, _, where = name.partition(":")
    if where and kind in _PLACES:
        return f"(bí mật từ {_PLACES[kind]} {where})"
    return f"(giá trị đã ghi nhớ với tên {name})"
