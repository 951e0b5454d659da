"""What an http probe costs in processor time: a whole agent beside a bare aiohttp loop and blackbox_exporter.

All three ask the same page of the same server, over a fresh line each time, look at its status and for a text in it,
as often as each other. Ours also judges, stores, alerts and keeps the metrics. `python -m bench.http` is the bare loop.
"""

import asyncio
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import aiohttp
import psutil

from bench.figure import Figure
from bench.portal import portal
from bench.scene import agent_process, written

BOUND_MS = 1.0
CHECKS, EVERY_S = 500, 5
_SETTLE_S, _SPAN_S = 12.0, 40.0
_TEXT = "Thành phần hồ sơ"
_BLACKBOX = "prometheus-blackbox-exporter"
_MODULE = f"""\
modules:
  trang:
    prober: http
    timeout: 2s
    http: {{preferred_ip_protocol: ip4, fail_if_body_not_matches_regexp: ["{_TEXT}"]}}
"""


def measure() -> Iterator[Figure]:
    """Yield processor milliseconds per probe, ours beside the others'."""
    with portal() as host, tempfile.TemporaryDirectory() as folder:
        ours = _ours(Path(folder), host)
        bare = _bare(host)
        blackbox = _blackbox(Path(folder), host)
    what = f"processor time per http probe, {CHECKS} checks every {EVERY_S} s, stored"
    yield Figure(what, ours, "ms", BOUND_MS, "the bound")
    yield Figure("the same", ours, "ms", bare, "bare aiohttp, nothing stored")
    if blackbox is not None:
        yield Figure("the same", ours, "ms", blackbox, "blackbox_exporter, nothing stored")


def _ours(folder: Path, host: str) -> float:
    page = f'type: http, system: may, url: "http://{host}/0", expect: {{body_contains: ["{_TEXT}"]}}'
    path = written(folder, host, [f"id: trang-{n}, {page}" for n in range(CHECKS)], every=f"{EVERY_S}s")
    with agent_process(path) as agent:
        time.sleep(_SETTLE_S)
        began_s, spent_s = time.time(), _spent(agent.pid)
        time.sleep(_SPAN_S)
        ended_s, spent_s = time.time(), _spent(agent.pid) - spent_s
    with closing(sqlite3.connect(path.parent / "data" / "dvcwatch.db")) as store:
        moments = (int(moment_s * 1e6) for moment_s in (began_s, ended_s))
        good = "SELECT count(*) FROM runs WHERE verdict = 'ok' AND closed_at BETWEEN ? AND ?"
        runs = int(store.execute(good, tuple(moments)).fetchone()[0])
    return 1000 * spent_s / runs


def _bare(host: str) -> float:
    command = (sys.executable, "-m", "bench.http", f"http://{host}/0")
    with subprocess.Popen(command) as loop:
        return _per_probe(loop)


def _blackbox(folder: Path, host: str) -> float | None:
    """Return what blackbox_exporter needs; None when it is not here."""
    found = shutil.which(_BLACKBOX) or shutil.which("blackbox_exporter")
    if found is None:
        print(f"blackbox_exporter is not here: python -m scripts.install bench-tools ({_BLACKBOX} of Debian)")
        return None
    settings, port = folder / "blackbox.yml", _free_port()
    settings.write_text(_MODULE, encoding="utf-8")
    command = (found, f"--config.file={settings}", f"--web.listen-address=127.0.0.1:{port}", "--log.level=error")
    with subprocess.Popen(command) as exporter:
        try:
            asked = f"http://127.0.0.1:{port}/probe?module=trang&target=http://{host}/0"
            return _per_probe(
                exporter, subprocess.Popen((sys.executable, "-m", "bench.http", asked, "probe_success 1"))
            )
        finally:
            exporter.terminate()


def _per_probe(measured: subprocess.Popen[bytes], beside: subprocess.Popen[bytes] | None = None) -> float:
    """Watch a process that asks by itself, or is asked by another one, `CHECKS` times in `EVERY_S`; ms per probe."""
    try:
        time.sleep(_SETTLE_S)
        spent_s = _spent(measured.pid)
        time.sleep(_SPAN_S)
        return 1000 * (_spent(measured.pid) - spent_s) / (_SPAN_S * CHECKS / EVERY_S)
    finally:
        for one in (beside, measured):
            if one is not None:
                one.terminate()
                one.wait()


def _spent(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


# -- the bare loop


async def _ask_forever(url: str, text: str) -> None:
    """Ask as often as the agent does, in the same bursts: slots lie on whole seconds."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as session:
        loop, due = asyncio.get_running_loop(), asyncio.get_running_loop().time()
        while True:
            await asyncio.gather(*(_ask(session, url, text) for _ in range(CHECKS // EVERY_S)))
            due += 1.0
            await asyncio.sleep(max(0.0, due - loop.time()))


async def _ask(session: aiohttp.ClientSession, url: str, text: str) -> None:
    async with asyncio.timeout(2.0), session.get(url) as answer:
        said = await answer.text()
        assert answer.status == 200 and text in said, said[:500]  # noqa: S101, PT018 -- anything else measures nothing


if __name__ == "__main__":
    asyncio.run(_ask_forever(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else _TEXT))
