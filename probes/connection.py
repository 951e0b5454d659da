"""From a host name to a connected, and if wanted encrypted, line: name lookup, TCP and TLS as three separate acts.

aiohttp's own connector does all three behind one trace event; a slow TLS handshake would be charged to TCP.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import Any, TypeVar

from probes.network_errors import decisive
from probes.threads import Threads

P = TypeVar("P", bound=asyncio.BaseProtocol)

Address = tuple[socket.AddressFamily, tuple[Any, ...]]
"""An address family and the address that `socket.connect` takes for it."""

Lookup = Callable[[str, int], Awaitable[Sequence[Address]]]
"""Finds the addresses of a host and port, best first. Raises socket.gaierror."""

_LOOKUPS = Threads(256, "lookup")
"""Threads for look-ups alone, made as they are needed. A queue there would be measured as slow DNS, and a resolver that
lets everybody wait for half a minute would let whatever shares its threads wait too: proof, spool, configuration."""

_NEXT_ADDRESS_AFTER_S = 0.25  # RFC 8305 "Happy Eyeballs", as browsers do: a dead IPv6 path must not look like an outage


async def system_lookup(host: str, port: int) -> Sequence[Address]:
    """Ask this machine's resolver, as a browser does: hosts file first, then its nameservers; nothing is cached."""
    return await looked_up(host, port, _LOOKUPS)


async def looked_up(host: str, port: int, threads: Executor) -> Sequence[Address]:
    """Do what `system_lookup` does, in one of these `threads`.

    Raises:
        socket.gaierror: It was not found; what cannot be a name is a name that nobody knows.
    """
    try:  # an address needs no resolver, and so no thread
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:
        asking = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        found = await asyncio.get_running_loop().run_in_executor(threads, asking)
    except UnicodeError:  # an empty label, or one of more than 63 letters
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known") from None
    return [(family, address) for family, _, _, _, address in found]


async def dial(addresses: Sequence[Address]) -> socket.socket:
    """Connect to the first address that answers, trying the next one after 250 ms or an error.

    Returns:
        A connected non-blocking socket that the caller must close or hand on.

    Raises:
        OSError: No address could be reached; the error that says most.
    """
    if len(addresses) == 1:
        return await _connect(addresses[0])
    waiting = list(addresses)
    attempts: set[asyncio.Task[socket.socket]] = set()
    errors: list[Exception] = []
    try:
        while waiting or attempts:
            if waiting:
                attempts.add(asyncio.create_task(_connect(waiting.pop(0)), name="dial"))
            pause = _NEXT_ADDRESS_AFTER_S if waiting else None
            done, _ = await asyncio.wait(attempts, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
            for attempt in done:
                attempts.discard(attempt)
                error = attempt.exception()
                if error is None:
                    return attempt.result()
                if not isinstance(error, OSError):
                    raise error
                errors.append(error)
    finally:
        await _abandon(attempts)
    raise decisive(errors)


async def _connect(address: Address) -> socket.socket:
    family, where = address
    line = socket.socket(family, socket.SOCK_STREAM)
    try:
        line.setblocking(False)
        await asyncio.get_running_loop().sock_connect(line, where)
    except BaseException:
        line.close()
        raise
    return line


async def _abandon(attempts: set[asyncio.Task[socket.socket]]) -> None:
    for attempt in attempts:
        attempt.cancel()
    for ended in await asyncio.gather(*attempts, return_exceptions=True):
        if isinstance(ended, socket.socket):
            ended.close()


async def encrypt(
    line: socket.socket, protocol: Callable[[], P], context: ssl.SSLContext, server_name: str, patience_s: float
) -> tuple[asyncio.Transport, P]:
    """Do the TLS handshake on a connected socket, which belongs to the transport from then on.

    `patience_s` only has to be longer than the caller's own limit: asyncio's default of 60 s would end a handshake
    earlier than some deadlines, with an error that looks like the server's.

    Raises:
        ssl.SSLCertVerificationError: The certificate was refused.
        OSError: The handshake failed in another way (ssl.SSLError is one).
    """
    return await asyncio.get_running_loop().create_connection(
        protocol, sock=line, ssl=context, server_hostname=server_name, ssl_handshake_timeout=patience_s
    )


async def plain(line: socket.socket, protocol: Callable[[], P]) -> tuple[asyncio.Transport, P]:
    """Put a transport and a protocol on a connected socket, without encryption."""
    return await asyncio.get_running_loop().create_connection(protocol, sock=line)
