"""Tests of the words: configuration, journeys, results."""
