"""Tests of the board: a real server, a real store, a real browser."""
