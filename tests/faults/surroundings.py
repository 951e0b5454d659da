"""Where an agent is started: what stands before its command, which files lie beside it, what its machine is like."""

import asyncio
import itertools
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from probes.browser import find_browser
from sandbox.faults import FaultBoard
from sandbox.names import NameServer

_NUMBERS: Iterator[int] = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """How an agent is started.

    In any text `{folder}` is the folder of its checks.yaml, `{browser}` and `{faketime}` are this machine's.

    Attributes:
        before: command that starts the agent's.
        environment: further variables of its environment.
        files: name -> content and mode, written into the folder.
        browser: keys of `settings.browser`.
        data_size: size of a disk of its own for the data folder; empty for none.
        own_names: the machine's resolver is the province's name server.
        own_network: the agent has a network of its own, in which nothing is connected yet.
        inside: further command in front of the agent's, run within all of that.
    """

    before: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    browser: Mapping[str, object] = field(default_factory=dict)
    data_size: str = ""
    own_names: bool = False
    own_network: bool = False
    inside: tuple[str, ...] = ()

    @property
    def needs_root(self) -> bool:
        """Whether only root can make them: they mount something or make namespaces."""
        return bool(self.data_size) or self.own_names or self.own_network or self.before[:1] == ("unshare",)


USUAL = Surroundings()
_RESOLVER = ("unshare", "--mount", "sh", "-c", 'mount --bind {folder}/resolv.conf /etc/resolv.conf && exec "$@"', "sh")
_ISLAND = ("unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh")


@dataclass(frozen=True, slots=True)
class Ground:
    """Surroundings that have been made: what the agent is started with, and the address its province stands on."""

    before: tuple[str, ...]
    environment: Mapping[str, str]
    browser: Mapping[str, object]
    host: str = "127.0.0.1"
    line: str = ""


@asynccontextmanager
async def made(wanted: Surroundings, folder: Path) -> AsyncIterator[Ground]:
    """Make the surroundings of one agent in `folder`; take them back at the end."""

    def put(text: str) -> str:
        text = text.replace("{folder}", str(folder))
        if "{browser}" in text:
            text = text.replace("{browser}", str(find_browser().path))
        return text.replace("{faketime}", _faketime()) if "{faketime}" in text else text

    for name, (content, mode) in wanted.files.items():
        (folder / name).write_text(put(content), encoding="utf-8")
        (folder / name).chmod(mode)
    before, host, line = wanted.before, "127.0.0.1", ""
    async with AsyncExitStack() as stack:
        if wanted.data_size:
            await stack.enter_async_context(_disk(folder / "data", wanted.data_size))
        if wanted.own_names:
            before += _RESOLVER
        if wanted.own_network:
            before += _ISLAND
            line, host = await stack.enter_async_context(_line())
        yield Ground(
            tuple(map(put, before + wanted.inside)),
            {name: put(text) for name, text in wanted.environment.items()},
            {key: put(value) if isinstance(value, str) else value for key, value in wanted.browser.items()},
            host,
            line,
        )


def _faketime() -> str:
    found = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
    assert found is not None, "libfaketime is needed; on Debian and Ubuntu: apt-get install libfaketime"
    return str(found)


@asynccontextmanager
async def names_served(folder: Path, faults: FaultBoard) -> AsyncIterator[None]:
    """Answer names at an address that resolv.conf in `folder` gives; the faults are those of a province."""
    number = next(_NUMBERS) + os.getpid() % 200
    address = f"127.0.53.{number}"
    (folder / "resolv.conf").write_text(f"nameserver {address}\n", encoding="utf-8")
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: NameServer("127.0.0.1", faults), (address, 53))
    try:
        yield
    finally:
        transport.close()


async def connect(line: str, pid: int) -> None:
    """Lead the line into the network of a process, which can reach its province from then on."""
    await ran("ip", "link", "set", f"{line}-in", "netns", str(pid))
    inside = f"ip addr add {_address(line, 2)}/30 dev {line}-in && ip link set {line}-in up"
    await ran("nsenter", "--target", str(pid), "--net", "sh", "-c", inside)


@asynccontextmanager
async def _line() -> AsyncIterator[tuple[str, str]]:
    """Make a pair of network interfaces; gives its name and the address of its outer end."""
    line = f"dvcf{next(_NUMBERS)}"
    await ran("ip", "link", "add", line, "type", "veth", "peer", "name", f"{line}-in")
    try:
        await ran("ip", "addr", "add", f"{_address(line, 1)}/30", "dev", line)
        await ran("ip", "link", "set", line, "up")
        yield line, _address(line, 1)
    finally:
        if await asyncio.to_thread(Path(f"/sys/class/net/{line}").exists):  # it goes with the agent's network
            await ran("ip", "link", "del", line)


def _address(line: str, end: int) -> str:
    return f"10.77.{int(line.removeprefix('dvcf')) % 256}.{end}"


@asynccontextmanager
async def _disk(folder: Path, size: str) -> AsyncIterator[None]:
    await ran("mkdir", str(folder))
    await ran("mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder))
    try:
        yield
    finally:
        await ran("umount", "--lazy", str(folder))


async def ran(*command: str) -> None:
    """Run a command of the system; its failure is the campaign's."""
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    _, said = await process.communicate()
    assert process.returncode == 0, f"{' '.join(command)}: {said.decode()}"
