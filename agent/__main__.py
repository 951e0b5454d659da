"""`python -m agent`: the same as the command `dvcwatch`."""

from agent.cli import main

main()
