"""A UDP name server for `anbinh.example`."""

import asyncio
from typing import cast

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from sandbox.faults import FaultBoard
from sandbox.settings import LISTENERS

ZONE = dns.name.from_text("anbinh.example.")
WILD = dns.name.from_text("thu.anbinh.example.")
TTL_S = 60


class NameServer(asyncio.DatagramProtocol):
    """Answers A queries of the zone with the province's address; other zones are refused.

    Names: `anbinh.example`, `www.anbinh.example`, `<listener>.anbinh.example` and everything below `WILD`.
    """

    def __init__(self, host: str, faults: FaultBoard) -> None:
        self._host = host
        self._faults = faults
        labels = ("www", *LISTENERS)
        self._names = {ZONE, *(dns.name.from_text(label, ZONE) for label in labels)}
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport for the answers."""
        # Not isinstance: the event loop's datagram transport does not inherit from this class in 3.11.
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer one query, unless the fault `dns_timeout` swallows it."""
        faults = self._faults.on_host("dns")
        if "dns_timeout" in faults or self._transport is None:
            return
        try:
            query = dns.message.from_wire(data)
        except dns.exception.DNSException:
            return  # not a query; a name server does not answer noise
        if query.flags & dns.flags.QR or not query.question:
            return
        response = self.answer(query, nothing_exists="nxdomain" in faults)
        if "dns_servfail" in faults:
            response = dns.message.make_response(query)
            response.set_rcode(dns.rcode.SERVFAIL)
        after_s = faults["dns_slow"].number("seconds") if "dns_slow" in faults else 0.0
        asyncio.get_running_loop().call_later(after_s, self._send, response.to_wire(), addr)

    def _send(self, answer: bytes, addr: tuple[str, int]) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(answer, addr)

    def answer(self, query: dns.message.Message, *, nothing_exists: bool) -> dns.message.Message:
        """The response to a query with at least one question."""
        response = dns.message.make_response(query)
        response.flags |= dns.flags.AA
        question = query.question[0]
        if not question.name.is_subdomain(ZONE):
            response.set_rcode(dns.rcode.REFUSED)
        elif nothing_exists or not (question.name in self._names or question.name.is_subdomain(WILD)):
            response.set_rcode(dns.rcode.NXDOMAIN)
            response.authority.append(self._soa())
        elif question.rdtype == dns.rdatatype.A:
            response.answer.append(dns.rrset.from_text(question.name, TTL_S, "IN", "A", self._host))
        else:
            response.authority.append(self._soa())
        return response

    @staticmethod
    def _soa() -> dns.rrset.RRset:
        text = f"dns.{ZONE} hostmaster.{ZONE} 1 3600 600 86400 {TTL_S}"
        return dns.rrset.from_text(ZONE, TTL_S, "IN", "SOA", text)
