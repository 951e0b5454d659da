"""One check, once: a probe looks and says what it saw. No scheduling, storage, metrics or alerting in here."""
