"""`dvcwatch import`: writing checks down, without a browser."""

import re
import sys
import textwrap
from pathlib import Path

from checks.errors import ConfigError
from checks.recordings.translate import translate

GOOD, BAD = 0, 2
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def import_file(recording: Path, id_: str | None, title: str | None, out: Path | None, *, with_check: bool) -> int:
    """Write the journey that `recording` tells, and on standard error what to know about it; return the exit code."""
    if id_ is not None and _ID.fullmatch(id_) is None:
        print(f"--id must be lower-case words joined by hyphens, such as khai-sinh, not {id_!r}", file=sys.stderr)
        return BAD
    try:
        made = translate(recording, id_, title)
        if out is not None:
            out.write_text(made.yaml, encoding="utf-8")
    except ConfigError as error:
        print(*error.problems, sep="\n")
        return BAD
    except OSError as error:
        print(f"{out}: cannot be written: {error.strerror}", file=sys.stderr)
        return BAD
    if out is None:
        print(made.yaml, end="")
    if with_check:
        print(made.check if out is not None else textwrap.indent(made.check, "# "), end="")
    if made.notes:
        print(*made.notes, sep="\n", file=sys.stderr)
    return GOOD
