"""No secret reaches a log line, whoever wrote it and however deep it lies in the event."""

import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import pytest
import structlog

from agent import logs
from checks.secrets import MASK, Secrets

SECRET = 'Chim Hoàng "Yến" <7781>'


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    secrets = Secrets({}, Path())
    secrets.learn(SECRET)
    stream = io.StringIO()
    before = sys.excepthook
    try:
        logs.configure(stream, secrets.redact, level=logging.DEBUG)
        yield stream
    finally:
        sys.excepthook = before
        structlog.reset_defaults()
        logging.basicConfig(handlers=[logging.NullHandler()], force=True)


def test_an_event_is_masked_at_any_depth_and_stays_json(lines: io.StringIO) -> None:
    structlog.get_logger().debug(
        "typed", text=SECRET, deep={"list": [quote(SECRET), {SECRET: 1}]}, path=Path(SECRET), error=ValueError(SECRET)
    )
    said = json.loads(lines.getvalue())
    assert "Hoàng" not in lines.getvalue()
    assert (said["text"], said["deep"]["list"]) == (MASK, [MASK, {MASK: 1}])
    assert said["error"] == f"ValueError('{MASK}')"


def test_a_line_that_a_full_disk_does_not_take_ends_nothing() -> None:
    full = Path("/dev/full").open("w", encoding="utf-8", buffering=1)  # noqa: SIM115  # closing it fails too
    try:
        logs.configure(full)
        structlog.get_logger().info("calibrated")
        logging.getLogger("a.library").warning("told")
    finally:
        structlog.reset_defaults()
        logging.basicConfig(handlers=[logging.NullHandler()], force=True)
        with suppress(OSError):
            full.close()


def test_a_traceback_is_masked(lines: io.StringIO) -> None:
    try:
        int(SECRET)
    except ValueError:
        structlog.get_logger().exception("failed")
        logging.getLogger("a.library").exception("failed with %s", SECRET)
    ours, theirs = lines.getvalue().split("\n", 1)
    for said in (ours, theirs):
        assert MASK in said
        assert "Hoàng" not in said
    assert "ValueError" in ours
    assert theirs.startswith(f"ERROR a.library: failed with {MASK}")


def test_a_program_that_ends_by_an_error_masks_its_last_words() -> None:
    program = f"""
from pathlib import Path
from agent import logs
from checks.secrets import Secrets
secrets = Secrets({{}}, Path())
secrets.learn({SECRET!r})
logs.configure(redact=secrets.redact)
raise RuntimeError({SECRET!r})
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"RuntimeError: {MASK}" in done.stderr
    assert "Hoàng" not in done.stderr
