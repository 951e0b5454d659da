"""Threads for what would hold the event loop."""

import asyncio
import errno
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Threads(ThreadPoolExecutor):
    """An executor that tells of a thread it could not start as of any other thing this machine has run out of.

    Raises:
        OSError: EAGAIN, from `submit`: a limit on processes or threads is reached.
    """

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Have `fn` called in a thread."""
        try:
            return super().submit(fn, *args, **kwargs)
        except RuntimeError as error:
            if "start new thread" not in str(error):
                raise
            raise OSError(errno.EAGAIN, "no further thread can be started") from error


def have_threads() -> None:
    """Give the running loop its threads for `asyncio.to_thread` now: later there may be none to be had.

    Raises:
        OSError: There are none now.
    """
    count = min(32, (os.cpu_count() or 1) + 4)  # as many as Python itself would make in time
    threads, all_there = Threads(count, "beside"), threading.Barrier(count + 1)
    try:
        for _ in range(count):
            threads.submit(all_there.wait)
        all_there.wait()
    except OSError:
        all_there.abort()
        threads.shutdown(wait=False)
        raise
    asyncio.get_running_loop().set_default_executor(threads)
