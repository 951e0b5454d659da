"""A citizen's walk in a real Chromium."""
