"""Serving from a process of its own: what is walked to must not share the loop that walks."""

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection


@contextmanager
def apart(serve: Callable[[Connection], None]) -> Iterator[str]:
    """Run `serve` in another process, which tells its port as soon as it has one; gives `host:port`."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(there,), daemon=True)
    process.start()
    try:
        yield f"127.0.0.1:{here.recv()}"
    finally:
        process.terminate()
        process.join()
