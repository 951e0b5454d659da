"""The view in the terminal: what waits and why is said where people look first."""

import io
from dataclasses import replace

from rich.console import Console

from agent.live import LiveView
from exporters import Snapshot
from tests.exporters.observations import FACTS
from tests.samples import NOON


def drawn(snapshot: Snapshot) -> str:
    console = Console(file=io.StringIO(), width=200)
    console.print(LiveView(snapshot, lambda: NOON, lambda _: None))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_walks_that_wait_for_a_calm_machine_are_said_to() -> None:
    snapshot = Snapshot()
    snapshot.observe_agent(replace(FACTS, queue_length=3, walks_held=True))
    assert "3 queued (until this machine is calm)" in drawn(snapshot)
    snapshot.observe_agent(replace(FACTS, queue_length=3))
    assert "3 queued, lag" in drawn(snapshot)
