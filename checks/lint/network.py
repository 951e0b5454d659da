"""Who speaks for our own network when somebody is to be accused?"""

from collections.abc import Iterator

from checks.lint.finding import Finding
from checks.load import Loaded

_ENOUGH = 3


def look(whole: Loaded) -> Iterator[Finding]:
    """Yield what is to be said about the reference targets."""
    targets = whole.config.settings.reference_targets
    if not targets:
        yield Finding(
            ("settings",),
            "no reference_targets: our own network cannot be told from theirs, so a failure of two systems at once "
            "accuses nobody; name three",
        )
    elif len(targets) < _ENOUGH:
        yield Finding(
            ("settings", "reference_targets"),
            f"{len(targets)} is too few: more than half must answer, so one that stops by itself would speak for our "
            "network; name three, independent of each other",
        )
