import asyncio
import re
import signal
import sys
from pathlib import Path

from sandbox.faults import FAULT_KINDS
from sandbox.province import Province, Settings
from sandbox.tables import renew

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs" / "sandbox.md"


async def start(tmp_path: Path, port_base: int) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sandbox", "--data", str(tmp_path), "--port-base", str(port_base)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


def test_the_tables_of_the_docs_are_those_of_the_catalogue() -> None:
    text = DOCS.read_text(encoding="utf-8")
    assert renew(text) == text, "run: python -m sandbox.tables docs/sandbox.md"
    assert all(f"`{kind.name}`" in text for kind in FAULT_KINDS)


def test_the_docs_name_every_route_of_the_api() -> None:
    text = DOCS.read_text(encoding="utf-8")
    for route in ("GET /api/info", "POST /api/faults", "DELETE /api/faults", "GET /api/counters", "GET /api/hop-thu"):
        assert route in text


async def test_the_province_runs_until_it_is_told_to_end(tmp_path: Path) -> None:
    process = await start(tmp_path, 0)
    assert process.stdout is not None
    said = b""
    async with asyncio.timeout(30):
        while b"CA:" not in said:
            said += await process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        _, errors = await process.communicate()
    assert re.search(rb"cong-quoc-gia +http://127\.0\.0\.1:\d+", said)
    assert (tmp_path / "sandbox" / "ca.pem").exists()
    assert (process.returncode, errors) == (0, b"")


async def test_a_taken_port_ends_the_program_with_one_line(tmp_path: Path) -> None:
    async with Province(Settings(data=tmp_path, base_port=0)) as province:
        port = province.port("bang-dieu-khien")
        process = await start(tmp_path / "second", port)
        async with asyncio.timeout(30):
            said, errors = await process.communicate()
    assert process.returncode == 1
    assert said == b""
    assert errors.decode().splitlines() == [
        f"sandbox: cannot listen on 127.0.0.1:{port} for bang-dieu-khien: Address already in use"
    ]
