"""Start a browser as an agent does, say so, and wait to be killed; started by test_processes.py."""

import asyncio
import os
import sys
from pathlib import Path

from checks.model import BrowserSettings
from probes.browser import Chromium


async def main() -> None:
    """Open a page in a browser whose temporary files lie under the folder that is named."""
    settings = BrowserSettings(sandbox=os.geteuid() != 0)
    async with (
        Chromium(settings, "dvcwatch/1", around=Path(sys.argv[1])) as chromium,
        chromium.context("desktop") as walk,
    ):
        await walk.context.new_page()
        print("roots", *(one.pid for one in walk.generation.roots), flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
