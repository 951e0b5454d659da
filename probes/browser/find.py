"""Finds a Chromium on this machine. Installing one is the set-up's work; here only finding."""

import errno
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import playwright

INSTALL = (
    "python -m playwright install --with-deps --only-shell chromium",
    "sudo apt-get install chromium-headless-shell",
    "sudo apt-get install chromium",
)
"""Commands that would install a browser, best first."""

# The headless shell first: the full browser costs 2.8 times its CPU for the same walk.
_ON_PATH = (
    "chromium-headless-shell",
    "chrome-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
_DOWNLOADED = (
    ("chromium-headless-shell", ("*/chrome-headless-shell", "*/headless_shell")),
    ("chromium", ("*/chrome",)),
)
_VERSION_TIMEOUT_S = 20.0
_NO_PROGRAM = frozenset(
    {errno.ENOENT, errno.EACCES, errno.EPERM, errno.ENOEXEC, errno.ENOTDIR, errno.ELOOP, errno.EINVAL, errno.ELIBBAD}
)
"""What the kernel says of a file that it will never execute; anything else it may say at a bad moment."""

_KILLED = frozenset({-signal.SIGKILL, -signal.SIGTERM})
"""How a program ends that somebody else has ended, a kernel short of memory for one."""


class BrowserMissing(Exception):  # noqa: N818 -- the name other rooms already know
    """No usable Chromium was found; the message says what was tried and which commands would install one."""

    def __init__(self, tried: list[str]) -> None:
        self.tried = tuple(tried)
        looked = "; ".join(tried) if tried else "nothing found"
        super().__init__(f"no usable Chromium ({looked}). Install one with any of: {' | '.join(INSTALL)}")


class BrowserStartError(Exception):
    """Chromium is there and did not start, or could not be asked; the message says why and what would help."""


@dataclass(frozen=True, slots=True)
class FoundBrowser:
    """A Chromium that runs: its path, how it was found (`configured`, `playwright`, `system`), what it says it is."""

    path: Path
    how: str
    version: str


def find_browser(configured: str | None = None, environment: Mapping[str, str] = os.environ) -> FoundBrowser:
    """Return the first Chromium that answers `--version`; blocks while it does.

    A configured path is the only candidate when given: a broken setting must not be papered over. Nor is the next
    candidate taken while nobody can tell of a better one: the choice stays, and a shortage passes.

    Raises:
        BrowserMissing: None of the candidates is there and runs.
        BrowserStartError: This machine is too short of something to ask them now.
    """
    tried: list[str] = []
    try:
        for path, how in _candidates(configured, environment):
            version = _version(path)
            if version is not None:
                return FoundBrowser(path, how, version)
            tried.append(f"{path} does not run")
    except (OSError, subprocess.SubprocessError) as error:
        raise BrowserStartError(f"no Chromium could be asked for its version just now: {error}") from error
    if configured is None:
        tried.append(f"looked for Playwright's own download and on PATH for {', '.join(_ON_PATH)}")
    raise BrowserMissing(tried)


def _candidates(configured: str | None, environment: Mapping[str, str]) -> Iterator[tuple[Path, str]]:
    if configured is not None:
        yield Path(configured).expanduser(), "configured"
        return
    for path in _downloads(environment):
        yield path, "playwright"
    for name in _ON_PATH:
        found = shutil.which(name, path=environment.get("PATH"))
        if found is not None:
            yield Path(found), "system"


def _downloads(environment: Mapping[str, str]) -> Iterator[Path]:
    """Only the revision this Playwright was made for: another one drifts apart from its driver."""
    folder, revisions = _registry(environment), _revisions()
    for name, patterns in _DOWNLOADED:
        home = folder / f"{name.replace('-', '_')}-{revisions.get(name, 'none')}"
        for pattern in patterns:
            yield from sorted(home.glob(pattern))


def _registry(environment: Mapping[str, str]) -> Path:
    chosen = environment.get("PLAYWRIGHT_BROWSERS_PATH", "")
    if chosen == "0":
        return Path(playwright.__file__).parent / "driver" / "package" / ".local-browsers"
    if chosen:
        return Path(chosen)
    cache = environment.get("XDG_CACHE_HOME") or str(Path(environment.get("HOME", "~")).expanduser() / ".cache")
    return Path(cache) / "ms-playwright"


def _revisions() -> dict[str, str]:
    listing = Path(playwright.__file__).parent / "driver" / "package" / "browsers.json"
    try:
        browsers = json.loads(listing.read_text(encoding="utf-8"))["browsers"]
    except FileNotFoundError:  # a distribution's own package may lay the driver out otherwise
        return {}
    return {browser["name"]: browser["revision"] for browser in browsers}


def _version(path: Path) -> str | None:
    """Return what a program says it is; None when it does not run.

    Raises:
        OSError, subprocess.SubprocessError: Nobody can tell now.
    """
    if not (path.is_file() and os.access(path, os.X_OK)):
        return None
    try:
        answer = subprocess.run(
            [str(path), "--version"], capture_output=True, text=True, timeout=_VERSION_TIMEOUT_S, check=False
        )
    except OSError as error:
        if error.errno in _NO_PROGRAM:
            return None
        raise
    if answer.returncode in _KILLED:
        answer.check_returncode()
    return " ".join(answer.stdout.split()) or None if answer.returncode == 0 else None
