"""The practice province in a process of its own, so that its work is nobody else's."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]


@contextmanager
def province() -> Iterator[None]:
    """Run the province on its usual ports, ready on entering."""
    with tempfile.TemporaryDirectory() as folder:
        command = (sys.executable, "-m", "sandbox", "--data", folder)
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
            assert running.stdout is not None  # noqa: S101 -- asked for above
            next(line for line in running.stdout if "CA:" in line)
            try:
                yield
            finally:
                running.terminate()
