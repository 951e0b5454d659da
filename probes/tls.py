"""One TLS handshake: is the certificate valid, for how long?"""

import asyncio
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from checks.config import Target
from checks.model import TlsCheck
from checks.run import Certificate, Finding
from checks.secrets import Secrets
from probes.address import address_url
from probes.certificate import refused, shown, too_short, utc_now, validity
from probes.conclusion import Conclusion, finding, reached, unusable
from probes.connection import Address, Lookup, dial, encrypt, system_lookup
from probes.deadline import bounded
from probes.probe import NO_PROOF, Proof
from probes.progress import Progress
from probes.trust import Trust, TrustError

_SECOND_LOOK_S = 5.0
_OF_WHAT_IS_LEFT = 0.8


@dataclass(slots=True)
class _Handshake:
    """One handshake in progress, and what it brought to light even when it failed."""

    check: TlsCheck
    context: ssl.SSLContext
    started_at: datetime
    progress: Progress
    certificate: Certificate | None = None
    refused_at: Address | None = None

    @property
    def server_name(self) -> str:
        return self.check.trust.server_name or self.check.host

    async def look(self, lookup: Lookup) -> Conclusion:
        self.progress.enter("dns")
        addresses = await lookup(self.check.host, self.check.port)
        self.progress.enter("connect")
        line = await dial(addresses)
        address = line.family, line.getpeername()
        self.progress.enter("tls")
        try:
            transport, _ = await encrypt(line, asyncio.Protocol, self.context, self.server_name, self.check.deadline)
        except ssl.SSLCertVerificationError:
            self.refused_at = address
            raise
        self.progress.stop()
        self.certificate = shown(transport.get_extra_info("ssl_object"), self.started_at)
        transport.abort()
        return reached(
            self.progress.elapsed_s,
            self.check.budget,
            lookup_s=self.progress.lookup_s,
            flaw=too_short(self.certificate, self.check.certificate_left),
        )

    async def with_refused_certificate(self, conclusion: Conclusion) -> Conclusion:
        """Read the certificate that was refused, off the clock, and add its dates to the message."""
        if self.refused_at is None:
            return conclusion
        left_s = self.check.deadline - self.progress.elapsed_s
        patience_s = min(_SECOND_LOOK_S, _OF_WHAT_IS_LEFT * left_s)
        self.certificate = await refused(self.refused_at, self.server_name, self.started_at, patience_s)
        if self.certificate is None:
            return conclusion
        return replace(conclusion, message=f"{conclusion.message}; {validity(self.certificate)}")


class TlsProbe:
    """Does one handshake and reads the certificate, a refused one too.

    `folder` is where checks.yaml lies (CA files are relative to it), `secrets` are masked in messages, `now` gives the
    aware moment that days left count from, `clock` monotonic seconds, `lookup` finds addresses.
    """

    def __init__(
        self,
        folder: Path,
        secrets: Secrets,
        *,
        now: Callable[[], datetime] = utc_now,
        clock: Callable[[], float] = time.monotonic,
        lookup: Lookup = system_lookup,
    ) -> None:
        self._trust = Trust(folder)
        self._secrets = secrets
        self._now = now
        self._clock = clock
        self._lookup = lookup

    async def run(self, target: Target[TlsCheck], proof: Proof = NO_PROOF) -> Finding:
        """Shake hands with the check's host and port; the phases are dns, connect and tls."""
        check = target.check
        progress = Progress(self._clock, address_url("https", check.host, check.port))
        try:
            context = await self._trust.context(check.trust.ca_file)
        except TrustError as error:
            return finding(unusable(error), progress, target, self._secrets)
        handshake = _Handshake(check, context, self._now(), progress)
        conclusion = await bounded(handshake.look(self._lookup), progress, check.deadline)
        conclusion = await handshake.with_refused_certificate(conclusion)
        return finding(conclusion, progress, target, self._secrets, certificate=handshake.certificate)
