"""How the agent is run, watched and shown."""
