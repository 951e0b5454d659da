"""What every probe can do."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from checks.config import AnyCheck, Target
from checks.run import Finding

C_contra = TypeVar("C_contra", bound=AnyCheck, contravariant=True)


@dataclass(frozen=True, slots=True)
class Proof:
    """What is to be kept of one look beside its verdict.

    `folder`, an existing empty folder, takes the files; without one nothing is kept. `trace` records the whole look
    where the probe can. Recording costs time, so a recorded look says whether, never how fast: it is not slow. `always`
    keeps the recording of a look that went well, too.
    """

    folder: Path | None = None
    trace: bool = False
    always: bool = False


NO_PROOF = Proof()


class Probe(Protocol[C_contra]):
    """Looks at one target once.

    An expected failure (host down, wrong text, budget broken) is a Finding. Anything raised is a fault of ours and
    becomes `inconclusive / agent` in the runner. The caller ends a probe that outlives the check's deadline by
    cancelling it; the probe then cleans up and lets the cancellation pass.
    """

    async def run(self, target: Target[C_contra], proof: Proof = NO_PROOF) -> Finding:
        """Look once and say what was seen; each `Evidence.path` of the finding is relative to `proof.folder`."""
