"""The configuration in force. Whoever needs it asks each time, so that a reload reaches everybody at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from checks.config import AnyCheck, Config, Target


@dataclass(slots=True)
class Current:
    """What is in force since `loaded_at`; `problems` are those of the latest try to replace it, none when it worked.

    `gone` holds the checks that were in force earlier in this process, as they were last: what is still open of them
    needs to know whose it was.
    """

    config: Config
    loaded_at: datetime
    problems: tuple[str, ...] = ()
    gone: dict[str, Target[AnyCheck]] = field(default_factory=dict)

    def __call__(self) -> Config:
        """Return the configuration."""
        return self.config

    def adopt(self, config: Config, at: datetime) -> None:
        """Put `config` in force."""
        self.gone.update(self.config.targets)
        for name in config.targets:
            self.gone.pop(name, None)
        self.config, self.loaded_at, self.problems = config, at, ()


@dataclass(frozen=True, slots=True)
class Difference:
    """Which checks came, went and are not what they were."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]

    @classmethod
    def between(cls, before: Mapping[str, Target[AnyCheck]], after: Mapping[str, Target[AnyCheck]]) -> "Difference":
        """Compare two configurations' checks (id -> target)."""
        return cls(
            added=tuple(name for name in after if name not in before),
            removed=tuple(name for name in before if name not in after),
            changed=tuple(name for name in after if name in before and after[name] != before[name]),
        )
