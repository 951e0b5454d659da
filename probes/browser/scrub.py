"""Rewrites a Playwright trace so that it may be kept: nothing typed, no session, no secret, no body of an answer.

A trace is a zip of JSON lines (`*.trace` what was done and seen, `*.network` what was asked for) and the files they
name. It is rewritten by what may stay, so that a newer Playwright that records more does not show more.
"""

import json
import re
import time
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from checks.secrets import MASK, Secrets

Json = dict[str, Any]

RAW_LIMIT = 60_000_000
"""Bytes of an unpacked recording beyond which none is kept."""
KEPT_LIMIT = 10_000_000
"""Bytes of the file beyond which it is not kept."""

_HARMLESS = frozenset({"context-options", "event", "input"})
_KEPT_PARAMS = frozenset({
    "button", "clickCount", "force", "frame", "key", "modifiers", "noWaitAfter", "pageId", "position", "selector",
    "state", "strict", "timeout", "type", "url", "waitUntil",
})  # fmt: skip
_KEPT_HEADERS = frozenset({
    "accept", "accept-language", "age", "cache-control", "connection", "content-disposition", "content-encoding",
    "content-language", "content-length", "content-type", "date", "expires", "host", "last-modified", "retry-after",
    "server", "transfer-encoding", "user-agent", "vary", "via",
})  # fmt: skip
_REQUEST = ("method", "url", "httpVersion", "headersSize", "bodySize")
_RESPONSE = ("status", "statusText", "httpVersion", "headersSize", "bodySize", "redirectURL", "_transferSize")
_CONTENT = ("size", "mimeType", "compression")
_DRAWN = re.compile(r"text/css|image/|font/|application/(?:x-)?font|application/vnd\.ms-fontobject")
_PRESSED = frozenset({"submit", "button", "reset", "image", "checkbox", "radio"})
_ELEMENT = re.compile(r"<.*>", re.DOTALL)
_QUERY = re.compile(r"(https?://[^\s\"?#]*)[?#][^\s\"]*")
_CALL = re.compile(r"^(\s*\w+)\(.*\)$", re.DOTALL)


class TooMuchError(Exception):
    """The recording is too large, or could not be rewritten in time."""


def scrub(raw: Path, kept: Path, secrets: Secrets, until: float) -> None:
    """Rewrite the trace `raw` to `kept` until the monotonic moment `until`; takes CPU time, meant for a thread.

    Raises:
        TooMuchError: It is too large or too late; `kept` may be there in part.
        OSError, ValueError, zipfile.BadZipFile: The disk or the recording is broken.
    """
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as target:
        if sum(entry.file_size for entry in source.infolist()) > RAW_LIMIT:
            raise TooMuchError
        names = [entry.filename for entry in source.infolist()]
        drawn: set[str] = set()
        for name in names:
            if name.endswith((".trace", ".network")):
                rewrite = _network if name.endswith(".network") else _event
                lines = _lines(source, name, until)
                told = "".join(_line(rewrite(line, drawn), secrets) for line in lines)
                target.writestr(name, told)
        for name in sorted(drawn & set(names)):
            _in_time(until)
            target.writestr(name, secrets.redact_bytes(source.read(name)))
    if kept.stat().st_size > KEPT_LIMIT:
        raise TooMuchError


def _in_time(until: float) -> None:
    if time.monotonic() > until:
        raise TooMuchError


def _lines(source: zipfile.ZipFile, name: str, until: float) -> Iterator[Json]:
    with source.open(name) as file:
        for line in file:
            _in_time(until)
            yield json.loads(line)


def _line(event: Json | None, secrets: Secrets) -> str:
    """Return the line of an event with every secret masked; a line that the mask would break is left out."""
    if event is None:
        return ""
    line = secrets.redact(json.dumps(event, ensure_ascii=False, separators=(",", ":")))
    try:
        json.loads(line)
    except ValueError:
        return ""
    return line + "\n"


# -- what was done and seen


def _event(event: Json, drawn: set[str]) -> Json | None:
    match event.get("type"):
        case "before":
            return event | {"params": _params(event.get("params", {}))}
        case "after":
            return _done(event)
        case "log":
            return event | {"message": _told(str(event.get("message", "")))}
        case "frame-snapshot":
            return event | {"snapshot": _snapshot(event["snapshot"], drawn)}
        case "console":
            where = event.get("location", {})
            return event | {"location": where | {"url": _without_query(str(where.get("url", "")))}}
    return event if event.get("type") in _HARMLESS else None


def _done(event: Json) -> Json:
    kept: Json = {key: event[key] for key in ("type", "callId", "endTime", "point") if key in event}
    error = event.get("error")
    return kept if error is None else kept | {"error": {"name": error.get("name"), "message": _first(error)}}


def _snapshot(snapshot: Json, drawn: set[str]) -> Json:
    drawn.update(one["file"] for one in snapshot.get("resourceOverrides", ()) if "file" in one)
    return snapshot | {"html": _node(snapshot["html"]), "frameUrl": _without_query(str(snapshot["frameUrl"]))}


def _params(params: Mapping[str, Any]) -> Json:
    kept = {name: value for name, value in params.items() if name in _KEPT_PARAMS}
    if len(str(kept.get("key", "Enter"))) == 1:
        kept["key"] = MASK  # a letter; many of them are a text
    if "url" in kept:
        kept["url"] = _without_query(str(kept["url"]))
    # Of what has a shape the viewer expects it; better nothing than another one.
    return kept | {name: MASK for name, value in params.items() if name not in _KEPT_PARAMS and isinstance(value, str)}


def _first(error: Mapping[str, Any]) -> str:
    return (str(error.get("message", "")).splitlines() or [""])[0]


def _told(message: str) -> str:
    """Leave out what a call was given, and the source of elements: both show what stands in fields."""
    return _QUERY.sub(rf"\1?{MASK}", _CALL.sub(rf"\1({MASK})", _ELEMENT.sub("<…>", message)))


def _node(node: Any, *, hidden: bool = False) -> Any:
    """Mask what stands in the fields of a snapshot; the shape stays, because later snapshots point into it."""
    if isinstance(node, str):
        return MASK if hidden and node.strip() else node
    if not isinstance(node, list) or not node or not isinstance(node[0], str):
        return node
    name, attributes, children = node[0].upper(), dict(node[1]) if len(node) > 1 else {}, node[2:]
    editable = str(attributes.get("contenteditable", "false")).lower() != "false"
    hidden = hidden or editable or name == "TEXTAREA"
    if name == "BASE":
        attributes["href"] = _without_query(str(attributes.get("href", "")))
    if name in {"INPUT", "TEXTAREA", "SELECT", "OPTION"}:
        attributes = _field(name, attributes)
    return [node[0], attributes, *(_node(child, hidden=hidden) for child in children)] if len(node) > 1 else node


def _field(name: str, attributes: Json) -> Json:
    if name == "OPTION":
        return {key: value for key, value in attributes.items() if key not in {"selected", "__playwright_selected_"}}
    if name == "INPUT" and str(attributes.get("type", "")).lower() in _PRESSED:
        return attributes
    return attributes | {key: MASK for key in ("value", "__playwright_value_") if attributes.get(key)}


# -- what was asked for


def _network(event: Json, drawn: set[str]) -> Json | None:
    if event.get("type") != "resource-snapshot":
        return None
    whole = event["snapshot"]
    request, response = whole["request"], whole["response"]
    content = response.get("content", {})
    shown = _DRAWN.match(str(content.get("mimeType", ""))) is not None
    kept_content = {key: content[key] for key in _CONTENT if key in content}
    if shown and "_file" in content:
        drawn.add(content["_file"])
        kept_content["_file"] = content["_file"]
    return event | {
        "snapshot": {
            **{key: value for key, value in whole.items() if key not in {"request", "response"}},
            "request": _side(request, _REQUEST, shown) | {"queryString": []},
            "response": _side(response, _RESPONSE, shown) | {"content": kept_content},
        }
    }


def _side(side: Mapping[str, Any], names: tuple[str, ...], shown: bool) -> Json:
    kept = {name: side[name] for name in names if name in side}
    for name in ("url", "redirectURL"):
        if kept.get(name) and not shown:
            kept[name] = _without_query(str(kept[name]))
    headers = [
        one if str(one.get("name", "")).lower() in _KEPT_HEADERS else {"name": one.get("name"), "value": MASK}
        for one in side.get("headers", ())
    ]
    return kept | {"cookies": [], "headers": headers}


def _without_query(url: str) -> str:
    """Leave out the query: a form sent by GET has what was typed in there, and a sign-on its tickets."""
    parts = urlsplit(url)
    return parts._replace(query=MASK if parts.query else "", fragment="").geturl()
