"""A real DNS server over UDP with a zone of its own."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import cast

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

from tests.probes.servers import LOOPBACK

Zone = Mapping[tuple[str, str], tuple[str, ...]]
"""(name without final dot, record type) -> records as text."""


class _Responder(asyncio.DatagramProtocol):
    def __init__(self, zone: Zone, rcode: dns.rcode.Rcode | None, *, mute: bool) -> None:
        self._zone = zone
        self._rcode = rcode
        self._mute = mute

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)  # Python 3.11 does not derive it

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if not self._mute:
            self._transport.sendto(self._answer(dns.message.from_wire(data)).to_wire(), addr)

    def _answer(self, query: dns.message.Message) -> dns.message.Message:
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True)
        records = self._zone.get((name, question.rdtype.name), ())
        known = any(name == owner for owner, _ in self._zone)
        answer.set_rcode(self._rcode if self._rcode is not None else dns.rcode.NOERROR if known else dns.rcode.NXDOMAIN)
        if records:
            answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", question.rdtype.name, *records))
        return answer


@asynccontextmanager
async def name_server(
    zone: Zone, rcode: dns.rcode.Rcode | None = None, *, mute: bool = False, at: tuple[str, int] = (LOOPBACK, 0)
) -> AsyncIterator[str]:
    """Answer from `zone`, always with `rcode` if given, or never; gives `host:port`."""
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Responder(zone, rcode, mute=mute), local_addr=at
    )
    try:
        yield f"{at[0]}:{transport.get_extra_info('sockname')[1]}"
    finally:
        transport.close()
