"""The main job, end to end, on the shipped files: the real agent watches the real practice province."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from sandbox.province import Province
from sandbox.settings import Settings
from tests.shipped import shipped_checks
from tests.sudo import browser_flags
from tests.until import until

CHECK = "khai-sinh"
KEPT = {CHECK, "cong-trang-chu", "kho-du-lieu-chung-thu", "kho-du-lieu-ten-mien", "mot-cua-tinh-ket-noi"}
TIMING = {"every": "20s", "deadline": "8s", "confirm_after": "500ms"}
PATIENCE_S = 120


def checks_of(province: Province, folder: Path) -> Path:
    """Copy the shipped configuration: a few of its checks, at this province's ports, with short intervals."""

    def change(document: dict[str, Any]) -> dict[str, Any]:
        document["alerts"]["mail"]["port"] = province.port("smtp")
        document["checks"] = [check | TIMING for check in document["checks"] if check["id"] in KEPT]
        for check in document["checks"]:
            if check["id"] == "mot-cua-tinh-ket-noi":
                check["port"] = province.port("mot-cua-tinh")
            if check["id"] == "kho-du-lieu-chung-thu":
                check |= {"port": province.port("kho-du-lieu"), "trust": {"ca_file": str(province.ca_file)}}
        return document

    return shipped_checks(province, folder, change)


@asynccontextmanager
async def agent(checks: Path, data: Path) -> AsyncIterator[str]:
    """Run the real agent; yields the address of its board, ends it by SIGTERM and expects a clean exit."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "agent", "run", "--checks", str(checks), "--data", str(data),
        "--listen", "127.0.0.1:0", *browser_flags(), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            line = await process.stdout.readline()
        assert line.startswith(b"board: "), "the agent ended before it served"
        yield line.decode().split()[1]
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def verdicts(session: aiohttp.ClientSession, board: str) -> dict[str, str]:
    """Read each check's state from the agent's own metrics."""
    async with session.get(board + "metrics") as answer:
        lines = (await answer.text()).splitlines()
    shown = [line for line in lines if line.startswith("dvcwatch_check_state{") and line.endswith(" 1.0")]
    return {line.split('check="')[1].split('"')[0]: line.split('state="')[1].split('"')[0] for line in shown}


async def becomes(session: aiohttp.ClientSession, board: str, wanted: dict[str, str]) -> dict[str, str]:
    """Wait until the checks of `wanted` are in those states; returns the last states seen."""
    return await until(
        lambda: verdicts(session, board), lambda seen: wanted.items() <= seen.items(), within_s=PATIENCE_S
    )


async def page(session: aiohttp.ClientSession, url: str) -> str:
    async with session.get(url) as answer:
        assert answer.status == 200, url
        return await answer.text()


async def page_says(session: aiohttp.ClientSession, url: str, *texts: str) -> None:
    """Wait until a page, which may be some seconds old, shows every text."""

    def shows_all(seen: str) -> bool:
        return all(text in " ".join(seen.split()) for text in texts)

    await until(lambda: page(session, url), shows_all, within_s=PATIENCE_S)


async def test_a_broken_service_turns_red_its_agency_is_told_and_told_again_when_it_is_mended(tmp_path: Path) -> None:
    async with Province(Settings(data=tmp_path / "province", base_port=0)) as province:
        checks = checks_of(province, tmp_path)
        async with agent(checks, tmp_path / "data") as board, aiohttp.ClientSession() as session:
            await becomes(session, board, dict.fromkeys(KEPT, "ok"))
            assert "Đăng ký khai sinh" in await page(session, board)

            await province.faults.set(f"service:{CHECK}", "http_500", path="giay-to")
            seen = await becomes(session, board, {CHECK: "failed"})
            assert {state for check, state in seen.items() if check != CHECK} == {"ok"}
            down = await province.mailbox.wait_for(2)
            receivers = {receiver for mail in down for receiver in mail.recipients}
            assert receivers == {"phuong-an-thinh@anbinh.example", "so-khcn@anbinh.example"}
            assert all("HỎNG" in mail.subject and "Đăng ký khai sinh" in mail.subject for mail in down)
            await page_says(session, board, "dịch vụ hỏng", "8. Khai thông tin trẻ em")

            await province.faults.clear()
            await becomes(session, board, {CHECK: "ok"})
            mails = await province.mailbox.wait_for(4)
            assert sum("KHÔI PHỤC" in mail.subject for mail in mails) == 2
        assert province.counters.submissions[CHECK] > 0
        await report_is_written(checks, tmp_path)


async def report_is_written(checks: Path, folder: Path) -> None:
    """The month's page is there and says honestly that a day is not enough to rank anybody."""
    month = f"{datetime.now(UTC).astimezone():%Y-%m}"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "agent", "report", "--period", month, "--checks", str(checks),
        "--data", str(folder / "data"), "--out", str(folder / "reports"), stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    written, _ = await process.communicate()
    assert process.returncode == 0
    assert [Path(line).name for line in written.decode().split()] == [
        f"bao-cao-xep-hang-{month}.html",
        f"xep-hang-{month}.json",
    ]
    assert "chưa đủ dữ liệu" in (folder / "reports" / f"bao-cao-xep-hang-{month}.html").read_text(encoding="utf-8")
