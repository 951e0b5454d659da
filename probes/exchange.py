"""One HTTP request over a line of its own, and the answer to it."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from aiohttp.abc import AbstractCookieJar
from aiohttp.client_proto import ResponseHandler
from aiohttp.http import HttpProcessingError
from aiohttp.tracing import Trace

from probes.answer import AnswerHandler
from probes.connection import Address, dial, encrypt, plain
from probes.page_text import ACCEPTED_ENCODINGS, KNOWN_ENCODINGS, Unpacker
from probes.progress import Progress
from probes.redirect import Request

_HEADER_LIMIT = 262_144  # as Chromium; aiohttp's own 8 kB would call a long Content-Security-Policy a broken answer
_SHORTEST_HEADER = 4  # octets; Chromium counts no headers


@dataclass(frozen=True, slots=True)
class Security:
    """How https lines are encrypted: `server_name` is the name on the certificate of `host`, if not `host` itself."""

    context: ssl.SSLContext
    host: str
    server_name: str | None
    patience_s: float

    def name_of(self, host: str) -> str:
        """Return the name that the certificate of `host` must be for."""
        if self.server_name is not None and host == self.host:
            return self.server_name
        return host.rstrip(".")  # certificates are written without the final dot


@dataclass(frozen=True, slots=True)
class Body:
    """An answer's body, unpacked.

    `cut` when there was more than allowed; `wire_bytes` octets as they travelled; `unknown_encoding` names a packing
    that was not offered to the server, in which case `octets` are as they travelled too.
    """

    octets: bytes = b""
    cut: bool = False
    wire_bytes: int = 0
    unknown_encoding: str = ""


class _OneLine(aiohttp.BaseConnector):
    """Gives aiohttp the line that is open already, once: nothing is looked up, pooled or reused."""

    def __init__(self, handler: ResponseHandler) -> None:
        super().__init__(force_close=True)
        self._handler: ResponseHandler | None = handler

    async def _create_connection(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - aiohttp's signature
    ) -> ResponseHandler:
        handler, self._handler = self._handler, None
        if handler is None:
            raise RuntimeError("a line is good for one request")
        return handler


@asynccontextmanager
async def exchange(
    request: Request, addresses: Sequence[Address], security: Security, jar: AbstractCookieJar, progress: Progress
) -> AsyncIterator[tuple[aiohttp.ClientResponse, ssl.SSLObject | None]]:
    """Send `request` over a fresh line and give the answer with its headers read, its body not yet.

    The phases are connect, tls (https only) and ttfb: from the line being ready to the end of the headers. The line is
    gone when the context ends. With https, the encryption is given too, for its certificate.

    Raises:
        OSError: No line; `progress.phase` says how far it came.
        aiohttp.ClientError: No answer, or not a whole one.
        AnswerError: No HTTP answer, in head or body.
    """
    transport, handler = await _open(request, addresses, security, progress)
    # Asked for now, because aiohttp drops the line with the answer's last octet.
    encryption = transport.get_extra_info("ssl_object")
    try:
        progress.enter("ttfb")
        headers = {"Accept-Encoding": ACCEPTED_ENCODINGS, **request.headers, **request.private}
        async with (
            _session(_OneLine(handler), jar) as session,
            session.request(
                request.method, request.url, headers=headers, data=request.body, allow_redirects=False
            ) as response,
        ):
            yield response, encryption
    except (aiohttp.ClientResponseError, HttpProcessingError) as error:
        raise handler.refused(error.message) from error
    finally:
        _drop(transport)


def _drop(transport: asyncio.Transport) -> None:
    try:
        transport.abort()
    except AttributeError:  # Python 3.11.2: a TLS transport closed twice has lost its protocol; it is closed then
        if not transport.is_closing():
            raise


async def _open(
    request: Request, addresses: Sequence[Address], security: Security, progress: Progress
) -> tuple[asyncio.Transport, AnswerHandler]:
    loop = asyncio.get_running_loop()
    progress.enter("connect")
    line = await dial(addresses)
    if request.url.scheme == "http":
        return await plain(line, lambda: AnswerHandler(loop))
    progress.enter("tls")
    name = security.name_of(request.url.raw_host or "")
    return await encrypt(line, lambda: AnswerHandler(loop), security.context, name, security.patience_s)


def _session(connector: _OneLine, jar: AbstractCookieJar) -> aiohttp.ClientSession:
    session = aiohttp.ClientSession(
        connector=connector,
        cookie_jar=jar,
        auto_decompress=False,  # aiohttp unpacks without a bound that we could set
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
        trust_env=False,
        max_line_size=_HEADER_LIMIT,
        max_field_size=_HEADER_LIMIT,
        max_headers=_HEADER_LIMIT // _SHORTEST_HEADER,
    )
    # Otherwise aiohttp asks a second time, over a new line, and the first one's fault is lost.
    session._retry_connection = False  # noqa: SLF001 - there is no public switch; a test fails when it goes
    return session


async def read_body(response: aiohttp.ClientResponse, limit: int) -> Body:
    """Read at most `limit` unpacked octets of the body.

    Raises:
        zlib.error: It is packed wrongly.
        aiohttp.ClientError: It ended before its announced end.
        HttpProcessingError: It is no HTTP body.
    """
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    unknown = "" if encoding in KNOWN_ENCODINGS else encoding
    unpacker = Unpacker("" if unknown else encoding)
    octets, travelled = bytearray(), 0
    async for piece in response.content.iter_any():
        travelled += len(piece)
        octets += unpacker.feed(piece, limit + 1 - len(octets))
        if len(octets) > limit:
            break
    return Body(bytes(octets[:limit]), len(octets) > limit, travelled, unknown)
