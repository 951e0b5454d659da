"""What every probe can do."""

from pathlib import Path
from typing import Protocol, TypeVar

from checks.config import AnyCheck, Target
from checks.run import Finding

C_contra = TypeVar("C_contra", bound=AnyCheck, contravariant=True)


class Probe(Protocol[C_contra]):
    """Looks at one target once.

    An expected failure (host down, wrong text, budget broken) is a Finding. Anything raised is a fault of ours and
    becomes `inconclusive / agent` in the runner. The caller ends a probe that outlives the check's deadline by
    cancelling it; the probe then cleans up and lets the cancellation pass.
    """

    async def run(self, target: Target[C_contra], evidence: Path | None = None) -> Finding:
        """Look once and say what was seen.

        With `evidence`, an existing empty folder, proof of a failure is written there; each `Evidence.path` of the
        finding is relative to it.
        """
