"""Tests of store: one contract, run on both databases."""
