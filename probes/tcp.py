"""One TCP connection: does the port answer?"""

import time
from collections.abc import Callable

from checks.config import Target
from checks.model import TcpCheck
from checks.run import Finding
from checks.secrets import Secrets
from probes.address import address_url
from probes.conclusion import Conclusion, finding, reached
from probes.connection import Lookup, dial, system_lookup
from probes.deadline import bounded
from probes.probe import NO_PROOF, Proof
from probes.progress import Progress


class TcpProbe:
    """Connects once and hangs up.

    `secrets` are masked in messages, `clock` gives monotonic seconds, `lookup` finds addresses.
    """

    def __init__(
        self,
        secrets: Secrets,
        *,
        clock: Callable[[], float] = time.monotonic,
        lookup: Lookup = system_lookup,
    ) -> None:
        self._secrets = secrets
        self._clock = clock
        self._lookup = lookup

    async def run(self, target: Target[TcpCheck], proof: Proof = NO_PROOF) -> Finding:
        """Connect to the check's host and port; the phases are dns and connect."""
        check = target.check
        progress = Progress(self._clock, address_url("tcp", check.host, check.port))
        conclusion = await bounded(self._look(check, progress), progress, check.deadline)
        return finding(conclusion, progress, target, self._secrets)

    async def _look(self, check: TcpCheck, progress: Progress) -> Conclusion:
        progress.enter("dns")
        addresses = await self._lookup(check.host, check.port)
        progress.enter("connect")
        line = await dial(addresses)
        progress.stop()
        line.close()
        return reached(progress.elapsed_s, check.budget, lookup_s=progress.lookup_s)
