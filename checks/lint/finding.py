"""One thing that lint has to say, before it is known where in the file that is."""

from dataclasses import dataclass

from checks.source import KeyPath


@dataclass(frozen=True, slots=True)
class Finding:
    """What stands at `path` is valid and will hurt; `info` is worth knowing and no fault."""

    path: KeyPath
    message: str
    info: bool = False
