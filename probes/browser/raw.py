"""Where the browser's driver writes recordings while they last: everything in them may be read, so nothing is left."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory


@dataclass(slots=True)
class RawRecordings:
    """A folder that only this user can read. The driver does not clean it, and recordings share files in it."""

    around: Path
    _running: int = 0
    _folder: TemporaryDirectory[str] = field(init=False)

    def __post_init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="trace-", dir=self.around, ignore_cleanup_errors=True)

    @property
    def path(self) -> Path:
        """The folder."""
        return Path(self._folder.name)

    def begin(self) -> None:
        """Count a recording that starts."""
        self._running += 1

    def end(self) -> None:
        """Count a recording that is over; with the last one everything goes. Works on the disk."""
        self._running -= 1
        if self._running == 0:
            for part in self.path.iterdir():
                shutil.rmtree(part, ignore_errors=True) if part.is_dir() else part.unlink(missing_ok=True)

    def remove(self) -> None:
        """Take the folder away, with the browser."""
        self._folder.cleanup()
