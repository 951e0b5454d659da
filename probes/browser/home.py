"""Where browsers keep their temporary files: one folder an agent, one in it a browser, and none left behind.

The living agent holds a lock on its folder, which the kernel takes back however it dies. A folder whose lock is free is
an orphan: what is written down in it is ended and removed by whoever starts next. Nothing else is ever touched.
"""

import fcntl
import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import structlog

from probes.browser.processes import Root, boot_id, end, family

_log = structlog.get_logger(__name__)

_LOCK = "lock"
_ROOTS = "processes.json"


@dataclass(slots=True)
class Home:
    """The folder of this agent's browsers; made by `Home.open`."""

    folder: Path
    lock: int
    made: int = 0

    @classmethod
    def open(cls, around: Path | None = None) -> Self:
        """Make a folder in `around` (the system's place for temporary files) and hold its lock.

        Raises:
            OSError: There is no room for it.
        """
        place = around if around is not None else Path(tempfile.gettempdir())
        # Under another name until the lock is held, so that nobody takes it for an orphan.
        folder = Path(tempfile.mkdtemp(prefix=f"new-{_prefix()}", dir=place))
        lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        return cls(folder.rename(folder.with_name(folder.name.removeprefix("new-"))), lock)

    def room(self) -> Path:
        """Make a folder for one browser."""
        self.made += 1
        room = self.folder / str(self.made)
        room.mkdir(mode=0o700)
        return room

    def close(self) -> None:
        """Remove the folder and give the lock back."""
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self.lock)


def write_down(room: Path, roots: list[Root]) -> None:
    """Note whose processes live in a room, for the case that nobody is left to end them."""
    text = json.dumps({"boot": boot_id(), "roots": [[one.pid, one.started, one.leads] for one in roots]})
    draft = room / "draft"
    draft.write_text(text, encoding="ascii")
    draft.replace(room / _ROOTS)


def clear(room: Path) -> None:
    """End whatever still runs in a room, and remove it."""
    end(family(_written_down(room)))
    shutil.rmtree(room, ignore_errors=True)


def sweep(around: Path | None = None) -> int:
    """Clear what agents of this user have left in `around` when they were killed; return how many they were."""
    place = around if around is not None else Path(tempfile.gettempdir())
    cleared = [_orphaned(folder) for folder in sorted(place.glob(f"{_prefix()}*")) if _own(folder)]
    return sum(cleared)


def _orphaned(folder: Path) -> bool:
    try:
        lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CLOEXEC)
    except OSError:  # swept by another agent this very moment, or none of ours
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for room in folder.iterdir():
            if room.is_dir() and not room.is_symlink():
                clear(room)
        shutil.rmtree(folder, ignore_errors=True)
        _log.info("browser_orphans_cleared", folder=folder.name)
    except OSError:  # its agent lives
        return False
    finally:
        os.close(lock)
    return True


def _written_down(room: Path) -> list[Root]:
    try:
        noted = json.loads((room / _ROOTS).read_text(encoding="ascii"))
        same_boot = noted["boot"] == boot_id()
        return (
            [Root(int(pid), int(started), bool(leads)) for pid, started, leads in noted["roots"]] if same_boot else []
        )
    except (OSError, ValueError, KeyError, TypeError):  # killed before it was written: no browser was there yet
        return []


def _own(folder: Path) -> bool:
    try:
        facts = folder.lstat()
    except OSError:  # gone meanwhile
        return False
    return folder.is_dir() and not folder.is_symlink() and facts.st_uid == os.geteuid()


def _prefix() -> str:
    return f"dvcwatch-browser-{os.geteuid()}-"
