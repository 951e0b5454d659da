"""Chromium's own sandbox, as an ordinary user has it."""

import asyncio
import json
import os
import shutil
import sys
from pathlib import Path

# In a user namespace of its own root is somebody else, who may still read what root may.
_AS_SOMEBODY = ("unshare", "--user", "--map-user=1000", "--map-group=1000")


async def test_an_ordinary_user_walks_with_chromiums_sandbox_on(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.probes.browser.sandboxed"]
    if os.geteuid() == 0:
        assert shutil.which("unshare"), "run the tests as an ordinary user, or install util-linux"
        command = [*_AS_SOMEBODY, *command]
    process = await asyncio.create_subprocess_exec(
        *command,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"HOME": str(tmp_path), "TMPDIR": str(tmp_path)},
        cwd=Path(__file__).parents[3],
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    told = json.loads(out.decode().splitlines()[-1])
    assert told["user"] != 0
    assert told["verdict"] == "ok", told["says"]
    # 2: the kernel filters this process's system calls.
    assert told["seccomp"] == ["2"]
