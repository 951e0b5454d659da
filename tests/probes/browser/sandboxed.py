"""Walk once with Chromium's sandbox on and print what was found; started by test_sandbox.py as an ordinary user."""

import asyncio
import json
import os
from pathlib import Path

import psutil

from checks.model import BrowserSettings
from checks.secrets import Secrets
from probes.browser import BrowserProbe, Chromium
from tests.probes.browser.conftest import a_target
from tests.probes.browser.portal import portal, step


def _renderers() -> list[dict[str, str]]:
    """Return the kernel's account of every renderer of this process."""
    accounts = []
    for process in psutil.Process().children(recursive=True):
        if "--type=renderer" in process.cmdline():
            lines = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii").splitlines()
            accounts.append(dict(line.split(":\t", 1) for line in lines if ":\t" in line))
    return accounts


async def main() -> None:
    """Walk, and look at the renderers meanwhile."""
    async with portal() as site, Chromium(BrowserSettings(), "dvcwatch/1") as chromium:
        site.pages["/"] = "<h1>Trang chủ</h1>"
        probe = BrowserProbe(chromium, Secrets({}, Path()), sign_on=frozenset())
        found = await probe.run(a_target(site, [step("Mở", {"goto": site.url + "/"}, until={"text": "Trang chủ"})]))
        async with chromium.context("desktop") as walk:
            await walk.context.new_page()
            seccomp = sorted({account["Seccomp"] for account in _renderers()})
        print(json.dumps({"user": os.geteuid(), "verdict": found.verdict, "says": found.message, "seccomp": seccomp}))


if __name__ == "__main__":
    asyncio.run(main())
