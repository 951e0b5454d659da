"""Everything that waits for the store: in memory while the store answers, on disk while it does not."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from itertools import islice

import structlog

from agent.records import Begun, Record, Span, merged
from agent.spool import Spool
from checks.run import Outcome

log = structlog.get_logger(__name__)

_AT_ONCE = 500


@dataclass(slots=True)
class Backlog:
    """An ordered queue whose head lies on disk once it was spilled. One task reads it, everybody may add.

    A disk that takes nothing either leaves the records in memory, at most `memory_limit` of them: of older ones only
    the spans of their slots are remembered. It is asked again after `refused_for_s`.
    """

    spool: Spool
    memory_limit: int = 20_000
    refused_for_s: float = 5.0
    _memory: deque[Record] = field(default_factory=deque)
    _head: int = 0
    _refused: bool = False
    _again_s: float = float("-inf")

    def __bool__(self) -> bool:
        """Whether anything waits."""
        return bool(self._memory) or self.spool.holds or bool(self.spool.gone)

    @property
    def spilled(self) -> bool:
        """Whether the oldest records lie on disk."""
        return self.spool.holds

    @property
    def gone(self) -> dict[str, Span]:
        """Per check, the span of slots whose records had to go."""
        return self.spool.gone

    @property
    def outcomes(self) -> int:
        """How many outcomes wait on disk."""
        return self.spool.outcomes

    def forget_gone(self) -> None:
        """Forget the spans: their slots have rows."""
        try:
            self.spool.forget_gone()
        except OSError as error:
            log.warning("spool_not_emptied", error=str(error))

    def add(self, record: Record) -> None:
        """Put one record behind the others."""
        self._memory.append(record)

    async def first(self, count: int) -> tuple[int, list[Record]]:
        """Return the oldest records, and the place after them, to be given to `done`."""
        if self.spool.holds:
            records = await asyncio.to_thread(self.spool.first, count)
            if records:
                return self._head + len(records), records
        records = list(islice(self._memory, count))
        return self._head + len(records), records

    async def done(self, place: int) -> None:
        """Forget the records before `place`, wherever they lie by now: they are stored."""
        count = max(0, place - self._head)
        self._head += count
        if not self.spool.holds:
            for _ in range(count):
                self._memory.popleft()
            return
        try:
            await asyncio.to_thread(self.spool.done, count)
        except OSError as error:  # they stay on the disk and are known to be stored at the next start
            log.warning("spool_not_emptied", error=str(error))

    async def spill(self) -> None:
        """Put what is in memory on the disk, and let the slots among it be walked."""
        records = list(self._memory)
        now_s = asyncio.get_running_loop().time()
        if now_s >= self._again_s:
            try:
                await self._write(len(records))
                self._refused = False
            except OSError as error:
                self._again_s = now_s + self.refused_for_s
                self._note(error)
        self._bound()
        for record in records:
            if isinstance(record, Begun):
                record.answer(frozenset(slot.id for slot in record.slots))

    async def _write(self, count: int) -> None:
        while count:
            part = list(islice(self._memory, min(count, _AT_ONCE)))
            self._head += await asyncio.to_thread(self.spool.append, part)
            for _ in part:
                self._memory.popleft()
            count -= len(part)

    def _note(self, error: OSError) -> None:
        if not self._refused:
            log.error("spool_refused", error=str(error), in_memory=len(self._memory))
        self._refused = True

    def _bound(self) -> None:
        """Keep no more in memory than may be."""
        surplus = [self._memory.popleft() for _ in range(len(self._memory) - self.memory_limit)]
        if not surplus:
            return
        self.spool.gone = merged(self.spool.gone, surplus)
        self.spool.dropped += sum(isinstance(record, Outcome) for record in surplus)
        if not self.spool.holds:
            self._head += len(surplus)
        log.error("memory_full", dropped=self.spool.dropped)
