"""Where browsers keep their temporary files: one folder an agent, one in it a browser, and none left behind.

The living agent holds a lock on its folder, which the kernel takes back however it dies. A folder whose lock is free is
an orphan: what is written down in it is ended and removed by whoever starts next. Nothing else is ever touched.
The lock is on the folder itself: a file in it would be removed on machines that tidy up what lies about for days, and
who tidies up so leaves a locked folder alone.
"""

import fcntl
import json
import os
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import structlog

from probes.browser.processes import Root, boot_id, child_in, end, family, root

_log = structlog.get_logger(__name__)

_ROOTS = "processes.json"
_RANDOM_LETTERS = 8  # that `mkdtemp` puts behind a prefix


@dataclass(slots=True)
class Home:
    """The folder of this agent's browsers; made by `Home.open`."""

    folder: Path
    lock: int
    made: int = 0
    _left: set[Path] = field(default_factory=set)

    @classmethod
    def open(cls, around: Path | None = None) -> Self:
        """Make a folder in `around` (the system's place for temporary files) and hold its lock.

        Raises:
            OSError: There is no room for it.
        """
        place = around if around is not None else Path(tempfile.gettempdir())
        while True:
            folder = Path(tempfile.mkdtemp(prefix=_prefix(), dir=place))
            lock = _opened(folder)
            fcntl.flock(lock, fcntl.LOCK_EX)
            if folder.exists():
                return cls(folder, lock)
            os.close(lock)  # somebody took it for an orphan before it was locked

    def room(self) -> Path:
        """Make a folder for one browser."""
        self.made += 1
        room = self.folder / str(self.made)
        room.mkdir(mode=0o700)
        return room

    def clear(self, room: Path) -> None:
        """End whatever still runs in a room, and remove it; what cannot be done now is left for `clear_left`."""
        try:
            _clear(room)
        except OSError as error:
            _log.warning("browser_room_left", room=room.name, error=str(error))
        if room.exists():
            self._left.add(room)
        else:
            self._left.discard(room)

    def clear_left(self) -> None:
        """Clear the rooms that could not be cleared before."""
        for room in tuple(self._left):
            self.clear(room)

    def close(self) -> None:
        """Clear every room, remove the folder and give the lock back; what cannot be ended is left to a later sweep."""
        try:
            _clear_all(self.folder)
        except OSError as error:
            _log.warning("browser_folder_left", folder=self.folder.name, error=str(error))
        finally:
            os.close(self.lock)


def write_down(room: Path, roots: list[Root]) -> None:
    """Note whose processes live in a room, for the case that nobody is left to end them."""
    text = json.dumps({"boot": boot_id(), "roots": [[one.pid, one.started, one.leads] for one in roots]})
    draft = room / "draft"
    draft.write_text(text, encoding="ascii")
    draft.replace(room / _ROOTS)


def sweep(around: Path | None = None) -> int:
    """Clear what agents of this user have left in `around` when they were killed; return how many they were."""
    place = around if around is not None else Path(tempfile.gettempdir())
    named = sorted(place.glob(_prefix() + "?" * _RANDOM_LETTERS))
    return sum(_orphaned(folder) for folder in named if _own(folder))


def _orphaned(folder: Path) -> bool:
    try:
        lock = _opened(folder)
    except OSError:  # swept by another agent this very moment
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _clear_all(folder)
    except BlockingIOError:  # its agent lives
        return False
    except OSError as error:  # the next sweep finds it again
        _log.warning("browser_folder_left", folder=folder.name, error=str(error))
        return False
    finally:
        os.close(lock)
    _log.info("browser_orphans_cleared", folder=folder.name)
    return True


def _clear_all(folder: Path) -> None:
    for room in list(folder.iterdir()):
        if room.is_dir() and not room.is_symlink():
            _clear(room)
    shutil.rmtree(folder, ignore_errors=True)


def _clear(room: Path) -> None:
    """End whatever runs in a room, then remove it. Raises OSError, before anything is removed."""
    end(family(_written_down(room)))
    shutil.rmtree(room, ignore_errors=True)


def _written_down(room: Path) -> list[Root]:
    """Return the roots of a room; a driver of ours that was never written down is found by its environment."""
    try:
        noted = json.loads((room / _ROOTS).read_text(encoding="ascii"))
        roots = [Root(int(pid), int(started), bool(leads)) for pid, started, leads in noted["roots"]]
    except FileNotFoundError:
        driver = child_in(room)
        return [root(driver)] if driver is not None else []
    except (ValueError, KeyError, TypeError):  # no word of ours
        return []
    return roots if noted.get("boot") == boot_id() else []


def _opened(folder: Path) -> int:
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)


def _own(folder: Path) -> bool:
    try:
        facts = folder.lstat()
    except OSError:  # gone meanwhile
        return False
    return folder.is_dir() and not folder.is_symlink() and facts.st_uid == os.geteuid()


def _prefix() -> str:
    return f"dvcwatch-browsers-{os.geteuid()}-"
