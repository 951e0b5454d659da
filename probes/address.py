"""Addresses as the register of owners and as people read them."""

from urllib.parse import urlsplit


def address_url(scheme: str, host: str, port: int) -> str:
    """Write a host and port as an address, an IPv6 host in brackets: `tcp://[::1]:25`."""
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def host_of(url: str) -> str:
    """Return the host of an address, with its port if it is written there, and without any password."""
    return urlsplit(url).netloc.rpartition("@")[2]
