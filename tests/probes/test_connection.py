"""Looking names up takes threads of its own, and what cannot be a name is one that nobody knows."""

import asyncio
import os
import socket
import threading
from typing import Any

import pytest

from checks.owners import HostOwners
from probes.browser.doubt import own_word
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


@pytest.mark.parametrize("host", ["a..example", f"{'a' * 64}.example"])
async def test_what_cannot_be_a_name_is_a_name_that_nobody_knows(host: str) -> None:
    with pytest.raises(socket.gaierror) as told:
        await system_lookup(host, 443)
    assert told.value.errno == socket.EAI_NONAME
    word = await own_word(f"https://{host}/", HostOwners({}), system_lookup, 5.0, dials=False)
    assert word is not None
    assert (word.verdict, word.reason) == ("failed", "dns")
