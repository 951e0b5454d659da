"""What can be wrong with what people write, said with an address."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault of a configuration: `FILE:LINE: key.path: message`."""

    file: str
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        """Render as the one line that `dvcwatch validate` prints."""
        key = f"{self.key}: " if self.key else ""
        return f"{self.file}:{self.line}: {key}{self.message}"


class ConfigError(Exception):
    """The configuration cannot be used; `problems` lists every fault found, in file order."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class SecretError(Exception):
    """A secret that checks.yaml refers to is not there, or cannot be read."""
