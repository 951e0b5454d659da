"""Where results are kept: runs, incidents, outbox."""
