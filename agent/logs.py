"""Logging: JSON lines for machines, short lines for a person at a terminal; secrets masked in both."""

import logging
import sys
from collections.abc import Callable
from typing import Any, TextIO

import structlog


def configure(stream: TextIO | None = None, redact: Callable[[str], str] = str, *, level: int = logging.INFO) -> None:
    """Send log lines of `level` and above to `stream` (standard error if None), as JSON unless it is a terminal."""
    out = stream if stream is not None else sys.stderr
    for_people = out.isatty()

    def mask(_logger: Any, _method: str, event: Any) -> Any:
        return {key: redact(value) if isinstance(value, str) else value for key, value in event.items()}

    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            mask,
            structlog.dev.ConsoleRenderer() if for_people else structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    # Libraries log through the standard library; only what they warn of is worth a line.
    logging.basicConfig(stream=out, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s", force=True)
