"""The agent: what is due, who runs it, where the results go; board and command line."""
