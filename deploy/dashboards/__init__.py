"""Grafana dashboards, written in Python and kept as JSON."""
