"""Asking the reference targets: does our own network work, does our resolver, is our clock right?"""

import asyncio
import errno
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from statistics import median
from urllib.parse import urlsplit

import aiohttp
import dns.asyncresolver
from dns.exception import DNSException
from yarl import URL

from checks.reference_targets import DnsReference, HttpReference, ReferenceTarget, TcpReference
from probes.certificate import utc_now
from probes.connection import Address, Lookup, dial, looked_up
from probes.exchange import Security, exchange
from probes.progress import Progress
from probes.redirect import Request
from probes.threads import Threads
from probes.trust import without_verification

PATIENCE_S = 3.0
"""A reference that has not answered by then counts as one that does not."""

_DNS_PORT = 53
_EXPECTED = (OSError, aiohttp.ClientError, DNSException)


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of asking one reference once.

    `error` is empty when it answered; `at_lookup` when our own resolver did not even find it. `trusted` tells of an
    https target whether its certificate was valid. `clock_ahead_s` is how far our clock was ahead of its Date.
    """

    label: str
    error: str = ""
    at_lookup: bool = False
    by_name: bool = False
    span_s: float = 0.0
    clock_ahead_s: float | None = None
    trusted: bool | None = None

    @property
    def answered(self) -> bool:
        """Whether it answered in time."""
        return not self.error


@dataclass(frozen=True, slots=True)
class _Said:
    """What came with an answer: its Date, and whether its certificate was valid."""

    date: str | None = None
    trusted: bool | None = None


def _name(fault: Exception) -> str:
    """Name a fault by its class, or by its number where the class says nothing."""
    number = fault.errno if type(fault) is OSError else None
    return errno.errorcode.get(number or 0, type(fault).__name__)


@dataclass(frozen=True, slots=True)
class Round:
    """All references asked at once; moments are monotonic seconds."""

    began_s: float
    ended_s: float
    answers: tuple[Answer, ...] = ()

    @property
    def failing(self) -> int:
        """How many did not answer."""
        return sum(not one.answered for one in self.answers)

    @property
    def down(self) -> bool:
        """Whether our own network is at fault: most of them did not answer."""
        return 2 * self.failing > len(self.answers)

    @property
    def resolver_dead(self) -> bool:
        """Whether our own resolver found none of those that it has to look up."""
        named = [one for one in self.answers if one.by_name]
        return bool(named) and all(one.at_lookup for one in named)

    @property
    def intercepted(self) -> bool:
        """Whether no https target showed a certificate that is valid here: something shows its own."""
        told = [one.trusted for one in self.answers if one.trusted is not None]
        return bool(told) and not any(told)

    @property
    def clock_ahead_s(self) -> float | None:
        """How far this machine's clock is ahead of the median of theirs; None when none told its time."""
        told = [one.clock_ahead_s for one in self.answers if one.clock_ahead_s is not None]
        return median(told) if told else None


class References:
    """Asks every reference target at once, each over a line of its own.

    Names are looked up in threads of its own: a resolver that lets everybody wait must not queue these behind others.
    `clock` gives monotonic seconds, `now` aware moments; `lookup` replaces this machine's resolver.
    """

    def __init__(
        self,
        targets: Sequence[ReferenceTarget],
        user_agent: str,
        *,
        patience_s: float = PATIENCE_S,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = utc_now,
        lookup: Lookup | None = None,
    ) -> None:
        self.targets = tuple(targets)
        self._user_agent = user_agent
        self._patience_s = patience_s
        self._clock = clock
        self._now = now
        self._threads = Threads(max(1, len(self.targets)), "reference")
        self._trusted: ssl.SSLContext | None = None
        self._lookup = lookup if lookup is not None else self._look_up

    def close(self) -> None:
        """Let the threads go; one that still waits for the resolver ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def ask(self) -> Round:
        """Ask them all; ends after `patience_s` at the latest. Whatever goes wrong is an answer, never raised."""
        began_s = self._clock()
        answers = await asyncio.gather(*(self._ask(target) for target in self.targets))
        return Round(began_s, self._clock(), tuple(answers))

    async def _ask(self, target: ReferenceTarget) -> Answer:
        progress = Progress(self._clock, target.url)
        said, error = _Said(), ""
        try:
            async with asyncio.timeout(self._patience_s):
                said = await self._reach(target, progress)
        except _EXPECTED as fault:
            error = _name(fault)
        progress.stop()
        return Answer(
            label=target.label,
            error=error,
            at_lookup=bool(error) and target.by_name and progress.phase == "dns",
            by_name=target.by_name,
            span_s=progress.elapsed_s,
            clock_ahead_s=self._ahead_s(said.date),
            trusted=said.trusted,
        )

    async def _reach(self, target: ReferenceTarget, progress: Progress) -> _Said:
        """Return once it has answered."""
        if isinstance(target, DnsReference):
            await self._resolve(target, progress)
            return _Said()
        url = URL(target.url)
        progress.enter("dns")
        addresses = await self._lookup(url.raw_host or "", url.port or 0)
        if isinstance(target, TcpReference):
            progress.enter("connect")
            (await dial(addresses)).close()
            return _Said()
        if url.scheme == "http":
            return _Said(await self._head(target, addresses, without_verification(), progress))
        context = await asyncio.get_running_loop().run_in_executor(self._threads, self._trusting)
        try:
            return _Said(await self._head(target, addresses, context, progress), trusted=True)
        except ssl.SSLCertVerificationError:
            # With a wrong clock of ours no certificate is valid, and then the Date is what tells.
            return _Said(await self._head(target, addresses, without_verification(), progress), trusted=False)

    async def _head(
        self, target: HttpReference, addresses: Sequence[Address], context: ssl.SSLContext, progress: Progress
    ) -> str | None:
        """Return the Date that it sent."""
        url = URL(target.url)
        request = Request(url, "HEAD", {"User-Agent": self._user_agent}, private={}, body=None)
        security = Security(context, url.raw_host or "", None, 2 * self._patience_s)
        async with exchange(request, addresses, security, aiohttp.DummyCookieJar(), progress) as (response, _):
            return response.headers.get("Date")

    def _trusting(self) -> ssl.SSLContext:
        """Return the context that trusts the machine's own list, which takes a moment to load."""
        if self._trusted is None:
            self._trusted = ssl.create_default_context()
        return self._trusted

    async def _resolve(self, target: DnsReference, progress: Progress) -> None:
        progress.enter("dns")
        if target.resolver is None:
            await self._lookup(target.name, 0)
            return
        parts = urlsplit(f"//{target.resolver}")
        port = parts.port or _DNS_PORT
        (_, where), *_ = await self._lookup(parts.hostname or "", port)
        progress.enter("ttfb")
        resolver = dns.asyncresolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = [where[0]], port
        await resolver.resolve(target.name, "A", search=False, lifetime=2 * self._patience_s, raise_on_no_answer=False)

    async def _look_up(self, host: str, port: int) -> Sequence[Address]:
        return await looked_up(host, port, self._threads)

    def _ahead_s(self, date: str | None) -> float | None:
        try:
            theirs = parsedate_to_datetime(date) if date is not None else None
        except (ValueError, TypeError, OverflowError):
            return None
        if theirs is None or theirs.tzinfo is None:
            return None
        return (self._now() - theirs.astimezone(UTC)).total_seconds()
