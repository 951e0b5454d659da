"""How a walk's message is put together, in Vietnamese; things on a page are named by `checks.elements_vi`."""

from checks.elements_vi import quoted


def in_step(name: str, message: str) -> str:
    """Put the step's name before what happened in it."""
    return f"Bước {quoted(name)}: {message}"
