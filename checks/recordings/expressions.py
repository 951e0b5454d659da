"""The few scripts that recordings wait for and that say what a citizen can see."""

import re

from checks.recordings.recording import Written
from checks.recordings.words import path_of

_TEXT = r"""(?P<quote>["'`])(?P<text>(?:(?!(?P=quote)).)+)(?P=quote)"""
_TITLE = re.compile(rf"^\(?document\.title\)?\s*(?:===?\s*|\.(?:includes|startsWith|endsWith)\(\s*){_TEXT}\s*\)?$")
_URL = re.compile(
    rf"^(?:window\.|document\.)?location(?:\.href|\.pathname)?\s*(?:===?\s*|\.(?:includes|startsWith|endsWith)\(\s*){_TEXT}\s*\)?$"
)
_BODY = re.compile(rf"^document\.(?:body|documentElement)\.(?:innerText|textContent)\.includes\(\s*{_TEXT}\s*\)$")
_ELEMENT = re.compile(rf"^!?!?\(?\s*document\.querySelector\(\s*{_TEXT}\s*\)\s*\)?(?:\s*!==?\s*null)?$")
_NO_ELEMENT = re.compile(
    rf"^(?:!\s*document\.querySelector\(\s*{_TEXT}\s*\)|document\.querySelector\(\s*(?P<q>[\"'])(?P<css>.+?)(?P=q)\s*\)\s*===?\s*null)$"
)


def condition_of(expression: str) -> Written | None:
    """Return the condition that `expression` asks for; None when it is any other script."""
    script = expression.strip().rstrip(";").removeprefix("return ").strip()
    if found := _TITLE.match(script):
        return {"title": found["text"]}
    if found := _URL.match(script):
        text = found["text"]
        return {"url": path_of(text) if "://" in text else text}
    if found := _BODY.match(script):
        return {"text": found["text"]}
    if found := _NO_ELEMENT.match(script):
        return {"hidden": {"css": found["text"] or found["css"]}}
    if found := _ELEMENT.match(script):
        return {"visible": {"css": found["text"]}}
    return None
