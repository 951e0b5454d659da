"""What can be wrong with what people write, said with an address."""

from dataclasses import dataclass


def shown(text: object, most: int = 200) -> str:
    """Quote what somebody wrote, on one line and not at any length."""
    quoted = str(text)
    quoted = quoted if quoted.isprintable() else quoted.encode("unicode_escape").decode("ascii")
    return f"'{quoted}'" if len(quoted) <= most else f"'{quoted[:most]}…'"


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
