"""The gate that a walk's lines to unlisted hosts pass: a SOCKS5 relay that judges addresses, then connects to them.

Hosts that checks.yaml lists go around it, so that what is measured is measured without it. Whatever else a page has the
browser do (redirects, popups, frames, forms, pictures, sockets, workers, downloads, prefetching) needs a line, and a
line is had here only, on the very address that was judged. Nothing is routed or paused in the browser, whose HTTP cache
stays on.
"""

import asyncio
import errno
import socket
import struct
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from checks.owners import HostOwners, host_and_port
from probes.browser.pulse import Clock
from probes.connection import Address, Lookup, dial, system_lookup
from probes.policy import Refusal, RefusedError, permitted

REFUSED_INSIDE = "net::ERR_REFUSED_INSIDE"
"""What a request for an address inside is said to have failed with; the browser itself has no word for it."""

_SOCKS = "net::ERR_SOCKS_CONNECTION_"
_EXHAUSTED, _DENIED = "net::ERR_INSUFFICIENT_RESOURCES", "net::ERR_NETWORK_ACCESS_DENIED"
_WORDS: Mapping[int, str] = {
    errno.ECONNREFUSED: "net::ERR_CONNECTION_REFUSED",
    errno.ECONNRESET: "net::ERR_CONNECTION_RESET",
    errno.ETIMEDOUT: "net::ERR_CONNECTION_TIMED_OUT",
    errno.EHOSTUNREACH: "net::ERR_ADDRESS_UNREACHABLE",
    errno.ENETUNREACH: "net::ERR_ADDRESS_UNREACHABLE",
    errno.ENETDOWN: "net::ERR_INTERNET_DISCONNECTED",
    errno.EMFILE: _EXHAUSTED,
    errno.ENFILE: _EXHAUSTED,
    errno.ENOMEM: _EXHAUSTED,
    errno.ENOBUFS: _EXHAUSTED,
    errno.EAGAIN: _EXHAUSTED,
    errno.EADDRNOTAVAIL: _EXHAUSTED,
    errno.EADDRINUSE: _EXHAUSTED,
    errno.EPERM: _DENIED,
    errno.EACCES: _DENIED,
}
_VERSION, _CONNECT = 5, 1
_WELCOME = bytes((_VERSION, 0))
_IPV4, _NAME, _IPV6 = 1, 3, 4
_GRANTED, _FORBIDDEN, _UNREACHABLE = 0, 2, 4
_PIECE = 262_144
_LOOKUPS_AT_ONCE = 8

Place = tuple[str, int]


class _NotSocksError(Exception):
    """What arrived is not SOCKS5 as a browser speaks it."""


@dataclass(slots=True)
class Gate:
    """One gate for one walk, on a loopback port of its own; `async with` it.

    `lookup` finds addresses; each host is looked up once a walk. `refused` are the hosts that were not asked, `faults`
    why others could not be reached.
    """

    owners: HostOwners
    lookup: Lookup = system_lookup
    clock: Clock = time.monotonic
    refused: dict[Place, Refusal] = field(default_factory=dict)
    faults: dict[Place, OSError] = field(default_factory=dict)
    _known: dict[Place, Sequence[Address]] = field(default_factory=dict)
    _asked_when: dict[Place, tuple[float, float]] = field(default_factory=dict)
    _asking: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_LOOKUPS_AT_ONCE))
    _lines: set[asyncio.Task[None]] = field(default_factory=set)
    _server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        place = socket.create_server(("127.0.0.1", 0))  # which says why there is none; asyncio's own has no socket then
        self._server = await asyncio.start_server(self._begin, sock=place)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        for line in self._lines:
            line.cancel()
        await asyncio.gather(*self._lines, return_exceptions=True)

    @property
    def address(self) -> str:
        """Where it is, as a browser is told."""
        if self._server is None:
            raise RuntimeError("the gate is not open")
        return f"socks5://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    @property
    def bypass(self) -> str:
        """The hosts that need not pass it, as a browser is told; this machine has no right of way by itself."""
        return ",".join(["<-loopback>", *(host for host in self.owners.owners if not host.startswith("*."))])

    async def admit(self, url: str) -> None:
        """Judge an address before anything is asked of it; a name that cannot be found is left to the browser.

        Raises:
            RefusedError: It lies inside and nobody lists it.
        """
        host, port = _place(url)
        if not self.owners.lists(host, port):
            try:
                await self._judged(host, port)
            except OSError:
                return

    def told(self, url: str, error: str) -> str:
        """Return what a request for `url` failed with, in the words it would have without a gate."""
        if not error.startswith(_SOCKS):
            return error
        place = _place(url)
        if place in self.refused:
            return REFUSED_INSIDE
        fault = self.faults.get(place)
        if isinstance(fault, socket.gaierror):
            return "net::ERR_NAME_NOT_RESOLVED"
        return _WORDS.get(fault.errno or 0, "net::ERR_CONNECTION_FAILED") if fault is not None else error

    def refusal_of(self, url: str) -> Refusal | None:
        """Return why the host of `url` was not asked, if it was not."""
        return self.refused.get(_place(url))

    def asked_when(self, url: str) -> tuple[float, float] | None:
        """Return from when until when our resolver was asked for the host of `url`, if it was asked here."""
        return self._asked_when.get(_place(url))

    async def _judged(self, host: str, port: int) -> Sequence[Address]:
        place, began = (host, port), self.clock()
        async with self._asking:
            if place not in self._known:
                self._known[place] = await self.lookup(host, port)
                self._asked_when[place] = began, self.clock()
        try:
            return permitted(self.owners, host, port, self._known[place])
        except RefusedError as error:
            self.refused[place] = error.refusal
            raise

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._line(reader, writer), name="gate line")
        self._lines.add(task)
        task.add_done_callback(self._lines.discard)

    async def _line(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._serve(reader, writer)
        except (_NotSocksError, OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = await _asked(reader, writer)
        line = await self._connected(host, port)
        if isinstance(line, int):
            writer.write(_reply(line))
            await writer.drain()
            return
        far_reader, far_writer = await asyncio.open_connection(sock=line)
        try:
            writer.write(_reply(_GRANTED))
            async with asyncio.TaskGroup() as both:
                both.create_task(_pump(reader, far_writer), name="gate out")
                both.create_task(_pump(far_reader, writer), name="gate in")
        finally:
            far_writer.transport.abort()

    async def _connected(self, host: str, port: int) -> socket.socket | int:
        try:
            return await dial(await self._judged(host, port))
        except RefusedError:
            return _FORBIDDEN
        except OSError as error:
            self.faults[host, port] = error
            return _UNREACHABLE


def _place(url: str) -> Place:
    host, port = host_and_port(url)
    return host, port or 0


async def _asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Place:
    """Read whom the browser wants to reach; names are looked up here and not there."""
    version, methods = await reader.readexactly(2)
    if version != _VERSION:
        raise _NotSocksError
    await reader.readexactly(methods)
    writer.write(_WELCOME)
    version, command, _, kind = await reader.readexactly(4)
    if (version, command) != (_VERSION, _CONNECT):
        raise _NotSocksError
    if kind == _NAME:
        host = (await reader.readexactly((await reader.readexactly(1))[0])).decode("ascii", "replace").lower()
    elif kind in (_IPV4, _IPV6):
        family, size = (socket.AF_INET, 4) if kind == _IPV4 else (socket.AF_INET6, 16)
        host = socket.inet_ntop(family, await reader.readexactly(size))
    else:
        raise _NotSocksError
    return host, struct.unpack("!H", await reader.readexactly(2))[0]


def _reply(code: int) -> bytes:
    return bytes((_VERSION, code, 0, _IPV4, 0, 0, 0, 0, 0, 0))


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Hand on what comes until there is no more; a side that breaks ends it without a word."""
    try:
        while piece := await source.read(_PIECE):
            sink.write(piece)
            await sink.drain()
        if sink.can_write_eof():
            sink.write_eof()
    except OSError:
        sink.transport.abort()
