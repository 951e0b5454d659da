"""A page that knows how long each step on it truly takes: it changes late, at random, and tells when it did.

Served by a process of its own. Each page's moments are on the browser's clock (`performance.timeOrigin + now()`), noted
at the press and at the change itself, and told to the server at once. `step n` of a visit ends with the
words `xong n` on the page.
"""

import asyncio
import json
import random
import urllib.request
from contextlib import AbstractContextManager
from dataclasses import dataclass
from multiprocessing.connection import Connection

from aiohttp import web

from bench.apart import apart

LONGEST_S = 2.0
STEPS = ("navigation", "inserted node", "changed text", "changed class", "late list", "navigation by a link")
"""What the page changes by, in the order of the steps."""

_PAGE = """\
<!doctype html><meta charset=utf-8><title>Trang</title>
<style>.an {{ display: none }}</style>
<script>
const visit = {visit}, waits = {waits};
const at = () => performance.timeOrigin + performance.now();
let pressed = null;
addEventListener("pointerdown", (e) => {{ pressed = performance.timeOrigin + e.timeStamp; }}, true);
const tell = (step, began) => {{
  const ended = at();
  navigator.sendBeacon("/told", JSON.stringify({{ visit, step, began, ended }}));
}};
const later = (step, change) => setTimeout(() => {{ change(); tell(step, pressed); }}, waits[step]);
const put = (step) => {{
  const line = document.createElement("p");
  line.textContent = `xong ${{step}}`;
  document.body.append(line);
}};
const fill = async () => {{
  const items = await (await fetch(`/list?wait=${{waits[4]}}`)).json();
  document.querySelector("ul").innerHTML = items.map((item) => `<li>${{item}}</li>`).join("");
  tell(4, pressed);
}};
</script>
{body}
"""
_FIRST = """\
<h1>xong 0</h1><script>tell(0, performance.timeOrigin)</script>
<button onclick='later(1, () => put(1))'>Bấm 1</button>
<button onclick='later(2, () => { document.querySelector("#chu").textContent = "xong 2"; })'>Bấm 2</button>
<button onclick='later(3, () => document.querySelector("#lop").classList.remove("an"))'>Bấm 3</button>
<button onclick='fill()'>Bấm 4</button>
<p id=chu>đang chờ</p><p id=lop class=an>xong 3</p><ul></ul>
<script>addEventListener("pagehide", () => { sessionStorage.pressed = pressed; })</script>
<a href='/last?visit=VISIT&wait=WAIT'>Bấm 5</a>
"""
_LAST = "<h1>xong 5</h1><script>tell(5, Number(sessionStorage.pressed))</script>"


@dataclass(frozen=True, slots=True)
class Truth:
    """One step as it was: `began_s` and `ended_s` are seconds since 1970 on the browser's clock."""

    visit: str
    step: int
    began_s: float
    ended_s: float

    @property
    def span_s(self) -> float:
        """How long it truly took."""
        return self.ended_s - self.began_s


async def _first(request: web.Request) -> web.Response:
    visit = f"{request.match_info['check']}.{random.getrandbits(32)}"
    waits = [1000 * LONGEST_S * random.random() ** 2 for _ in STEPS]  # noqa: S311
    await asyncio.sleep(waits[0] / 1000)
    body = _FIRST.replace("VISIT", visit).replace("WAIT", f"{waits[5]:.0f}")
    return _page(visit, waits, body)


async def _last(request: web.Request) -> web.Response:
    await asyncio.sleep(float(request.query["wait"]) / 1000)
    return _page(request.query["visit"], [], _LAST)


def _page(visit: str, waits: list[float], body: str) -> web.Response:
    text = _PAGE.format(visit=json.dumps(visit), waits=json.dumps(waits), body=body)
    return web.Response(text=text, content_type="text/html")


async def _list(request: web.Request) -> web.Response:
    await asyncio.sleep(float(request.query["wait"]) / 1000)
    return web.json_response(["xong 4", "hồ sơ"])


async def _serve(told: Connection) -> None:
    truths: list[dict[str, object]] = []

    async def tell(request: web.Request) -> web.Response:
        truths.append(json.loads(await request.text()))
        return web.Response()

    async def told_so_far(_request: web.Request) -> web.Response:
        answer = web.json_response(truths)
        truths.clear()
        return answer

    app = web.Application()
    app.add_routes([
        web.get("/first/{check}", _first), web.get("/last", _last), web.get("/list", _list),
        web.post("/told", tell), web.get("/told", told_so_far),
    ])  # fmt: skip
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    told.send(runner.addresses[0][1])
    await asyncio.Event().wait()


def _run(told: Connection) -> None:
    asyncio.run(_serve(told))


def stopwatch() -> AbstractContextManager[str]:
    """Serve the page; gives `host:port`."""
    return apart(_run)


def truths(host: str) -> list[Truth]:
    """Return what the pages have told since this was asked last."""
    with urllib.request.urlopen(f"http://{host}/told", timeout=10) as answer:
        told = json.load(answer)
    return [Truth(one["visit"], one["step"], one["began"] / 1000, one["ended"] / 1000) for one in told]
