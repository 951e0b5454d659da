"""What `dvcwatch run` shows in a terminal: every check with its last verdict, and the agent in one line."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from checks.run import Run, Verdict
from exporters.snapshot import CheckRecord, Snapshot

LOOK = {
    Verdict.OK: ("● ok", "green"),
    Verdict.SLOW: ("▲ slow", "yellow"),
    Verdict.FAILED: ("■ failed", "bold red"),
    Verdict.BLOCKED: ("◆ blocked", "magenta"),
    Verdict.INCONCLUSIVE: ("◇ inconclusive", "cyan"),
    Verdict.SKIPPED: ("– skipped", "dim"),
}
"""A mark, a word and a colour for each verdict; none of them stands alone."""


_OTHER_LINES = 4  # the agent's, the headings, how many more, and the cursor's


class LiveView:
    """Renders the snapshot each time it is drawn."""

    def __init__(
        self,
        snapshot: Snapshot,
        now: Callable[[], datetime],
        next_due: Callable[[str], datetime | None],
    ) -> None:
        self.snapshot = snapshot
        self.now = now
        self.next_due = next_due
        self.board = "starting …"

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        """Draw the agent's line and the table; where the terminal is too low, what is not well goes first."""
        yield Text(self._agent(), style="dim", no_wrap=True, overflow="ellipsis")
        records = self.snapshot.records()
        room = options.size.height - _OTHER_LINES
        shown = records if len(records) <= room else tuple(sorted(records, key=_well)[: max(room, 1)])
        yield self._table(shown)
        if len(shown) < len(records):
            yield Text(f"and {len(records) - len(shown)} more: make the window higher, or see the board", style="dim")

    def _table(self, records: Iterable[CheckRecord]) -> Table:
        table = Table(box=None, pad_edge=False, expand=True)
        for heading, justify in (("check", "left"), ("verdict", "left"), ("took", "right"), ("ago", "right")):
            table.add_column(heading, justify=justify, no_wrap=True)  # type: ignore[arg-type]  # literals above
        table.add_column("next", justify="right", no_wrap=True)
        table.add_column("message", ratio=1, no_wrap=True, overflow="ellipsis")
        for record in records:
            table.add_row(*self._row(record))
        return table

    def _row(self, record: CheckRecord) -> tuple[RenderableType, ...]:
        name, run = record.target.check.id, record.last
        due = self.next_due(name)
        soon = _short(due - self.now()) if due is not None else "off"
        if run is None:
            return name, Text("… waiting", style="dim"), "", "", soon, ""
        word, style = LOOK[run.verdict]
        ago = _short(self.now() - run.finished_at)
        return name, Text(word, style=style), f"{run.duration_s:.2f} s", ago, soon, Text(_said(run))

    def _agent(self) -> str:
        facts = self.snapshot.agent
        if facts is None:
            return self.board
        mood = "DEGRADED" if facts.degraded else "healthy"
        held = " (until this machine is calm)" if facts.walks_held else ""
        return (
            f"{self.board}   Ctrl+C stops   agent {mood}, {facts.runs_in_progress} running, "
            f"{facts.queue_length} queued{held}, lag {facts.loop_lag_s * 1000:.0f} ms, "
            f"{facts.outbox_pending} mails waiting"
        )


def _well(record: CheckRecord) -> bool:
    return record.last is None or record.last.verdict is Verdict.OK


def _said(run: Run) -> str:
    return run.message if run.blame in ("none", "system") else f"[{run.blame}] {run.message}"


def _short(span: timedelta) -> str:
    seconds = max(0, int(span.total_seconds()))
    if seconds < 60:  # noqa: PLR2004  # seconds in a minute
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 3600 else f"{seconds // 3600} h"  # noqa: PLR2004  # seconds in an hour
