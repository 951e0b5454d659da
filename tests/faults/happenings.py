"""How the agent's own machine is broken, and mended again: each is entered to break and left to mend."""

import asyncio
import resource
import signal
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

from sandbox.province import Province
from tests.faults.surroundings import connect
from tests.faults.watcher import Watcher

_WATCH_S = 0.02
_BURNERS = 6
REQUEST_EVERY_S = 7
"""Seconds from slot to slot of a check that needs no browser."""

WALK_EVERY_S = 20
"""Seconds from slot to slot of a walk, at least."""


@dataclass(slots=True)
class Scene:
    """Where it happens: the watched province, the agent that watches it, and since when what it says is judged."""

    province: Province
    watcher: Watcher
    folder: Path
    line: str
    since: datetime

    async def visit(self) -> None:
        """Wait until the agent's first run asks the portal for something, which the province holds for a while.

        That may have happened already: who waited for another question would break the run after the judged one.
        """
        while not self.province.counters.requests["cong-quoc-gia"]:
            await asyncio.sleep(_WATCH_S)

    def processes(self, flag: str) -> list[psutil.Process]:
        """Return the agent's descendants in whose command line `flag` stands."""
        found = []
        for process in psutil.Process(self.watcher.process.pid).children(recursive=True):
            try:
                if any(flag in word for word in process.cmdline()):
                    found.append(process)
            except psutil.Error:  # ended meanwhile
                continue
        return found


Happening = Callable[[Scene], AbstractAsyncContextManager[None]]

BROWSER, DRIVER, RENDERER = "--remote-debugging-pipe", "run-driver", "--type=renderer"


def signalled(flag: str, number: signal.Signals) -> Happening:
    """Send a signal to the processes with `flag`, in the middle of a walk; those that were halted are killed after."""

    @asynccontextmanager
    async def happen(scene: Scene) -> AsyncIterator[None]:
        await scene.visit()
        hit = scene.processes(flag)
        assert hit, flag
        for process in hit:
            process.send_signal(number)
        yield
        for process in hit:
            if number is signal.SIGSTOP and process.is_running():
                process.kill()

    return happen


@asynccontextmanager
async def agent_halted(scene: Scene) -> AsyncIterator[None]:
    """Halt the agent in the middle of a walk and let it go on some seconds later, as a frozen container."""
    await scene.visit()
    scene.watcher.process.send_signal(signal.SIGSTOP)
    await asyncio.sleep(6)
    scene.watcher.process.send_signal(signal.SIGCONT)
    yield


@asynccontextmanager
async def agent_killed(scene: Scene) -> AsyncIterator[None]:
    """Kill the agent in the middle of a walk, and start it again."""
    await scene.visit()
    await scene.watcher.kill()
    await scene.watcher.start()
    yield


@asynccontextmanager
async def agent_stopped(scene: Scene) -> AsyncIterator[None]:
    """Ask the agent to end in the middle of a walk, and start it again."""
    await scene.visit()
    await scene.watcher.stop()
    assert scene.watcher.process.returncode == 0
    await scene.watcher.start()
    yield


@asynccontextmanager
async def connected_later(scene: Scene) -> AsyncIterator[None]:
    """Leave the agent's network unconnected for a while, and connect it then."""
    yield
    await connect(scene.line, scene.watcher.process.pid)


@asynccontextmanager
async def connected_first(scene: Scene) -> AsyncIterator[None]:
    """Connect the agent's network to its province before anything is judged."""
    await connect(scene.line, scene.watcher.process.pid)
    scene.since = datetime.now(UTC)
    yield


@asynccontextmanager
async def store_locked(scene: Scene) -> AsyncIterator[None]:
    """Have another program hold the store's lock for longer than the agent waits for it."""
    await scene.visit()
    with closing(sqlite3.connect(scene.watcher.data / "dvcwatch.db", isolation_level=None)) as store:
        store.execute("BEGIN EXCLUSIVE")
        scene.since = datetime.now(UTC)
        await asyncio.sleep(15)
        store.execute("ROLLBACK")
    yield


def few_files(every_s: float) -> Happening:
    """Let the agent open no further file until a slot or two were due, which come so often."""

    @asynccontextmanager
    async def happen(scene: Scene) -> AsyncIterator[None]:
        await scene.visit()
        pid = scene.watcher.process.pid
        kept = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (0, kept[1]))
        scene.since = datetime.now(UTC)
        await asyncio.sleep(2 * every_s)
        assert scene.watcher.process.returncode is None, scene.watcher.log()[-3000:]
        resource.prlimit(pid, resource.RLIMIT_NOFILE, kept)
        yield

    return happen


@asynccontextmanager
async def cores_burnt(scene: Scene) -> AsyncIterator[None]:
    """Burn every core by programs of somebody else."""
    burners = [await asyncio.create_subprocess_exec("sh", "-c", "while :; do :; done") for _ in range(_BURNERS)]
    yield
    for burner in burners:
        burner.kill()
        await burner.wait()


@asynccontextmanager
async def disk_full(scene: Scene) -> AsyncIterator[None]:
    """Fill the disk under the data folder, and free it some slots later."""
    await scene.visit()
    ballast = scene.watcher.data / "ballast"
    await asyncio.to_thread(_fill, ballast)
    scene.since = datetime.now(UTC)
    await asyncio.sleep(20)
    ballast.unlink()
    yield


def _fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            return


def clock_moved(by: str) -> Happening:
    """Move the machine's clock by so many seconds while it is looked at something (libfaketime reads the file)."""

    @asynccontextmanager
    async def happen(scene: Scene) -> AsyncIterator[None]:
        await scene.visit()
        new = scene.folder / "clock.new"
        new.write_text(f"{by}\n", encoding="ascii")
        new.replace(scene.folder / "clock")  # in one piece: who reads half a file sees a third time
        yield

    return happen


@asynccontextmanager
async def proof_refused(scene: Scene) -> AsyncIterator[None]:
    """Put a file where the folder for proof belongs."""
    place = scene.watcher.data / "evidence"
    if place.exists():
        place.rmdir()
    place.write_text("", encoding="utf-8")
    yield
    place.unlink()
