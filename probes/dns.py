"""One question to one resolver: does the name lead where it should?"""

import asyncio
import ipaddress
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import dns.asyncresolver
import dns.name
from dns.exception import DNSException
from dns.rdata import Rdata
from dns.rdtypes.ANY.MX import MX
from dns.rdtypes.ANY.TXT import TXT

from checks.config import Target
from checks.model import DnsCheck
from checks.run import AGENT, Finding, Reason
from checks.secrets import Secrets
from probes.address import address_url, host_of
from probes.conclusion import Conclusion, finding, ours, reached, theirs
from probes.connection import Lookup, system_lookup
from probes.deadline import bounded
from probes.network_errors import about_the_name, conclude_query, unanswered
from probes.probe import NO_PROOF, Proof
from probes.progress import Progress

_DNS_PORT = 53
_SHOWN = 5
_ASKING_SHARE = 0.9  # of the deadline: asking ends before `bounded` does, which does not know who was asked


class DnsProbe:
    """Asks one question, without a cache and without this machine's search list.

    `secrets` are masked in messages, `clock` gives monotonic seconds, `resolver_file` names this machine's resolver,
    `lookup` finds the address of a resolver that checks.yaml gives by name.
    """

    def __init__(
        self,
        secrets: Secrets,
        *,
        clock: Callable[[], float] = time.monotonic,
        resolver_file: Path = Path("/etc/resolv.conf"),
        lookup: Lookup = system_lookup,
    ) -> None:
        self._secrets = secrets
        self._clock = clock
        self._resolver_file = resolver_file
        self._lookup = lookup

    async def run(self, target: Target[DnsCheck], proof: Proof = NO_PROOF) -> Finding:
        """Ask the check's question; the only phase is dns, with the search for a resolver given by name."""
        check = target.check
        progress = Progress(self._clock, f"dns://{check.name}")
        conclusion = await bounded(self._look(check, progress), progress, check.deadline)
        return finding(conclusion, progress, target, self._secrets)

    async def _look(self, check: DnsCheck, progress: Progress) -> Conclusion:
        try:
            name = dns.name.from_text(check.name)
        except DNSException as error:
            return ours(AGENT, Reason.CONFIG, f"Tên miền của phép đo viết sai ({type(error).__name__})")
        name_url = progress.url
        try:
            resolver = await self._resolver(check, progress)
            progress.enter("dns")
            found_s = progress.elapsed_s
            async with asyncio.timeout(_ASKING_SHARE * check.deadline):
                answer = await resolver.resolve(name, check.record, search=False, lifetime=check.deadline)
        except TimeoutError:  # dnspython overruns its own limit by its pause between two attempts, up to 2 s
            progress.stop()
            return unanswered(host_of(progress.url), named=check.resolver is not None)
        except DNSException as error:
            progress.stop()
            if about_the_name(error):
                progress.url = name_url
            return conclude_query(error, host_of(progress.url), named=check.resolver is not None)
        progress.stop()
        wrong = _judge(check, [_spellings(record) for record in answer])
        if wrong is not None:
            progress.url = name_url
            return wrong
        # Whoever is named was waited for; finding them, or having asked our own, is our affair.
        ours_s = found_s if check.resolver is not None else progress.elapsed_s
        return reached(progress.elapsed_s, check.budget, lookup_s=ours_s)

    async def _resolver(self, check: DnsCheck, progress: Progress) -> dns.asyncresolver.Resolver:
        if check.resolver is None:
            return dns.asyncresolver.Resolver(filename=str(self._resolver_file))
        parts = urlsplit(f"//{check.resolver}")
        host, port = parts.hostname or "", parts.port or _DNS_PORT
        progress.url = address_url("dns", host, port)
        progress.enter("dns")
        (_, where), *_ = await self._lookup(host, port)
        resolver = dns.asyncresolver.Resolver(configure=False)
        resolver.nameservers = [where[0]]
        resolver.port = port
        return resolver


def _judge(check: DnsCheck, found: list[list[str]]) -> Conclusion | None:
    known = {spelling for spellings in found for spelling in spellings}
    missing = [answer for answer in check.answers if _comparable(answer) not in known]
    if not missing:
        return None
    there = ", ".join(sorted(spellings[0] for spellings in found)[:_SHOWN])
    return theirs(Reason.DNS, f"Tên miền {check.name} không dẫn tới {', '.join(missing)} (mà tới {there})")


def _spellings(record: Rdata) -> list[str]:
    """Return how an answer may be written in checks.yaml: a mail server with or without its preference."""
    if isinstance(record, TXT):
        return [_comparable(b"".join(record.strings).decode(errors="replace"))]
    if isinstance(record, MX):
        return [_comparable(record.to_text()), _comparable(record.exchange.to_text())]
    return [_comparable(record.to_text())]


def _comparable(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return " ".join(text.lower().split()).removesuffix(".")
