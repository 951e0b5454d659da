"""A machine that gives no further thread, for real: a limit on processes, as an ordinary user."""

import subprocess
import sys

import pytest

_PROGRAM = """
import asyncio, os, resource, tempfile
from pathlib import Path
from contextlib import contextmanager
from probes.connection import system_lookup
from probes.threads import have_threads
from store.open import open_store
from store.protocol import StoreError

_, hard = resource.getrlimit(resource.RLIMIT_NPROC)

@contextmanager
def no_more():
    user = os.geteuid()
    if user == 0:  # nothing limits root
        os.setresuid(65534, 65534, 0)
    resource.setrlimit(resource.RLIMIT_NPROC, (1, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NPROC, (hard, hard))
    os.setresuid(user, user, user)

async def beside():
    have_threads()
    with no_more():
        print(await asyncio.gather(*(asyncio.to_thread(int, number) for number in range(3))))

async def start():
    with no_more():
        try:
            have_threads()
        except BlockingIOError as error:
            print(error.strerror)

async def lookup():
    with no_more():
        try:
            await system_lookup("cong.example", 80)
        except BlockingIOError as error:
            print(error.strerror)

async def store():
    with tempfile.TemporaryDirectory() as folder:
        kept = await open_store(f"sqlite:///{folder}/dvcwatch.db")
        for path in (Path(folder), *Path(folder).iterdir()):
            path.chmod(0o777)
        with no_more():
            looks = await asyncio.gather(*(kept.latest() for _ in range(3)), return_exceptions=True)
        print({type(look).__name__: str(look).rpartition(" gets ")[2] for look in looks})
        await kept.close()
"""


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("beside", "[0, 1, 2]"),
        ("start", "no further thread can be started"),
        ("lookup", "no further thread can be started"),
        ("store", "{'dict': '{}', 'StoreError': 'no thread for a connection'}"),
    ],
)
def test_when_there_are_no_threads_left_those_that_are_there_work_and_all_else_says_so(what: str, said: str) -> None:
    program = f"{_PROGRAM}\nasyncio.run({what}())\n"
    done = subprocess.run((sys.executable, "-c", program), capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout.strip(), done.returncode) == (said, 0), done.stderr
