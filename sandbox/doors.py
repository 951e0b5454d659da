"""TCP listeners that can be closed and opened again on the same port while the province runs."""

import asyncio
import socket
import ssl
from abc import ABC, abstractmethod

from aiohttp import web

from sandbox.mailbox import PostOffice
from sandbox.settings import open_socket

SHUTDOWN_S = 0.2


class Door(ABC):
    """One listener. It starts shut, with its socket already bound."""

    def __init__(self, name: str, bound: socket.socket) -> None:
        self.name = name
        self.address: tuple[str, int] = bound.getsockname()
        self._bound = bound

    async def match(self, *, shut: bool) -> None:
        """Bring the door to the wanted position; nothing happens when it stands there already."""
        if shut and self.is_open:
            await self._stop()
            self._bound.close()
            # Bound and not listening: whoever connects is refused, and nobody else is given the port meanwhile.
            self._bound = open_socket(self.name, *self.address, listening=False)
        elif not shut and not self.is_open:
            await self._start(self._bound)

    @property
    @abstractmethod
    def is_open(self) -> bool:
        """Whether connections are taken."""

    @abstractmethod
    async def close(self) -> None:
        """Shut the door for good and end what is behind it."""

    @abstractmethod
    async def _start(self, bound: socket.socket) -> None: ...

    @abstractmethod
    async def _stop(self) -> None: ...


class WebDoor(Door):
    """The listener of a web application."""

    def __init__(
        self, name: str, bound: socket.socket, app: web.Application, tls: ssl.SSLContext | None = None
    ) -> None:
        super().__init__(name, bound)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_S)
        self._tls = tls
        self._site: web.SockSite | None = None

    @property
    def is_open(self) -> bool:
        """Whether connections are taken."""
        return self._site is not None

    async def close(self) -> None:
        """Stop the application; requests still running get a moment, then are cancelled."""
        await self._runner.cleanup()
        self._site = None

    async def _start(self, bound: socket.socket) -> None:
        if self._runner.server is None:
            await self._runner.setup()
        site = web.SockSite(self._runner, bound, ssl_context=self._tls)
        await site.start()
        self._site = site

    async def _stop(self) -> None:
        if self._site is not None:
            await self._site.stop()
            self._site = None


class PostDoor(Door):
    """The listener of the mail server."""

    def __init__(self, name: str, bound: socket.socket, office: PostOffice) -> None:
        super().__init__(name, bound)
        self._office = office
        self._server: asyncio.Server | None = None

    @property
    def is_open(self) -> bool:
        """Whether connections are taken."""
        return self._server is not None

    async def close(self) -> None:
        """Stop the server and every conversation."""
        await self._stop()

    async def _start(self, bound: socket.socket) -> None:
        self._server = await asyncio.get_running_loop().create_server(self._office.connect, sock=bound)

    async def _stop(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._office.disconnect()
            self._server = None
