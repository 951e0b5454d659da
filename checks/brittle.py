"""Selectors that break with the next release of a portal: places in a row, and names that a program made up."""

import re
from collections.abc import Iterator

_XPATH = re.compile(r"^\s*(?:xpath[=/]|\.?\.?//?[a-zA-Z*@]|\(//)")
_PLACE = re.compile(r":(nth-(?:last-)?(?:child|of-type)|(?:first|last)-(?:child|of-type)|nth-match)\b")
_NAME = re.compile(r"""([#.])((?:[^\s#.:>+~,\[\]()"'\\]|\\.)+)|\[(id|class|name)[~|^$*]?=["']?([^"'\]]+)""")
_ESCAPE = re.compile(r"\\(?:[0-9a-fA-F]{1,6}\s?|.)")
_PROGRAMS = (
    ("React", r"^:?r[0-9a-z]*:?$|:r[0-9a-z]+:|^react[-_:]|^radix[-_:]|^headlessui-"),
    ("Ember", r"^ember\d+|^ember-"),
    ("Angular", r"^_?ng[-_](?:star|tns|c\d|content|host|[a-z]*-?\d)|^cdk-|^(?:mat|p)-[a-z-]+-\d+$"),
    ("a widget library", r"^(?:mui|chakra|mantine|rc|ant|el|ext-gen|ext-comp|yui|gwt)[-_a-z]*[-_]?\d{2,}$"),
    ("css-in-js", r"^(?:css|sc|jss|emotion|styled|svelte|astro)-[0-9a-zA-Z]{4,}|^jss\d+$|(?:__|--)[0-9A-Za-z]{5,}$"),
    ("the server's framework", r"^ctl\d+|^j_?id[_-]?t?\d+|^gwt-uid-\d+|^isc_\w+|^dnn_ctr\d+"),
)
_LONG_NUMBER = re.compile(r"\d{4,}")
_HASH = re.compile(r"[0-9a-f]{8,}|(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[0-9A-Za-z]{12,}")
_LONGEST_CHAIN = 4


def is_xpath(selector: str) -> bool:
    """Whether a selector is written as an XPath, which this language does not take."""
    return _XPATH.search(selector) is not None


def brittle(css: str) -> str | None:
    """Say why a CSS selector will not live long; None when nothing is to be said against it."""
    if is_xpath(css):
        return "is an XPath; a CSS selector is meant"
    place = _PLACE.search(css)
    if place is not None:
        return f"counts elements (:{place[1]}); the next notice or row moves it"
    for name in _names(css):
        fault = made_up(name)
        if fault is not None:
            return fault
    parts = re.split(r"\s*[>+~]\s*|\s+", re.sub(r"\[[^\]]*\]|\([^)]*\)", "", css).strip())
    if len(parts) > _LONGEST_CHAIN:
        return f"is a path of {len(parts)} elements; any change of the page's structure breaks it"
    return None


def made_up(name: str) -> str | None:
    """Say why an id or a class looks as if a program had made it up; None when a person may have."""
    maker = next((who for who, pattern in _PROGRAMS if re.search(pattern, name)), None)
    if maker is not None:
        return f"'{name}' looks made up by {maker}; the next build gives it another name"
    if _LONG_NUMBER.search(name) or _HASH.search(name):
        return f"'{name}' looks made up by a program (a number or a hash in it)"
    return None


def _names(css: str) -> Iterator[str]:
    for match in _NAME.finditer(css):
        yield _ESCAPE.sub(_unescaped, match[2] or match[4])


def _unescaped(match: re.Match[str]) -> str:
    digits = match[0][1:].strip()
    return chr(int(digits, 16)) if re.fullmatch(r"[0-9a-fA-F]{2,6}", digits) else match[0][1:]
