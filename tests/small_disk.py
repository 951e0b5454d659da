"""A disk that is soon full: a tmpfs that only its holder, and who enters its namespace, can see."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

_MOUNT = 'mkdir -p "{folder}" && mount -t tmpfs -o size={size} tmpfs "{folder}" && echo there && exec sleep infinity'


@dataclass(frozen=True)
class SmallDisk:
    """Mounted at `folder` for those started with `entering` before their command."""

    folder: Path
    holder: int

    @property
    def entering(self) -> Sequence[str]:
        """The words before a command that let it see the disk."""
        return ("nsenter", "--target", str(self.holder), "--user", "--mount", "--preserve-credentials", "--")

    @property
    def outside(self) -> Path:
        """Where everybody else finds the folder."""
        return Path(f"/proc/{self.holder}/root{self.folder}")

    def fill(self) -> None:
        """Leave no byte free."""
        with (self.outside / "filler").open("ab", buffering=0) as file:
            for size in (65536, 4096, 1):
                try:
                    while True:
                        file.write(b"x" * size)
                except OSError:
                    continue

    def free(self) -> None:
        """Give back what `fill` took."""
        (self.outside / "filler").unlink()


@asynccontextmanager
async def small_disk(folder: Path, size: str) -> AsyncIterator[SmallDisk]:
    """Mount one at `folder`, as big as `size` says (`4m`); needs root or user namespaces, as Linux has them."""
    holder = await asyncio.create_subprocess_exec(
        "unshare", "--user", "--map-root-user", "--mount", "sh", "-c", _MOUNT.format(size=size, folder=folder),
        stdout=asyncio.subprocess.PIPE, stderr=sys.stderr,
    )  # fmt: skip
    assert holder.stdout is not None
    try:
        assert await holder.stdout.readline() == b"there\n", "no tmpfs: neither root nor user namespaces"
        yield SmallDisk(folder, holder.pid)
    finally:
        holder.kill()
        await holder.wait()
