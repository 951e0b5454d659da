"""The practice province as one object: start it, break it, count it, stop it."""

import asyncio
import signal
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import trustme
from aiohttp import web

from sandbox.account import SignOnDesk
from sandbox.certificate import server_context, write_ca
from sandbox.counters import Counters
from sandbox.doors import Door, PostDoor, WebDoor
from sandbox.dossiers import DossierBook, PaymentDesk
from sandbox.faults import CLOSING, FaultBoard
from sandbox.interference import FILE_MIDDLEWARES, PAGE_MIDDLEWARES
from sandbox.mailbox import Mailbox, PostOffice
from sandbox.names import NameServer
from sandbox.pace import LOCAL_TIME, Pace
from sandbox.sessions import COOKIES, SessionBook
from sandbox.settings import CONTROL, HTTPS, LISTENERS, Addresses, PortTakenError, Settings, open_sockets
from sandbox.stand_ins import STAND_INS, Leave
from sandbox.systems.control import make_control
from sandbox.systems.files import add_folder, make_cdn
from sandbox.systems.payment import make_payment
from sandbox.systems.portal import make_portal
from sandbox.systems.settlement import make_settlement
from sandbox.systems.sign_on import make_sign_on
from sandbox.systems.warehouse import make_warehouse
from sandbox.world import SYSTEM, WORLD, World, make_templates

__all__ = ["PortTakenError", "Province", "Settings", "serve"]

MAKERS: dict[str, Callable[[], web.Application]] = {
    "bang-dieu-khien": make_control,
    "cong-quoc-gia": make_portal,
    "mot-cua-tinh": make_settlement,
    "mot-cua-xa": make_settlement,
    "dinh-danh": make_sign_on,
    "thanh-toan": make_payment,
    "cdn": make_cdn,
    "kho-du-lieu": make_warehouse,
}
OUTSIDE = frozenset({"dinh-danh", "thanh-toan", "kho-du-lieu"})


def local_now() -> datetime:
    """The wall clock in the province."""
    return datetime.now(LOCAL_TIME)


class Province:
    """All systems of the practice province, from `async with` to its end.

    Args:
        settings: where it stands.
        now: aware wall clock; decides flaky hours, codes and certificates.
        clock: monotonic seconds; decides when sessions and faults end.

    Raises:
        PortTakenError: on entering, when a port is taken.
    """

    def __init__(
        self,
        settings: Settings,
        now: Callable[[], datetime] = local_now,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings = settings
        self._now = now
        self._clock = clock
        self.faults = FaultBoard(settings.seed, clock)
        self.counters = Counters()
        self.mailbox = Mailbox(now)
        self._post_office = PostOffice(self.mailbox, self.faults)
        self._doors: dict[str, Door] = {}
        self._stand_ins: dict[str, tuple[str, Leave]] = {}
        self._stack = AsyncExitStack()
        self._fault_changed = asyncio.Event()
        self._world: World | None = None

    @property
    def world(self) -> World:
        """The running parts.

        Raises:
            RuntimeError: the province has not been started.
        """
        if self._world is None:
            raise RuntimeError("the province is not running; use `async with Province(settings)`")
        return self._world

    @property
    def control_url(self) -> str:
        """Base URL of the control panel."""
        return self.url(CONTROL)

    @property
    def ca_file(self) -> Path:
        """PEM file of the authority that signed the HTTPS site's certificate."""
        return self.world.ca_file

    @property
    def dead_url(self) -> str:
        """Where the fault `redirect_dead` leads: nobody listens there."""
        return self.world.dead_url

    def url(self, name: str) -> str:
        """Base URL of a system, without a slash at the end."""
        return self.world.addresses.url(name)

    def port(self, name: str) -> int:
        """Port of a listener."""
        return self.world.addresses.port(name)

    async def __aenter__(self) -> Self:
        sockets = open_sockets(self.settings)
        for sock in sockets.values():
            self._stack.callback(sock.close)
        ports = {name: sock.getsockname()[1] for name, sock in sockets.items()}
        ca, dead = trustme.CA(), self._stack.enter_context(socket.socket())
        dead.bind((self.settings.host, 0))  # and nobody listens
        self._world = self._make_world(
            Addresses(self.settings.host, ports), write_ca(ca, self.settings.data), dead.getsockname()[1]
        )
        tls = server_context(ca, self.settings.host, self.faults, self._now)
        async with AsyncExitStack() as building:
            await self._start_names(building, sockets["dns"])
            for name in LISTENERS:
                if name != "dns":
                    await self._open(building, name, sockets[name], tls if name == HTTPS else None)
            building.push_async_callback(self.faults.clear)
            self.faults.watch(self._match_faults)
            keeper = asyncio.create_task(self._keep_time(), name="sandbox-fault-keeper")
            building.push_async_callback(_end, keeper)
            self._stack.push_async_exit(building.pop_all())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def _make_world(self, addresses: Addresses, ca_file: Path, dead_port: int) -> World:
        return World(
            settings=self.settings,
            addresses=addresses,
            faults=self.faults,
            counters=self.counters,
            mailbox=self.mailbox,
            dossiers=DossierBook(self._now),
            payments=PaymentDesk(),
            sign_on=SignOnDesk(self._now),
            pace=Pace(self.settings.seed, self._now),
            sessions={name: SessionBook(cookie, self._clock) for name, cookie in COOKIES.items()},
            templates=make_templates(),
            ca_file=ca_file,
            dead_url=f"http://{addresses.host}:{dead_port}",
            now=self._now,
        )

    async def _start_names(self, stack: AsyncExitStack, sock: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        server = NameServer(self.settings.host, self.faults)
        transport, _ = await loop.create_datagram_endpoint(lambda: server, sock=sock)
        stack.callback(transport.close)

    async def _open(self, stack: AsyncExitStack, name: str, sock: socket.socket, tls: ssl.SSLContext | None) -> None:
        door: Door
        if name == "smtp":
            door = PostDoor(name, sock, self._post_office)
        else:
            door = WebDoor(name, sock, self._make_app(name), tls)
        self._doors[name] = door
        stack.push_async_callback(door.close)
        await door.match(shut=False)

    def _make_app(self, name: str) -> web.Application:
        app = MAKERS[name]()
        app[WORLD] = self.world
        app[SYSTEM] = name
        if name in OUTSIDE:
            add_folder(app, "own", "/tep")
        if name in COOKIES:
            app.middlewares.extend(PAGE_MIDDLEWARES)
        elif name != CONTROL:
            app.middlewares.extend(FILE_MIDDLEWARES)
        return app

    async def _match_faults(self) -> None:
        """Close and open the listeners as the faults say."""
        for name, door in self._doors.items():
            on = self.faults.on_host(name)
            wanted = next((fault for fault in STAND_INS if fault in on), "")
            if self._stand_ins.get(name, ("",))[0] != wanted:
                await self._leave(name)
            await door.match(shut=bool(on.keys() & CLOSING))
            if wanted and name not in self._stand_ins:
                self._stand_ins[name] = (wanted, await STAND_INS[wanted](door.address))
        self._fault_changed.set()

    async def _leave(self, name: str) -> None:
        if name in self._stand_ins:
            _, leave = self._stand_ins.pop(name)
            await leave()

    async def _keep_time(self) -> None:
        """End faults whose duration is over."""
        while True:
            self._fault_changed.clear()
            end = self.faults.next_end()
            try:
                async with asyncio.timeout(None if end is None else max(0.0, end - self._clock())):
                    await self._fault_changed.wait()
            except TimeoutError:
                await self.faults.expire()


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def serve(settings: Settings, say: Callable[[Province], None] = lambda _: None) -> None:
    """Run until SIGTERM or SIGINT; `say` is called once everything is up.

    Raises:
        PortTakenError: a port is taken.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with Province(settings) as province:
        say(province)
        await stop.wait()
