"""Real servers on loopback that answer well, badly, late or never."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
LOOPBACK = "127.0.0.1"


@asynccontextmanager
async def web_server(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Serve every path and method with `handler`; gives the port."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, LOOPBACK, 0, ssl_context=tls)
    await site.start()
    try:
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


@asynccontextmanager
async def raw_server(talk: Talk, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Run `talk` on every connection; gives the port. A talk still going on at the end is ended."""
    talks: set[asyncio.Task[None]] = set()

    async def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        try:
            await talk(reader, writer)
        except OSError:
            pass  # the probe has hung up, which is its right
        finally:
            talks.discard(task)
            writer.transport.abort()

    server = await asyncio.start_server(begin, LOOPBACK, 0, ssl=tls)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for task in list(talks):
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)


def answering(page: str, after_s: float = 0.0) -> Handler:
    """Serve an HTML page from a server that takes so long for it."""

    async def answer(_request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(after_s)  # how slow the server is: nobody waits here for something else to happen
        return web.Response(text=page, content_type="text/html")

    return answer


def saying(answer: bytes) -> Talk:
    """Read the request, send `answer`, hang up."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    return talk


def saying_and_staying(answer: bytes) -> Talk:
    """Read the request, send `answer`, and then keep the line open in silence."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        await silent(reader, writer)

    return talk


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Never say anything."""
    await asyncio.Event().wait()


async def resetting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hear something, then reset the connection instead of ending it."""
    await reader.read(1)
    line = writer.get_extra_info("socket")
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")


async def hanging_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hear the request and end the connection without an answer."""
    await reader.readuntil(b"\r\n\r\n")
    writer.close()
    await writer.wait_closed()


def shaking_hands(tls: ssl.SSLContext, record: bytes) -> Talk:
    """Shake hands, read the request, then send `record` as it is; whom OpenSSL refuses gets its alert instead.

    asyncio's own server hangs up on those without sending the alert.
    """

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inwards, outwards = ssl.MemoryBIO(), ssl.MemoryBIO()
        encryption = tls.wrap_bio(inwards, outwards, server_side=True)
        acts: list[Callable[[], object]] = [encryption.do_handshake, encryption.read]
        last = record
        while acts:
            try:
                acts[0]()
                del acts[0]
            except ssl.SSLWantReadError:
                writer.write(outwards.read())
                inwards.write(await reader.read(65_536))
            except ssl.SSLError:
                acts, last = [], b""
        writer.write(outwards.read() + last)
        await writer.drain()
        await silent(reader, writer)

    return talk


def closed_port() -> int:
    """Return a port at which nobody listens."""
    with socket.socket() as line:
        line.bind((LOOPBACK, 0))
        return int(line.getsockname()[1])


@contextmanager
def unanswering_port() -> Iterator[int]:
    """Give a port whose queue of connections is full, so that the kernel drops every further one unanswered."""
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        waiting = [socket.socket() for _ in range(8)]
        try:
            for line in waiting:
                line.setblocking(False)
                line.connect_ex((LOOPBACK, port))
            yield port
        finally:
            for line in waiting:
                line.close()
