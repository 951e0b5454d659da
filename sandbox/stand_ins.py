"""Who stands at the address of a listener that a fault has closed: nobody who answers, or one who cuts or refuses."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping

Address = tuple[str, int]
Leave = Callable[[], Awaitable[None]]
_PROTOCOL_VERSION = bytes.fromhex("15030100020246")  # a TLS record: alert, fatal, protocol_version


async def full_queue(address: Address) -> Leave:
    """Fill the queue of connections, so that the kernel leaves every further one unanswered."""
    listener = _listener(address, queue=0)
    waiting = [socket.socket() for _ in range(8)]
    for line in waiting:
        line.setblocking(False)
        line.connect_ex(address)

    async def leave() -> None:
        for line in (*waiting, listener):
            line.close()

    return leave


async def cutter(address: Address) -> Leave:
    """Hear the first octets of each connection, then reset it."""
    return await _serving(address, b"")


async def speaker_of_old_tls(address: Address) -> Leave:
    """Refuse each handshake as a server does that speaks none of the versions offered."""
    return await _serving(address, _PROTOCOL_VERSION)


async def _serving(address: Address, says: bytes) -> Leave:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.read(4096)
        except ConnectionError:  # the caller was faster
            return
        if says:
            writer.write(says)
            writer.close()
            return
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    server = await asyncio.start_server(talk, sock=_listener(address, queue=128))

    async def leave() -> None:
        server.close()
        await server.wait_closed()

    return leave


STAND_INS: Mapping[str, Callable[[Address], Awaitable[Leave]]] = {
    "deaf": full_queue,
    "tls_cut": cutter,
    "tls_old": speaker_of_old_tls,
}
"""Fault -> who stands there while it lasts."""


def _listener(address: Address, queue: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(address)
    listener.listen(queue)
    listener.setblocking(False)
    return listener
