"""The practice province: a believable portal on loopback whose faults can be switched. Knows nothing of the monitor."""
