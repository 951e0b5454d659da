"""Looking names up takes threads of its own."""

import asyncio
import os
import socket
import threading
from typing import Any

import pytest

from probes.connection import system_lookup


async def test_lookups_that_nobody_answers_keep_no_other_threads_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answered, usual = threading.Event(), socket.getaddrinfo

    def silent(host: str, *of: Any, **how: Any) -> Any:
        if how.get("flags") != socket.AI_NUMERICHOST:
            answered.wait()
            raise socket.gaierror(socket.EAI_AGAIN, "?")
        return usual(host, *of, **how)

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    more_than_usual = 2 * ((os.cpu_count() or 1) + 4)
    asking = [asyncio.create_task(system_lookup("dvc.example", 443)) for _ in range(more_than_usual)]
    try:
        await asyncio.sleep(0)
        async with asyncio.timeout(10):
            assert await asyncio.to_thread(len, "file") == 4
    finally:
        answered.set()
    for one in asking:
        with pytest.raises(socket.gaierror):
            await one
