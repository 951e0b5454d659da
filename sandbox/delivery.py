"""How an answer leaves the house: what the faults of a line make of it, and the scripts that faults put into pages."""

import asyncio
import socket
import struct
from collections.abc import Mapping

from aiohttp import web

from sandbox.faults import ActiveFault

TRICKLE_PARTS = 10
_GREETING = b"220 thu.anbinh.example ESMTP san sang\r\n"
_MAIN = "(document.querySelector('main') || document.body)"
_SCRIPTS: Mapping[str, str] = {
    "button_disabled": f"{_MAIN}.querySelectorAll('button').forEach(function (e) {{ e.disabled = true; }});",
    "field_renamed": (
        f"{_MAIN}.querySelectorAll('label, legend').forEach(function (e, n) {{ e.childNodes.forEach(function (t) {{"
        " if (t.nodeType === 3 && t.data.trim()) t.data = ' Mục ' + (n + 1); }); });"
    ),
    "form_dead": "addEventListener('submit', function (e) { e.preventDefault(); khongTonTai.gui(e.target); }, true);",
    "spinner": (
        f"{_MAIN}.style.display = 'none'; var cho = document.createElement('p'); cho.setAttribute('role', 'status');"
        " cho.textContent = 'Đang tải…'; document.body.append(cho);"
    ),
    "busy_script": "for (var het = Date.now() + {seconds} * 1000; Date.now() < het;);",
    "dialogs": "for (var lan = 1; lan <= 40; lan++) alert('Thông báo số ' + lan);",
    "popups": "setInterval(function () { open('about:blank'); }, 100);",
    "foreign_script": (
        f"{_MAIN}.style.display = 'none'; var la = document.createElement('script');"
        f" la.onload = function () {{ {_MAIN}.style.display = ''; }};"
        " la.src = 'http://198.51.100.7/giao-dien.js'; document.body.append(la);"
    ),
    "reloads": "setTimeout(function () { location.reload(); }, 20);",
}
"""Fault -> what its script does at the end of the page; `{seconds}` is the fault's own number."""


async def deliver(
    request: web.Request, response: web.StreamResponse, hits: Mapping[str, ActiveFault]
) -> web.StreamResponse:
    """Send the answer as the faults of this request want it; without one it is returned as it is."""
    if not isinstance(response, web.Response):
        return response
    if response.content_type == "text/html":
        _put_scripts(response, hits)
    try:
        return await _broken_off(request, response, hits)
    except ConnectionError:  # the visitor was gone before the end
        return response


async def _broken_off(
    request: web.Request, response: web.Response, hits: Mapping[str, ActiveFault]
) -> web.StreamResponse:
    if "slow_body" in hits:
        return await _trickle(request, response, hits["slow_body"])
    for fault, ending in (("cut_body", reset), ("short_body", hang_up), ("stall_body", reset)):
        if fault in hits:
            stream = await _half(request, response)
            if fault == "stall_body":
                await hits[fault].released.wait()
            ending(request)
            return stream
    if "gzip_broken" in hits:
        response.headers["Content-Encoding"] = "gzip"
    if "download_instead" in hits:
        response.content_type = "application/octet-stream"
        response.headers["Content-Disposition"] = 'attachment; filename="trang.bin"'
    if "closes_idle" in hits:
        response.force_close()
    return response


def reset(request: web.Request) -> None:
    """End the connection with an RST."""
    transport = request.transport
    if transport is not None:
        peer = transport.get_extra_info("socket")
        if peer is not None:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()


def hang_up(request: web.Request) -> None:
    """End the connection with a FIN."""
    if request.transport is not None:
        request.transport.close()


def greet(request: web.Request) -> None:
    """Say what a mail server says, and hang up."""
    if request.transport is not None:
        request.transport.write(_GREETING)
        request.transport.close()


def _put_scripts(response: web.Response, hits: Mapping[str, ActiveFault]) -> None:
    scripts = [
        f"<script>{_SCRIPTS[name].replace('{seconds}', str(fault.number('seconds')))}</script>"
        for name, fault in hits.items()
        if name in _SCRIPTS
    ]
    if scripts and response.text is not None:
        response.text = response.text.replace("</body>", "".join(scripts) + "</body>")


async def _half(request: web.Request, response: web.Response) -> web.StreamResponse:
    """Announce the whole body and send half of it."""
    body = _octets(response)
    stream = await _announced(request, response, len(body))
    await stream.write(body[: len(body) // 2])
    return stream


async def _trickle(request: web.Request, response: web.Response, fault: ActiveFault) -> web.StreamResponse:
    """Send the headers at once and the body in parts."""
    body = _octets(response)
    stream = await _announced(request, response, len(body))
    size = max(1, -(-len(body) // TRICKLE_PARTS))
    for start in range(0, len(body), size):
        await stream.write(body[start : start + size])
        await asyncio.sleep(0 if fault.released.is_set() else fault.number("seconds") / TRICKLE_PARTS)
    await stream.write_eof()
    return stream


def _octets(response: web.Response) -> bytes:
    return response.body if isinstance(response.body, bytes) else b""


async def _announced(request: web.Request, response: web.Response, length: int) -> web.StreamResponse:
    stream = web.StreamResponse(status=response.status, headers=response.headers)
    stream.content_length = length
    await stream.prepare(request)
    return stream
