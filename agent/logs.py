"""Logging: JSON lines for machines, short lines for a person at a terminal; secrets masked in both."""

import logging
import sys
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, TextIO

import structlog

from checks.secrets import Redact


def configure(stream: TextIO | None = None, redact: Redact = str, *, level: int = logging.INFO) -> None:
    """Send log lines of `level` and above to `stream` (standard error if None), as JSON unless it is a terminal.

    What libraries log, and the traceback of a program that ends by an error, are masked too. A line that cannot be
    written is lost and raises nothing.
    """
    given = stream if stream is not None else sys.stderr
    for_people, out = given.isatty(), _Lossy(given)

    def mask(_logger: Any, _method: str, event: Any) -> Any:
        return _masked(event, redact)

    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            mask,
            structlog.dev.ConsoleRenderer() if for_people else structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(out),  # type: ignore[arg-type]  # it writes and flushes, no more
        cache_logger_on_first_use=False,
    )
    # Libraries log through the standard library; only what they warn of is worth a line.
    handler = logging.StreamHandler(out)
    handler.setFormatter(_Masking("%(levelname)s %(name)s: %(message)s", redact))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    sys.excepthook = _last_words(redact)


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class _Lossy:
    """Loses what its stream does not take: a full disk or a reader that is gone must not end who logs that."""

    stream: TextIO

    def write(self, text: str) -> None:
        """Write, or not."""
        with suppress(OSError, ValueError):
            self.stream.write(text)

    def flush(self) -> None:
        """Have on the disk what can be."""
        with suppress(OSError, ValueError):
            self.stream.flush()


class _Masking(logging.Formatter):
    """Masks the whole line, traceback included."""

    def __init__(self, form: str, redact: Redact) -> None:
        super().__init__(form)
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        return self._redact(super().format(record))


def _masked(value: Any, redact: Redact) -> Any:
    """Mask every text in `value`, keys included; what JSON does not know is written out first."""
    if isinstance(value, str):
        return redact(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {redact(str(key)): _masked(one, redact) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(one, redact) for one in value]
    return redact(repr(value))


def _last_words(redact: Redact) -> Callable[[type[BaseException], BaseException, TracebackType | None], None]:
    def show(kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
        print(redact("".join(traceback.format_exception(kind, error, where))), end="", file=sys.stderr)

    return show
