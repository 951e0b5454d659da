"""Indicators, score, classes: pure functions of runs."""
