"""Chromium's own sandbox cannot work for root, who runs the tests in CI; everybody else keeps it on."""

import os


def browser_flags() -> tuple[str, ...]:
    """Return the command-line options that `dvcwatch run` and `once` need for this user."""
    return ("--no-browser-sandbox",) if os.geteuid() == 0 else ()
