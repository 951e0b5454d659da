"""Reference targets: who answers as long as our own network works, and belongs to nobody that is watched."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from checks.frozen import Frozen
from checks.text import PlainUrl
from checks.wire import DomainName, HostText, Resolver, is_address

_DNS_PORT = 53


def _written_out(text: str) -> str:
    if "${" in text:
        raise ValueError("must be written out; nothing is put in here")
    return text


WrittenOut = AfterValidator(_written_out)


class DnsReference(Frozen):
    """A name that a resolver knows as long as it works."""

    type: Literal["dns"] = Field(description="Makes it a name that is looked up.")
    name: Annotated[DomainName, WrittenOut] = Field(description="A name that is known to exist.")
    resolver: Annotated[Resolver, WrittenOut] | None = Field(
        default=None, description="host or host:port; the machine's own when absent."
    )

    @property
    def label(self) -> str:
        """What it is called on the board, in metrics and logs."""
        return f"dns {self.name}" + (f" @{self.resolver}" if self.resolver is not None else "")

    @property
    def url(self) -> str:
        """Whom it asks, as an address whose owner can be looked up: the resolver, else the name."""
        return f"dns://{self.resolver or self.name}"

    @property
    def by_name(self) -> bool:
        """Whether it needs this machine's own resolver."""
        host = urlsplit(f"//{self.resolver}").hostname if self.resolver is not None else None
        return host is None or not is_address(host)


class TcpReference(Frozen):
    """A server that takes connections."""

    type: Literal["tcp"] = Field(description="Makes it a connection that is opened and closed.")
    host: Annotated[HostText, WrittenOut] = Field(description="Name or address to connect to.")
    port: int = Field(ge=1, le=65535, description="TCP port.")

    @property
    def label(self) -> str:
        """What it is called on the board, in metrics and logs."""
        return f"tcp {self.host}:{self.port}"

    @property
    def url(self) -> str:
        """Whom it asks, as an address whose owner can be looked up."""
        return f"tcp://[{self.host}]:{self.port}" if ":" in self.host else f"tcp://{self.host}:{self.port}"

    @property
    def by_name(self) -> bool:
        """Whether it needs this machine's own resolver."""
        return not is_address(self.host)


class HttpReference(Frozen):
    """A web server; whatever it answers counts, and its Date tells whether our clock is right."""

    type: Literal["http"] = Field(description="Makes it a request (HEAD).")
    url: PlainUrl = Field(description="What is asked for; any answer counts.")

    @property
    def label(self) -> str:
        """What it is called on the board, in metrics and logs."""
        return f"http {urlsplit(self.url).netloc}"

    @property
    def by_name(self) -> bool:
        """Whether it needs this machine's own resolver."""
        return not is_address(urlsplit(self.url).hostname or "")


ReferenceTarget = Annotated[DnsReference | TcpReference | HttpReference, Field(discriminator="type")]
"""One reference target; see docs/measures.md, "The network here"."""
