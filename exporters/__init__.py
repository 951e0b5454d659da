"""What Prometheus sees: one table of metrics, one snapshot of what was observed, one collector that reads it."""

from exporters.collector import render
from exporters.snapshot import AgentFacts, Snapshot

__all__ = ["AgentFacts", "Snapshot", "render"]
