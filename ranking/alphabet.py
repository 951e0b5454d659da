"""Sorting by the Vietnamese alphabet: letters first, then tones, then case (the order of CLDR's `vi`)."""

import re
import unicodedata

_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_ORDER = {letter: place for place, letter in enumerate(_LETTERS, start=1)}
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}  # huyền, hỏi, ngã, sắc, nặng
_TOKEN = re.compile(r"\d+|.", re.DOTALL)

Key = tuple[tuple[tuple[int, int], ...], tuple[int, ...], str]


def _letter_and_tone(character: str) -> tuple[str, int]:
    parts = unicodedata.normalize("NFD", character)
    tone = next((_TONES[part] for part in parts if part in _TONES), 0)
    bare = unicodedata.normalize("NFC", "".join(part for part in parts if part not in _TONES))
    return bare, tone


def vietnamese_key(text: str) -> Key:
    """Return a sort key: a < ă < â, d < đ, ngang < huyền < hỏi < ngã < sắc < nặng, `Phường 2` < `Phường 10`."""
    letters: list[tuple[int, int]] = []
    tones: list[int] = []
    composed = unicodedata.normalize("NFC", text)
    for token in _TOKEN.findall(composed.lower()):
        if token.isdecimal():
            letters.append((1, int(token)))
            continue
        letter, tone = _letter_and_tone(token)
        known = _ORDER.get(letter)
        letters.append((2, known) if known is not None else (0 if token.isspace() else 3, ord(token[0])))
        tones.append(tone)
    return tuple(letters), tuple(tones), composed
