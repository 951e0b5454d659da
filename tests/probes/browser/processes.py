"""The processes of the browser that these tests walk with."""

import psutil


def children(flag: str) -> list[psutil.Process]:
    """Return the processes of this test run that were started with `flag`."""
    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            if flag in process.cmdline():
                found.append(process)
        except psutil.Error:  # ended meanwhile
            continue
    return found
