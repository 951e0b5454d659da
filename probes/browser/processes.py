"""The processes of one browser and its driver, read from /proc: what they weigh, whether one stands still, their end.

A process is known by its pid and its start, so that nobody who got a pid later is ever touched. Chromium's browser
process leads a session of its own, which its helpers never leave, also when they have outlived it.
"""

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_STOPPED = frozenset("Tt")
_DEAD = frozenset("ZX")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Process:
    """One process as the kernel lists it; `started` are clock ticks since boot."""

    pid: int
    started: int
    parent: int
    session: int
    state: str

    @property
    def stopped(self) -> bool:
        """Whether somebody has halted it, which no web page can."""
        return self.state in _STOPPED


def running() -> list[Process]:
    """List all processes that have not ended.

    Raises:
        OSError: They cannot be listed now: no further file can be opened, say.
    """
    pids = (int(entry.name) for entry in _PROC.iterdir() if entry.name.isdecimal())
    return [one for pid in pids if (one := look_up(pid)) is not None]


def look_up(pid: int) -> Process | None:
    """Return the process that has this pid now; None when there is none.

    Raises:
        OSError: Nobody can tell now.
    """
    try:
        stat = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):  # ended meanwhile
        return None
    # The name stands in brackets and may hold anything; see proc_pid_stat(5) for the fields after it.
    fields = stat.rpartition(")")[2].split()
    state, parent, session, started = fields[0], int(fields[1]), int(fields[3]), int(fields[19])
    return None if state in _DEAD else Process(pid, started, parent, session, state)


def boot_id() -> str:
    """Return what tells this boot of the machine from any other: starts are comparable within one only."""
    return (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def child_in(folder: Path) -> Process | None:
    """Return the child of this process that was started with `folder` for its temporary files.

    Raises:
        OSError: Nobody can tell now.
    """
    wanted = f"TMPDIR={folder}".encode()
    for one in running():
        if one.parent == os.getpid():
            try:
                environment = (_PROC / str(one.pid) / "environ").read_bytes()
            except (FileNotFoundError, ProcessLookupError, PermissionError):  # ended meanwhile, or none of ours
                continue
            if wanted in environment.split(b"\0"):
                return one
    return None


@dataclass(frozen=True, slots=True)
class Root:
    """A process from which others descend, as it can be written down: pid, start, and the session it leads, if any."""

    pid: int
    started: int
    leads: bool

    @property
    def alive(self) -> bool:
        """Whether this very process still runs, as far as anybody can tell now."""
        try:
            now = look_up(self.pid)
        except OSError:
            return True
        return now is not None and now.started == self.started


def root(process: Process) -> Root:
    """Write a process down."""
    return Root(process.pid, process.started, leads=process.session == process.pid)


def family(roots: list[Root]) -> list[Process]:
    """Return what still runs of `roots`, their sessions, and all that descend from those.

    Raises:
        OSError: Nobody can tell now.
    """
    everything = running()
    by_pid = {one.pid: one for one in everything}
    members = {one.pid: one for one in everything if any(_belongs(one, each, by_pid) for each in roots)}
    grown = True
    while grown:
        children = {one.pid: one for one in everything if one.parent in members and one.pid not in members}
        members |= children
        grown = bool(children)
    return list(members.values())


def _belongs(one: Process, to: Root, by_pid: dict[int, Process]) -> bool:
    if one.pid == to.pid:
        return one.started == to.started
    if not to.leads or one.session != to.pid:
        return False
    # While a session has members nobody else gets its number: a leader of another start leads another session.
    leader = by_pid.get(to.pid)
    return one.started >= to.started and (leader is None or leader.started == to.started)


def memory_bytes(members: list[Process]) -> int:
    """Return the resident memory of processes, without what is mapped from files or shared between them."""
    return sum(_private_bytes(one.pid) for one in members)


def _private_bytes(pid: int) -> int:
    try:
        pages = (_PROC / str(pid) / "statm").read_text(encoding="ascii").split()
    except OSError:  # ended meanwhile
        return 0
    return (int(pages[1]) - int(pages[2])) * _PAGE_BYTES


def end(members: list[Process]) -> None:
    """Kill processes; one whose pid has gone to another meanwhile is left alone.

    Raises:
        OSError: Some could not be killed now.
    """
    for one, handle in _held(members):
        try:
            now = look_up(one.pid)
            if now is not None and now.started == one.started:
                signal.pidfd_send_signal(handle, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):  # ended meanwhile, or never ours
            continue
        finally:
            os.close(handle)


def _held(members: list[Process]) -> Iterator[tuple[Process, int]]:
    for one in members:
        try:
            yield one, os.pidfd_open(one.pid)
        except (ProcessLookupError, PermissionError):  # ended meanwhile
            continue
