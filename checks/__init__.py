"""The words: what is watched (Config), how it is walked (Journey), and what came of it (Run, Incident)."""
