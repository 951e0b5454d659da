"""Runs the real command in a process of its own, as a user would."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

_PATIENCE_S = 60.0
_TRIES = 15


@dataclass(frozen=True)
class Finished:
    """What a command left behind."""

    code: int
    out: str
    err: str


async def start(*arguments: str | Path, folder: Path) -> asyncio.subprocess.Process:
    """Start `dvcwatch` in `folder`."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "agent", *map(str, arguments),
        cwd=folder, env=os.environ | {"COLUMNS": "200", "NO_COLOR": "1"}, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def dvcwatch(*arguments: str | Path, folder: Path) -> Finished:
    """Run `dvcwatch` in `folder` to its end."""
    return await end(await start(*arguments, folder=folder))


async def once(*arguments: str | Path, folder: Path) -> Finished:
    """Run `dvcwatch once --json`; again while the machine is too busy, because a starved agent accuses nobody."""
    for _ in range(_TRIES):
        done = await dvcwatch("once", "--json", *arguments, folder=folder)
        runs = [json.loads(line) for line in done.out.splitlines() if line.startswith("{")]
        if not any(run["health"]["degraded"] or run["reason"] == "agent_overload" for run in runs):
            break
    return done


async def end(process: asyncio.subprocess.Process) -> Finished:
    """Wait for a command's own end and return what it said since."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return Finished(process.returncode, out.decode(), err.decode())


async def board_of(process: asyncio.subprocess.Process) -> str:
    """Wait until a started agent serves; return the board's address."""
    assert process.stdout is not None
    async with asyncio.timeout(_PATIENCE_S):
        while line := (await process.stdout.readline()).decode():
            if line.startswith("board: "):
                return line.removeprefix("board: ").strip()
    raise AssertionError(f"the agent ended: {(await end(process)).err}")


@asynccontextmanager
async def site(visited: asyncio.Event | None = None) -> AsyncIterator[str]:
    """Serve a page that is well at `/`, and one that is not at `/hong`; yields the site's address.

    `visited` is set once the page at `/` was asked for.
    """

    async def well(_: web.Request) -> web.Response:
        if visited is not None:
            visited.set()
        return web.Response(text="<h1>Xin chào</h1>", content_type="text/html")

    async def broken(_: web.Request) -> web.Response:
        return web.Response(status=500, text="Lỗi")

    app = web.Application()
    app.router.add_get("/", well)
    app.router.add_get("/hong", broken)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


CHECKS = """\
version: 1
settings:
  contact: mailto:giam-sat@anbinh.example
  location: an-binh
  defaults: {{every: 3s, deadline: 1s, confirm_after: 10ms}}
  browser: {browser}
agencies: [{{id: so, name: Sở Tư pháp}}]
systems: [{{id: cong, name: Cổng, agency: so, url: "{url}", hosts: ["{host}"], environment: test}}]
journeys:
  - id: xem
    title: Xem
    parameters: {{loi: {{default: Xin chào}}}}
    steps: [{{name: Mở trang, do: [{{goto: "${{system.url}}/"}}], until: {{text: "${{loi}}"}}, timeout: 2s}}]
checks:
  - {{id: tot, type: http, system: cong, url: "${{system.url}}/"}}
  - {{id: hong, type: http, system: cong, url: "${{system.url}}/hong", enabled: {broken}}}
  - {{id: di, type: browser, system: cong, journey: xem, every: 3m, deadline: 60s, enabled: false}}
  - {{id: lac, type: browser, system: cong, journey: xem, every: 3m, deadline: 60s, enabled: false,
     with: {{loi: Tạm biệt}}}}
"""
"""A check that is well and one that is not, a walk that is well and one that is not."""

NO_BROWSER = "{executable: /nowhere/chromium, sandbox: false}"


def write_checks(folder: Path, url: str, *, broken: bool = True, browser: str = NO_BROWSER) -> Path:
    """Write a checks.yaml about the `site` at `url`."""
    path = folder / "checks.yaml"
    text = CHECKS.format(url=url, host=url.removeprefix("http://"), broken=str(broken).lower(), browser=browser)
    path.write_text(text, encoding="utf-8")
    return path
