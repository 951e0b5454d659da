"""What the store could not take yet, kept on disk in order: it survives `kill -9`, and it is bounded.

`DATA/spool/` holds segments, files of lines: a word and its JSON. What was appended is on the disk (fsync) when the
call returns. A line that was torn by a power cut is left out when it is read. When there is too much, the oldest
segment goes, and of what was in it only the span of slots per check is remembered.
"""

import errno
import json
import os
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path

import structlog

from agent.records import Begun, Passed, Record, Span, merged, unkept
from checks.run import Outcome, Reason, Slot
from store.documents import read, written
from store.protocol import StoreError, UnstorableError

log = structlog.get_logger(__name__)

_SEGMENT_BYTES = 1_000_000
_BEGUN, _PASSED, _ENDED = b"begun ", b"passed ", b"ended "
_SEGMENTS = "[0-9]" * 12 + ".jsonl"
_GONE = "gone.json"
_NO_HANDLE = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM})
"""Nothing is wrong with a file that cannot be opened for this: it is read later."""


@dataclass(slots=True)
class _Segment:
    path: Path
    bytes: int
    outcomes: int


@dataclass(slots=True)
class Spool:
    """An ordered queue of records in `folder`, at most about `max_bytes` long; every method may raise OSError.

    `gone` holds, per check, the span of slots whose records had to go; `dropped` counts outcomes that went so. `bytes`
    and `outcomes` are what is on disk, what is stored already of the oldest segment included.
    """

    folder: Path
    max_bytes: int = 256_000_000
    gone: dict[str, Span] = field(default_factory=dict)
    dropped: int = 0
    bytes: int = 0
    outcomes: int = 0
    _segments: deque[_Segment] = field(default_factory=deque)
    _front: deque[Record] = field(default_factory=deque)
    _newest: int = 0
    _writing: bool = False

    def __post_init__(self) -> None:
        """Take up what an earlier process left."""
        for path in sorted(self.folder.glob(_SEGMENTS)):
            content = path.read_bytes()
            outcomes = content.count(b"\n" + _ENDED) + content.startswith(_ENDED)
            self._segments.append(_Segment(path, 0, 0))
            self._newest = int(path.stem)
            self._grown(self._segments[-1], len(content), outcomes)
        self.gone = _read_gone(self.folder / _GONE)

    @property
    def holds(self) -> bool:
        """Whether anything is on disk."""
        return bool(self._segments)

    def append(self, records: Sequence[Record]) -> int:
        """Write records behind the others and have them on the disk; all of them or none.

        Returns how many of the oldest had to go to make room.
        """
        lines = b"".join(_line(record) for record in records)
        segment = self._segment()
        try:
            with segment.path.open("ab", buffering=0) as file:
                _write(file.fileno(), lines, segment.bytes)
        except OSError:
            self._close_if_empty(segment)
            raise
        self._grown(segment, len(lines), sum(isinstance(record, Outcome) for record in records))
        return self._bounded()

    def first(self, count: int) -> list[Record]:
        """Return the oldest records; fewer than `count` at the end of a segment."""
        while not self._front and self._segments:
            self._front.extend(_records(self._segments[0].path))
            if len(self._segments) == 1:
                self._writing = False  # what comes now goes into another segment
            if not self._front:
                self._drop_front()
        return list(islice(self._front, count))

    def done(self, count: int) -> None:
        """Forget the oldest records: they are stored."""
        while count and self.first(1):
            count -= 1
            self._front.popleft()
            if not self._front:
                self._drop_front()

    def forget_gone(self) -> None:
        """Forget the spans: their slots have rows."""
        self.gone = {}
        (self.folder / _GONE).unlink(missing_ok=True)

    def _segment(self) -> _Segment:
        """Return the segment to write to; a full one is followed by a new one."""
        if self._writing and self._segments and self._segments[-1].bytes < _SEGMENT_BYTES:
            return self._segments[-1]
        self._newest += 1
        self.folder.mkdir(parents=True, exist_ok=True)
        segment = _Segment(self.folder / f"{self._newest:012d}.jsonl", 0, 0)
        segment.path.touch(exist_ok=False)
        _sync_folder(self.folder)
        self._segments.append(segment)
        self._writing = True
        return segment

    def _close_if_empty(self, segment: _Segment) -> None:
        self._writing = False
        if not segment.bytes:
            self._segments.remove(segment)
            segment.path.unlink(missing_ok=True)

    def _grown(self, segment: _Segment, size: int, outcomes: int) -> None:
        segment.bytes += size
        segment.outcomes += outcomes
        self.bytes += size
        self.outcomes += outcomes

    def _drop_front(self) -> None:
        segment = self._segments.popleft()
        self.bytes -= segment.bytes
        self.outcomes -= segment.outcomes
        segment.path.unlink(missing_ok=True)

    def _bounded(self) -> int:
        """Let the oldest segments go until the rest is small enough."""
        went = 0
        while self.bytes > self.max_bytes and len(self._segments) > 1:
            try:
                records = self._front or deque(_records(self._segments[0].path))
            except OSError as error:  # the next append makes the room
                log.warning("spool_not_bounded", error=str(error))
                break
            self.gone = merged(self.gone, records)
            self.dropped += sum(isinstance(record, Outcome) for record in records)
            went += len(records)
            self._front.clear()
            try:
                self._drop_front()  # first, for it makes the room that the next line needs
                _write_gone(self.folder / _GONE, self.gone)
            except OSError as error:  # what was appended is on the disk; this is known as long as the process lives
                log.warning("spool_not_bounded", error=str(error))
            log.error("spool_full", dropped=self.dropped, kept=self.outcomes)
        return went


def _line(record: Record) -> bytes:
    if isinstance(record, Begun):
        return _BEGUN + _json(record.slots) + b"\n"
    if isinstance(record, Passed):
        return _PASSED + json.dumps([record.reason, record.words]).encode() + b"\t" + _json(record.slots) + b"\n"
    try:
        document = written(record)
    except UnstorableError:
        document = written(unkept(record))
    return _ENDED + document.encode() + b"\n"


def _json(slots: Sequence[Slot]) -> bytes:
    return json.dumps([slot.model_dump(mode="json") for slot in slots]).encode()


def _slots(document: bytes) -> tuple[Slot, ...]:
    return tuple(Slot.model_validate(slot) for slot in json.loads(document))


def _passed(line: bytes) -> Passed:
    why, _, slots = line.partition(b"\t")
    reason, words = json.loads(why)
    return Passed(_slots(slots), Reason(reason), str(words))


def _write(file: int, content: bytes, start: int) -> None:
    """Write all of it and have it on the disk, or leave the file as it was."""
    try:
        left = memoryview(content)
        while left:
            left = left[os.write(file, left) :]
        os.fsync(file)
    except OSError:
        os.ftruncate(file, start)
        raise


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _records(path: Path) -> Iterator[Record]:
    """Yield what a segment holds, nothing of one that is broken; OSError while this machine can open no file."""
    try:
        content = path.read_bytes()
    except OSError as error:
        if error.errno in _NO_HANDLE:
            raise
        log.error("spool_unreadable", file=path.name, error=str(error))  # noqa: TRY400  # says all there is
        return
    for line in content.split(b"\n"):
        try:
            if line.startswith(_BEGUN):
                yield Begun(_slots(line.removeprefix(_BEGUN)))
            elif line.startswith(_PASSED):
                yield _passed(line.removeprefix(_PASSED))
            elif line.startswith(_ENDED):
                yield read(Outcome, line.removeprefix(_ENDED).decode())
        except (ValueError, StoreError) as error:
            log.warning("spool_line_unreadable", file=path.name, error=str(error)[:200])


def _write_gone(path: Path, gone: dict[str, Span]) -> None:
    spans = {check: [moment.isoformat() for moment in span] for check, span in gone.items()}
    new = path.with_suffix(".new")
    new.write_text(json.dumps(spans), encoding="utf-8")
    new.replace(path)


def _read_gone(path: Path) -> dict[str, Span]:
    try:
        spans = json.loads(path.read_text(encoding="utf-8"))
        return {
            name: (datetime.fromisoformat(first), datetime.fromisoformat(last)) for name, (first, last) in spans.items()
        }
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, AttributeError) as error:
        log.warning("spool_line_unreadable", file=path.name, error=str(error))
        return {}
