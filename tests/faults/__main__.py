"""`python -m tests.faults [ID or GROUP …]`: run the campaign, or a part of it, and print what the agent said.

Without a name everything runs. docs/faults.md is written again for the groups that were run as a whole. The exit code
says whether the bounds hold.
"""

import asyncio
import sys
import tempfile
from functools import partial
from pathlib import Path

from tests.faults.campaign import Result, run
from tests.faults.catalogue import FAULTS
from tests.faults.table import bounds_hold, page, row

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"


def _tell(result: Result, so_far: list[Result]) -> None:
    so_far.append(result)
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), so_far, FAULTS), encoding="utf-8")
    print(f"{'  ' if result.right else '!!'} {row(result)}", flush=True)
    if not result.right:
        print(f"     {result.message}", flush=True)


async def main(names: list[str]) -> int:
    """Run what is named; return 1 when the bounds of the campaign do not hold."""
    chosen = [fault for fault in FAULTS if not names or fault.id in names or fault.group in names]
    with tempfile.TemporaryDirectory(prefix="dvcwatch-faults-") as folder:
        results = await run(chosen, Path(folder), partial(_tell, so_far=[]))
    return 0 if bounds_hold(results) else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
