"""Nothing a page does makes the browser connect to an address inside that checks.yaml does not list."""

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page

from checks.owners import HostOwners
from checks.run import AGENT
from probes.browser import Chromium
from probes.browser.gate import REFUSED_INSIDE, Gate
from probes.browser.neterrors import code_of, meaning
from probes.connection import Address, Lookup, system_lookup
from probes.network_errors import conclude
from tests.probes.browser.portal import Portal
from tests.probes.servers import closed_port

OF_OUR_OWN = (
    errno.EMFILE,
    errno.ENFILE,
    errno.ENOMEM,
    errno.ENOBUFS,
    errno.EAGAIN,
    errno.EADDRNOTAVAIL,
    errno.EADDRINUSE,
    errno.EPERM,
    errno.EACCES,
)
NEIGHBOUR = "127.0.0.2"
SAME_HOST = "127.0.0.1"  # at another port; to another site speculation rules lead no browser that has a proxy

WAYS = {
    "location": "<script>location = '{there}'</script>",
    "meta refresh": "<meta http-equiv=refresh content='0;url={there}'>",
    "redirected": "<script>location = '/away?{there}'</script>",
    "window.open": "<button onclick=\"window.open('{there}')\">Mở</button>",
    "window.open without an opener": "<button onclick=\"window.open('{there}', '', 'noopener')\">Mở</button>",
    "popup that is redirected": "<button onclick=\"window.open('/away?{there}')\">Mở</button>",
    "form": "<form method=post action='{there}'><input name=a></form><script>document.forms[0].submit()</script>",
    "form into a new tab": "<form method=post target=_blank action='{there}'><button>Gửi</button></form>",
    "iframe": "<iframe src='{there}'></iframe>",
    "iframe that is redirected": "<iframe src='/away?{there}'></iframe>",
    "frame inside a frame": "<iframe srcdoc=\"<img src='{there}'>\"></iframe>",
    "sandboxed frame": "<iframe sandbox=allow-scripts srcdoc=\"<script>fetch('{there}')</script>\"></iframe>",
    "object": "<object data='{there}'></object>",
    "embed": "<embed src='{there}'>",
    "image": "<img src='{there}'>",
    "image that is redirected": "<img src='/away?{there}'>",
    "image of a blank popup": "<button>Mở</button><script>document.querySelector('button').onclick = "
    "() => open('about:blank').document.write(\"<img src='{there}'>\")</script>",
    "script": "<script src='{there}'></script>",
    "style sheet": "<link rel=stylesheet href='{there}'>",
    "font": "<style>@font-face {{font-family: f; src: url({there})}} body {{font-family: f}}</style>chữ",
    "video": "<video src='{there}' autoplay></video>",
    "fetch": "<script>fetch('{there}', {{mode: 'no-cors'}})</script>",
    "posting fetch": "<script>fetch('{there}', {{method: 'POST', body: 'x'}})</script>",
    "beacon": "<script>navigator.sendBeacon('{there}', 'x')</script>",
    "event source": "<script>new EventSource('{there}')</script>",
    "web socket": "<script>new WebSocket('{there}'.replace('http', 'ws'))</script>",
    "worker": "<script>new Worker(URL.createObjectURL(new Blob([\"fetch('{there}')\"])))</script>",
    "shared worker": "<script>new SharedWorker(URL.createObjectURL(new Blob([\"fetch('{there}')\"])))</script>",
    "prefetch": "<link rel=prefetch href='{there}'>",
    "preload": "<link rel=preload as=image href='{there}'>",
    "speculation rules": '<script type=speculationrules>{{"prefetch": [{{"urls": ["{there}"], '
    '"eagerness": "immediate"}}]}}</script>',
    "download": "<a download href='{there}'>x</a><script>document.links[0].click()</script>",
    "download that is redirected": "<a download href='/away?{there}'>x</a><script>document.links[0].click()</script>",
}


@dataclass(slots=True)
class Canary:
    """A server that must never be connected to."""

    host: str
    port: int = 0
    lines: int = 0

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}/canary"


@asynccontextmanager
async def canary(host: str) -> AsyncIterator[Canary]:
    made = Canary(host)

    async def count(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        made.lines += 1
        writer.close()

    server = await asyncio.start_server(count, host, 0)
    made.port = server.sockets[0].getsockname()[1]
    async with server:
        yield made


async def away(request: web.Request) -> web.Response:
    return web.Response(status=307, headers={"Location": request.query_string})


async def happened(gate: Gate) -> None:
    async with asyncio.timeout(10):
        while not gate.refused and not gate.faults:
            await asyncio.sleep(0.01)


async def opened(page: Page, url: str) -> None:
    with suppress(PlaywrightError):  # the page moves on at once
        await page.goto(url, wait_until="commit")


@pytest.mark.parametrize("way", WAYS)
async def test_no_way_leads_to_a_neighbour_that_is_not_listed(way: str, chromium: Chromium, site: Portal) -> None:
    async with canary(SAME_HOST if way == "speculation rules" else NEIGHBOUR) as there:
        site.pages |= {"/": WAYS[way].format(there=there.url), "/away": away}
        owners = HostOwners({site.host: "system:mot-cua"})
        async with Gate(owners) as gate, chromium.context("desktop", gate=gate) as walk:
            page = await walk.context.new_page()
            await opened(page, site.url)
            if "<button" in WAYS[way]:
                await page.locator("button").click()
            await happened(gate)

    assert there.lines == 0
    assert [(one.host, one.port) for one in gate.refused.values()] == [(there.host, there.port)]


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "a.localhost",
        "0.0.0.0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "127.1",
        "2130706433",
        "0x7f.1",
        "017700000001",
    ],
)
async def test_no_spelling_of_this_machine_is_let_through(host: str, chromium: Chromium, site: Portal) -> None:
    async with canary(SAME_HOST) as there:
        site.pages["/"] = f"<img src='http://{host}:{there.port}/canary'>"
        owners = HostOwners({site.host: "system:mot-cua"})
        async with Gate(owners) as gate, chromium.context("desktop", gate=gate) as walk:
            await (await walk.context.new_page()).goto(site.url)
            await happened(gate)

    assert there.lines == 0


@pytest.mark.parametrize("address", ["file:///etc/passwd", "chrome://version", "view-source:http://127.0.0.1/"])
async def test_the_browser_itself_lets_no_page_lead_to_files_or_to_its_own_pages(
    address: str, chromium: Chromium, site: Portal
) -> None:
    site.pages["/"] = (
        f"<h1>Ở lại</h1><iframe src='{address}'></iframe>"
        f"<script>try {{ location = '{address}' }} catch (e) {{}}; open('{address}')</script>"
    )
    async with Gate(HostOwners({site.host: "system:a"})) as gate, chromium.context("desktop", gate=gate) as walk:
        page = await walk.context.new_page()
        lines: list[str] = []
        page.on("console", lambda line: lines.append(line.text))
        await page.goto(site.url)
        refused = [line for line in lines if "Not allowed to load local resource" in line]
        shown = [frame.url for tab in walk.context.pages for frame in tab.frames]

    assert refused
    assert not [url for url in shown if url.startswith(address[:6])]


class Strict(Gate):
    """A gate that listed hosts pass too, so that what it relays can be looked at on loopback."""

    @property
    def bypass(self) -> str:
        return "<-loopback>"


@dataclass(slots=True)
class Names:
    """Finds every name at one address of loopback, and tells which were asked for."""

    port: int
    asked: list[str] = field(default_factory=list)

    async def __call__(self, host: str, port: int) -> Sequence[Address]:
        self.asked.append(host)
        if host == "khong-co.example":
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return [(socket.AF_INET, ("127.0.0.1", self.port if port == 80 else port))]


@asynccontextmanager
async def passing(chromium: Chromium, lookup: Lookup = system_lookup, *hosts: str) -> AsyncIterator[tuple[Gate, Page]]:
    owners = HostOwners(dict.fromkeys(hosts, "system:a"))
    async with Strict(owners, lookup) as gate, chromium.context("desktop", gate=gate) as walk:
        yield gate, await walk.context.new_page()


async def test_what_passes_the_gate_arrives_whole_and_each_name_is_looked_up_once(
    chromium: Chromium, site: Portal
) -> None:
    sent = "x" * 3_000_000

    async def big(request: web.Request) -> web.Response:
        return web.Response(text=str(len(await request.text())) + sent)

    site.pages |= {"/": "<h1>Cổng</h1>", "/big": big}
    names = Names(int(site.url.rpartition(":")[2]))
    async with passing(chromium, names, "cong.example") as (_, page):
        await page.goto("http://cong.example/")
        size = await page.evaluate(
            "async () => (await (await fetch('/big', {method: 'POST', body: 'y'.repeat(900000)})).text()).length"
        )

    assert size == len(sent) + len("900000")
    assert names.asked == ["cong.example"]


async def test_a_name_that_changes_its_address_during_a_walk_is_not_followed(chromium: Chromium, site: Portal) -> None:
    answers = [[(socket.AF_INET, ("192.0.2.1", 80))], [(socket.AF_INET, ("127.0.0.1", 80))]]
    asked: list[str] = []

    async def rebinding(host: str, port: int) -> Sequence[Address]:
        asked.append(host)
        return answers[len(asked) - 1]

    async with Gate(HostOwners({}), rebinding) as gate:
        await gate.admit("http://tro-lai.example/")
        await gate.admit("http://tro-lai.example/")

    assert asked == ["tro-lai.example"]
    assert not gate.refused


@pytest.mark.parametrize(
    ("host", "word"),
    [
        ("khong-co.example", "net::ERR_NAME_NOT_RESOLVED"),
        ("cong.example:{closed}", "net::ERR_CONNECTION_REFUSED"),
        ("noi-bo.example", REFUSED_INSIDE),
    ],
)
async def test_behind_the_gate_a_fault_keeps_the_word_it_has_without_one(
    host: str, word: str, chromium: Chromium
) -> None:
    url = f"http://{host.format(closed=closed_port())}/"
    async with passing(chromium, Names(9), "cong.example", "khong-co.example") as (gate, page):
        with pytest.raises(PlaywrightError) as failed:
            await page.goto(url)

    assert gate.told(url, "net::ERR_SOCKS_CONNECTION_FAILED") == word
    assert "net::ERR_SOCKS_CONNECTION" in failed.value.message


@pytest.mark.parametrize("number", OF_OUR_OWN, ids=lambda number: errno.errorcode[number])
def test_what_our_own_machine_could_not_do_is_nobody_else_s_fault(number: int) -> None:
    gate = Gate(HostOwners({}), faults={("cong.example", 80): OSError(number, "?")})
    error = meaning(code_of(gate.told("http://cong.example/", "net::ERR_SOCKS_CONNECTION_FAILED")) or "")
    same = conclude(OSError(number, "?"), "connect", "cong.example")

    assert error is not None
    assert (error.blame, error.reason) == (same.blame, same.reason)
    assert error.blame == AGENT


async def test_the_http_cache_stays_on_with_and_behind_a_gate(chromium: Chromium, site: Portal) -> None:
    async def style(_request: web.Request) -> web.Response:
        return web.Response(text="h1 {}", content_type="text/css", headers={"Cache-Control": "max-age=600"})

    page_of = "<link rel=stylesheet href=/s.css><h1>Cổng</h1>"
    site.pages |= {"/": page_of, "/2": page_of, "/s.css": style}
    for kind in (Gate, Strict):
        site.asked.clear()
        owners = HostOwners({site.host: "system:a"})
        async with kind(owners) as gate, chromium.context("desktop", gate=gate) as walk:
            page = await walk.context.new_page()
            await page.goto(site.url)
            await page.goto(f"{site.url}/2")

        assert site.asked.count(("GET", "/s.css")) == 1


async def test_whoever_does_not_speak_socks_is_hung_up_on(site: Portal) -> None:
    async with Gate(HostOwners({site.host: "system:a"})) as gate:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(gate.address.rpartition(":")[2]))
        writer.write(b"GET http://127.0.0.1/ HTTP/1.1\r\n\r\n")
        async with asyncio.timeout(10):
            said = await reader.read()
        writer.close()

    assert said == b""
