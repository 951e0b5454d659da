"""How names and texts that go over the wire are written: hosts, resolvers, header fields, regular expressions."""

import ipaddress
import re
from typing import Annotated

import regex
from pydantic import AfterValidator

from checks.errors import shown
from checks.text import Label, Text

_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.IGNORECASE)
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VISIBLE = re.compile(r"[\x21-\x7e]([\t\x20-\x7e]*[\x21-\x7e])?")
_FRAMING = ("connection", "content-length", "transfer-encoding")
_LONGEST_NAME = 253
_LAST_PORT = 65535


def is_name(text: str) -> bool:
    """Whether `text` is a host name in ASCII, with or without its last dot."""
    name = text.removesuffix(".")
    labels = name.split(".")
    numeric = labels[-1].isdigit()  # such a name would be taken for an address
    return len(name) <= _LONGEST_NAME and not numeric and all(_LABEL.fullmatch(label) for label in labels)


def is_address(text: str) -> bool:
    """Whether `text` is an IPv4 or IPv6 address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def is_port(text: str) -> bool:
    """Whether `text` is the number of a port."""
    return text.isascii() and text.isdigit() and len(text) <= len(str(_LAST_PORT)) and 1 <= int(text) <= _LAST_PORT


def _holds_reference(text: str) -> bool:
    return "${" in text  # looked at again once its values are put in


def _host(text: str) -> str:
    if not (_holds_reference(text) or is_address(text) or is_name(text)):
        raise ValueError(f"must be a host name or an IP address, not {shown(text)}")
    return text


def _name(text: str) -> str:
    if not (_holds_reference(text) or is_name(text)):
        raise ValueError(f"must be a domain name in ASCII (xn--… for accented ones), not {shown(text)}")
    return text


def _resolver(text: str) -> str:
    if _holds_reference(text) or is_address(text):
        return text
    host, colon, port = text.rpartition(":") if ":" in text else (text, "", "")
    if not (is_address(host.strip("[]")) or is_name(host)) or (colon and not is_port(port)):
        raise ValueError(f"must be host or host:port, not {shown(text)}")
    return text


def registered_host(text: str) -> str:
    """Return an entry of `hosts:`; ValueError: its port, its wildcard or an empty label makes it none."""
    host, _, port = text.partition(":")
    if port and not is_port(port):
        raise ValueError(f"port {port} is not between 1 and {_LAST_PORT}")
    name = host.removeprefix("*.")
    if not (is_name(name) or (is_address(name) and name == host)):
        raise ValueError(f"must be a host name or an IP address, not {shown(text)}")
    if name != host and "." not in name:
        raise ValueError(
            f"{shown(text)} would take in everybody's hosts; name at least two labels, as in *.dvc.example"
        )
    return text


def _header_name(text: str) -> str:
    if not _TOKEN.fullmatch(text):
        raise ValueError("is no header name: letters, digits and hyphens only")
    return text


def _sent_header_name(text: str) -> str:
    if text.lower() in _FRAMING:
        raise ValueError("is set by the program itself")
    return _header_name(text)


def _header_text(text: str) -> str:
    if text and not _holds_reference(text) and not _VISIBLE.fullmatch(text):
        # The text itself is not repeated: header fields carry secrets.
        raise ValueError("a header field holds visible ASCII characters only, on one line, no space at its ends")
    return text


def _expression(text: str) -> str:
    if _holds_reference(text):
        return text
    try:
        regex.compile(text)
    except regex.error as error:
        raise ValueError(f"is no regular expression: {error}") from None
    except (RecursionError, OverflowError, MemoryError):
        raise ValueError("is too large a regular expression") from None
    return text


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be one line without control characters")
    return text


HostText = Annotated[Label, AfterValidator(_host)]
"""Whom to connect to: a host name or an IP address."""

DomainName = Annotated[Label, AfterValidator(_name)]
"""A name that a resolver is asked for."""

Resolver = Annotated[Label, AfterValidator(_resolver)]
"""`host` or `host:port`."""

HeaderName = Annotated[str, AfterValidator(_header_name)]
SentHeaderName = Annotated[str, AfterValidator(_sent_header_name)]
HeaderText = Annotated[Text, AfterValidator(_header_text)]

Expression = Annotated[Text, AfterValidator(_expression)]
"""A regular expression as the module `regex` reads it."""

OneLine = Annotated[Label, AfterValidator(_one_line)]
"""A text that may stand in a header field."""
