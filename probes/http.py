"""One HTTP request, redirects followed: is the page there, is it the right one, how fast?"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import aiohttp
from multidict import CIMultiDictProxy
from yarl import URL

from checks.config import Target
from checks.errors import SecretError
from checks.model import HttpCheck, HttpExpect
from checks.owners import mostly
from checks.run import SYSTEM, Certificate, Finding, OwnerShare, Pushback, Reason
from checks.secrets import Secrets
from probes.address import host_of
from probes.blocked import hinted_at
from probes.certificate import shown, too_short, utc_now
from probes.conclusion import Conclusion, finding, reached, theirs, unusable
from probes.connection import Lookup, system_lookup
from probes.deadline import bounded
from probes.exchange import Body, Security, exchange, read_body
from probes.expectation import Page, judge_content, judge_refusal, judge_status, status_fits
from probes.page_seen import seen_in
from probes.page_text import page_text
from probes.policy import Led, RefusedError, concluded, innermost, permitted
from probes.probe import NO_PROOF, Proof
from probes.progress import Progress
from probes.pushback import pushback
from probes.redirect import REDIRECTS, RedirectError, Request
from probes.trust import Trust, TrustError
from probes.wording import megabytes, seconds

_MOVED, _HTTP_ERROR = 300, 400
_JUDGING_S, _JUDGING_AT_LEAST_S = 1.0, 0.01
_JUDGED_BY = 0.99  # of the deadline
_SMALL, _REFUSAL_AT_MOST = 16_384, 8_192  # octets


class HttpProbe:
    """Asks once, over fresh lines and with an empty cookie jar, as at a citizen's first contact.

    `folder` is where checks.yaml lies (CA files are relative to it); `secrets` resolves references and masks their
    values in messages; `user_agent` names us in every request, whatever the check's headers say; `now` gives the
    aware moment that days left count from, `clock` monotonic seconds, `lookup` finds addresses.
    """

    def __init__(
        self,
        folder: Path,
        secrets: Secrets,
        user_agent: str,
        *,
        now: Callable[[], datetime] = utc_now,
        clock: Callable[[], float] = time.monotonic,
        lookup: Lookup = system_lookup,
    ) -> None:
        self._trust = Trust(folder, protocols=("http/1.1",))
        self._secrets = secrets
        self._user_agent = user_agent
        self._now = now
        self._clock = clock
        self._lookup = lookup

    async def run(self, target: Target[HttpCheck], proof: Proof = NO_PROOF) -> Finding:
        """Ask for the check's page; the phases of all hops are summed, the answer judged is the last hop's."""
        check = target.check
        progress = Progress(self._clock, check.url)
        try:
            request, expect = self._first_request(check), self._expectation(check.expect)
            context = await self._trust.context(check.trust.ca_file)
        except (SecretError, TrustError) as error:
            return finding(unusable(error), progress, target, self._secrets)
        security = Security(context, request.url.raw_host or "", check.trust.server_name, check.deadline)
        visit = _Visit(target, self._lookup, security, self._now(), progress)
        arrival = await bounded(visit.arrive(request), progress, check.deadline)
        conclusion = arrival if isinstance(arrival, Conclusion) else await _judge(arrival, check, expect, progress)
        return finding(
            visit.charged(conclusion),
            progress,
            target,
            self._secrets,
            http_status=visit.status,
            pushback=visit.pushback,
            certificate=visit.certificate,
            owners=tuple(visit.shares.values()),
        )

    def _first_request(self, check: HttpCheck) -> Request:
        resolve = self._secrets.resolve
        written = {**check.headers, **check.secret_headers}
        headers = {name: resolve(text) for name, text in written.items() if name.lower() != "user-agent"}
        public = {name: text for name, text in headers.items() if text == written[name]}
        private = {name: text for name, text in headers.items() if name not in public}
        body = resolve(check.body) if check.body is not None else None
        return Request(
            URL(resolve(check.url)),
            check.method,
            headers=public | {"User-Agent": self._user_agent},
            private=private,
            body=body.encode() if body is not None else None,
            body_private=body != check.body,
        )

    def _expectation(self, expect: HttpExpect) -> HttpExpect:
        resolve = self._secrets.resolve
        return expect.evolve(
            body_contains=tuple(map(resolve, expect.body_contains)),
            body_absent=tuple(map(resolve, expect.body_absent)),
            body_matches=tuple(map(resolve, expect.body_matches)),
            headers={name: resolve(pattern) for name, pattern in expect.headers.items()},
        )


@dataclass(frozen=True, slots=True)
class _Arrival:
    """The answer that was no redirect, or a redirect that the check expects."""

    status: int
    headers: CIMultiDictProxy[str]
    content_type: str
    charset: str | None
    body: Body
    certificate: Certificate | None

    @property
    def is_html(self) -> bool:
        return self.content_type in ("text/html", "application/xhtml+xml")


@dataclass(slots=True)
class _Visit:
    """One walk along the redirects, and what it brought to light even when it failed."""

    target: Target[HttpCheck]
    lookup: Lookup
    security: Security
    started_at: datetime
    progress: Progress
    status: int | None = None
    pushback: Pushback | None = None
    certificate: Certificate | None = None
    shares: dict[str, OwnerShare] = field(default_factory=dict)
    # Within one visit cookies are kept, as in a browser: portals set one and redirect to see whether it comes back.
    # `unsafe` only means that hosts without a name have cookies too.
    _jar: aiohttp.CookieJar = field(default_factory=lambda: aiohttp.CookieJar(unsafe=True))
    _came_from: Led | None = None
    _waited_s: dict[str, float] = field(default_factory=dict)

    async def arrive(self, request: Request) -> _Arrival | Conclusion:
        most = self.target.check.max_redirects
        try:
            for _ in range(most + 1):
                came = await self._booked(request)
                if isinstance(came, _Arrival):
                    return came
                request = came
        except RedirectError as error:
            return error.conclusion
        except RefusedError as error:
            return concluded(error.refusal, self._came_from, self.target.owners)
        finally:
            self.progress.stop()
        conclusion = theirs(Reason.REDIRECT, _too_many(most, host_of(str(request.url))))
        # They send the citizen round among each other: whoever was asked first answers for it.
        return replace(conclusion, blame=SYSTEM) if len(self.shares) > 1 else conclusion

    def charged(self, conclusion: Conclusion) -> Conclusion:
        """Charge what came about by waiting to the owner waited for most of the time, else to the system."""
        if not conclusion.by_waiting or len(self.shares) <= 1:
            return conclusion
        whole_s = sum(self._waited_s.values())
        longest = mostly({share.owner: share.critical_s for share in self.shares.values()}, whole_s)
        message, host = conclusion.message, max(self._waited_s, key=lambda host: self._waited_s[host])
        if host != host_of(self.progress.url):
            message += f"; lâu nhất là chờ {host} ({seconds(self._waited_s[host])})"
        blame = self.target.owners.blame_of(longest) if longest is not None else SYSTEM
        return replace(conclusion, blame=blame, message=message)

    async def _booked(self, request: Request) -> _Arrival | Request:
        """Ask once and book the time, the octets and the outcome on the owner of the host."""
        self.progress.url = str(request.url)
        began_s, lookup_s = self.progress.clock(), self.progress.lookup_s
        self.status, self.certificate = None, None
        try:
            came = await self._ask(request)
        except RefusedError:  # nobody was asked anything
            raise
        except BaseException:
            self.progress.stop()
            self._book(None, began_s, lookup_s)
            raise
        self._book(came, began_s, lookup_s)
        return came

    def _book(self, came: _Arrival | Request | None, began_s: float, lookup_s: float) -> None:
        """Our own resolver's time is nobody's."""
        span_s = max(0.0, self.progress.clock() - began_s - (self.progress.lookup_s - lookup_s))
        owner, host = self.target.owners.owner(self.progress.url), host_of(self.progress.url)
        self._waited_s[host] = self._waited_s.get(host, 0.0) + span_s
        share = self.shares.get(owner, OwnerShare(owner=owner))
        answered = came is not None and self.status is not None and self.status < _HTTP_ERROR
        self.shares[owner] = share.evolve(
            requests=share.requests + 1,
            failed=share.failed + (not answered),
            bytes=share.bytes + (came.body.wire_bytes if isinstance(came, _Arrival) else 0),
            critical_s=share.critical_s + span_s,
        )

    async def _ask(self, request: Request) -> _Arrival | Request:
        check, url = self.target.check, request.url
        self.progress.enter("dns")
        host, port = url.raw_host or "", url.port or 0
        addresses = permitted(self.target.owners, host, port, await self.lookup(host, port))
        self._came_from = Led(str(url), innermost(addresses))
        async with exchange(request, addresses, self.security, self._jar, self.progress) as (response, encryption):
            self.status = response.status
            retry_after = response.headers.get("Retry-After")
            self.pushback = pushback(str(url), response.status, retry_after, self.started_at)
            if encryption is not None:
                self.certificate = shown(encryption, self.started_at)
            location = response.headers.get("Location")
            if response.status in REDIRECTS and location and not status_fits(response.status, check.expect.status):
                return request.redirected(response.status, location)
            self.progress.enter("transfer")
            body = await read_body(response, check.max_body)
            self.progress.stop()
            return _Arrival(
                response.status, response.headers, response.content_type, response.charset, body, self.certificate
            )


def _too_many(most: int, host: str) -> str:
    if most == 0:
        return f"Trang chuyển hướng tới {host}, phép đo này không cho chuyển hướng"
    return f"Trang chuyển hướng quá {most} lần mà chưa tới nơi (sau cùng: {host})"


async def _judge(arrival: _Arrival, check: HttpCheck, expect: HttpExpect, progress: Progress) -> Conclusion:
    host = host_of(progress.url)
    wrong = judge_status(arrival.status, expect.status, host)
    if wrong is None:
        left_s = _JUDGED_BY * check.deadline - progress.elapsed_s
        patience_s = min(max(left_s, _JUDGING_AT_LEAST_S), _JUDGING_S)
        looks = (arrival, check, expect, patience_s)
        wrong = _judge_content(*looks) if _quickly(arrival, expect) else await asyncio.to_thread(_judge_content, *looks)
    if wrong is not None or _unproven(arrival, expect):
        wrong = await asyncio.to_thread(_refusal, arrival, host, fits=wrong is None) or wrong
    if wrong is not None:
        return wrong
    flaw = too_short(arrival.certificate, expect.certificate_left)
    conclusion = reached(progress.elapsed_s, check.budget, lookup_s=progress.lookup_s, flaw=flaw)
    if not arrival.body.cut:
        return conclusion
    note = f"Trang lớn, chỉ đọc {megabytes(check.max_body)} đầu tiên"
    return replace(conclusion, message=f"{conclusion.message}; {note}" if conclusion.message else note)


def _quickly(arrival: _Arrival, expect: HttpExpect) -> bool:
    """Whether judging takes no longer than handing it to a thread: plain texts in a small page."""
    return not expect.headers and not expect.body_matches and len(arrival.body.octets) <= _SMALL


def _unproven(arrival: _Arrival, expect: HttpExpect) -> bool:
    """Whether a page that no text speaks for may be a firewall's; those come with status 200 too, and are small."""
    if expect.body_contains or expect.body_matches or not arrival.is_html or arrival.status >= _MOVED:
        return False
    return len(arrival.body.octets) <= _REFUSAL_AT_MOST and hinted_at(arrival.body.octets)


def _refusal(arrival: _Arrival, host: str, *, fits: bool) -> Conclusion | None:
    headers = {name.lower(): value for name, value in arrival.headers.items()}
    seen = seen_in(arrival.body.octets, arrival.charset)
    return judge_refusal(replace(seen, status=arrival.status, headers=headers), host, fits=fits)


def _judge_content(arrival: _Arrival, check: HttpCheck, expect: HttpExpect, patience_s: float) -> Conclusion | None:
    text = page_text(arrival.body.octets, arrival.charset, is_html=arrival.is_html)
    page = Page(text, check.max_body if arrival.body.cut else None, arrival.body.unknown_encoding)
    return judge_content(arrival.headers, page, expect, patience_s)
