"""What the user can mend: the command line says it in one line and leaves."""


class AgentError(Exception):
    """The agent cannot do it; the message says why and what to do."""


class OptionError(Exception):
    """An option is not written as it must be; the message names it."""
