"""Sets up what pip cannot: a browser, fonts with Vietnamese letters, and the real parts the tests run against.

Run as `python -m scripts.install browser fonts test-tools`. What is there already is left alone. As root on Debian
or Ubuntu the missing packages are installed; otherwise one message says what to type.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from probes.browser.find import BrowserMissing, BrowserStartError, find_browser

APT = ("apt-get", "install", "-y", "--no-install-recommends")


def main(parts: list[str]) -> int:
    """Install the named parts; return how many could not be."""
    return sum(not PARTS[part]() for part in parts)


def browser() -> bool:
    """Find a Chromium, else install one: Playwright's own first, then the system's."""
    try:
        return _browser_is_there() or _browser_installed()
    except BrowserStartError as error:
        return _give_up(str(error))


def _browser_installed() -> bool:
    playwright = (sys.executable, "-m", "playwright", "install", "--with-deps", "--only-shell", "chromium")
    return (
        (_runs(*playwright) and _browser_is_there())
        or (_installs("chromium-headless-shell") and _browser_is_there())
        or _give_up("no browser; install one with: playwright install --with-deps --only-shell chromium")
    )


def fonts() -> bool:
    """Find a serif twin of Times New Roman and Vietnamese letters, else install them."""
    if shutil.which("fc-list") and _says("fc-list", ":family=Liberation Serif") and _says("fc-list", ":lang=vi"):
        return True
    packages = ("fontconfig", "fonts-liberation", "fonts-noto-core")
    return _installs(*packages) or _give_up(f"no Vietnamese fonts; install: {' '.join(packages)}", fatal=False)


def test_tools() -> bool:
    """Find PostgreSQL, Prometheus, promtool, Alertmanager, faketime and poppler, else install them."""
    wanted = {
        "postgresql": bool(shutil.which("initdb") or [*Path("/usr/lib/postgresql").glob("*/bin/initdb")]),
        "prometheus": bool(shutil.which("prometheus") and shutil.which("promtool")),
        "prometheus-alertmanager": bool(shutil.which("amtool")),
        "libfaketime": bool([*Path("/usr/lib").glob("*/faketime/libfaketime.so.1")]),
        "poppler-utils": bool(shutil.which("pdftoppm")),
    }
    missing = [package for package, there in wanted.items() if not there]
    return not missing or _installs(*missing) or _give_up(f"the tests need: {' '.join(missing)}")


def bench_tools() -> bool:
    """Find blackbox_exporter, which `bench/http.py` measures beside ours, else install it."""
    there = shutil.which("prometheus-blackbox-exporter") or shutil.which("blackbox_exporter")
    package = "prometheus-blackbox-exporter"
    return bool(there) or _installs(package) or _give_up(f"to compare with it, install: {package}", fatal=False)


def _browser_is_there() -> bool:
    try:
        found = find_browser(None)
    except BrowserMissing:
        return False
    print(f"browser: {found.path}")
    return True


def _installs(*packages: str) -> bool:
    """Install Debian packages as root; False where that cannot be."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return False
    # PostgreSQL's package would start a server of its own; the tests start theirs.
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    _runs("apt-get", "update", environment=quiet)
    return _runs(*APT, *packages, environment=quiet)


def _runs(*command: str, environment: dict[str, str] | None = None) -> bool:
    print("+", " ".join(command), flush=True)
    return subprocess.run(command, check=False, env=environment, stdin=subprocess.DEVNULL).returncode == 0


def _says(*command: str) -> bool:
    return bool(subprocess.run(command, check=False, capture_output=True).stdout.strip())


def _give_up(message: str, *, fatal: bool = True) -> bool:
    print(f"set-up: {message}", file=sys.stderr)
    return not fatal


PARTS: dict[str, Callable[[], bool]] = {
    "browser": browser,
    "fonts": fonts,
    "test-tools": test_tools,
    "bench-tools": bench_tools,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
