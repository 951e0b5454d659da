"""The practice province: a believable portal on loopback with switchable faults."""
