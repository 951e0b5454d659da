"""Pages that want to hurt whoever opens them, and what a walk on each must say."""

import asyncio
import gzip
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from checks.run import Reason, Verdict
from tests.probes.browser.portal import Portal, hang, html
from tests.probes.servers import Handler

MEGABYTE = 1_000_000
SHOWN = "<h1>Trang chủ</h1>"
UNLIKELY = "\0\u202e\u2066\u200b<script>alert(1)</script>{{7*7}}"


_Pages = dict[str, Handler | str]


@dataclass(frozen=True, slots=True)
class Hostile:
    """What the portal serves, and the result.

    `click` opens the link "Tiếp" after the page is shown; `counts` are screens, controls and words of the whole walk.
    """

    name: str
    pages: _Pages
    verdict: Verdict = Verdict.OK
    reason: Reason | None = None
    says: str = ""
    click: bool = False
    counts: tuple[int, int, int] | None = None
    fields: dict[str, Any] = field(default_factory=dict)

    def serve(self, portal: Portal) -> None:
        """Put it on a portal."""
        portal.pages |= self.pages


def _script(code: str, shown: str = SHOWN) -> _Pages:
    return {"/": f"{shown}<script>{code}</script>"}


def _failed(name: str, pages: _Pages, reason: Reason, says: str, **more: Any) -> Hostile:
    return Hostile(name, pages, Verdict.FAILED, reason, says, **more)


def _answer(body: bytes, **headers: str) -> Handler:
    async def answer(_request: web.Request) -> web.StreamResponse:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(body=body, headers={"content-type": "text/html; charset=utf-8"} | names)

    return answer


def _raw(answer: bytes) -> Handler:
    async def write(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.write(answer)
        request.transport.close()
        return web.Response()

    return write


async def _endless(request: web.Request) -> web.StreamResponse:
    """Show the heading, then send on for ever."""
    answer = web.StreamResponse(headers={"content-type": "text/html; charset=utf-8"})
    await answer.prepare(request)
    await answer.write(SHOWN.encode())
    while True:
        await answer.write(b"<p>...")
        await asyncio.sleep(0.05)


async def _round_about(_request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound("/")


async def _unauthorized(_request: web.Request) -> web.StreamResponse:
    return web.Response(status=401, headers={"www-authenticate": 'Basic realm="x"'}, text="401")


async def _nested(request: web.Request) -> web.StreamResponse:
    deep = int(request.query.get("n", "0"))
    inner = f"<iframe src='/?n={deep + 1}'></iframe>" if deep < 100 else ""
    return html((SHOWN if deep == 0 else "") + inner)


_HUGE = (SHOWN + "<div hidden>").encode() + b"x" * 50 * MEGABYTE + b"</div>"
_LIARS = """
  const lie = () => { throw new Error("lie"); };
  JSON.stringify = () => '{"kind":"route","doc":"x","screen":5}'; JSON.parse = lie;
  performance.now = () => 1e12; window.performance = { now: () => 1e12, timeOrigin: 0 }; Date.now = () => 5;
  window.Promise = lie; window.MutationObserver = lie; window.PerformanceObserver = lie; window.WeakSet = lie;
  EventTarget.prototype.addEventListener = lie; Event.prototype.preventDefault = lie;
  for (const name of ["map", "filter", "find", "some", "every", "forEach", "flatMap", "join", "indexOf", "reduce"])
    Array.prototype[name] = lie;
  for (const name of ["ErrorEvent", "Element", "Proxy"]) window[name] = lie;
  for (const name of ["matches", "closest", "checkVisibility", "getClientRects", "getAttribute", "querySelectorAll"])
    Element.prototype[name] = lie;
  for (const name of ["querySelectorAll", "getElementById", "elementFromPoint"]) Document.prototype[name] = lie;
  for (const name of ["normalize", "replace", "trim", "match", "split"]) String.prototype[name] = lie;
  Object.prototype.toJSON = () => ({ kind: "route", doc: "x", screen: 7 });
  Object.defineProperty(Document.prototype, "title", { get: lie }); RegExp.prototype.test = lie;
  window.setTimeout = lie; window.requestAnimationFrame = lie; console.debug = lie; window.getComputedStyle = lie;
"""
_FORGER = """
  const seen = [];
  const forged = (kind) => JSON.stringify({ kind, doc: "giả", screen: Math.random(), cost: 900, name: "Nộp",
    text: "giả", census: { controls: 9e9, required: 1, prefilled: 1, file_inputs: 1, unnamed: 1, words: 1 },
    vitals: { ttfb: 1, fcp: 1, lcp: 1, cls: 1, tbt: 1 } });
  for (const name of Object.getOwnPropertyNames(window)) {
    if (!/^[kb][0-9a-f]{16}$|playwright|dvcwatch/i.test(name)) continue;
    const thing = window[name];
    try { window[name] = { read: () => null, next: () => null, look: () => null }; } catch (e) { seen.push(e); }
    try { delete window[name]; } catch (e) { seen.push(e); }
    for (const key of Object.keys(thing)) { try { thing[key] = () => null; } catch (e) { seen.push(e); } }
    for (const kind of ["start", "route", "left", "cost", "refused", "threw"]) {
      try { thing(forged(kind)); } catch (e) { seen.push(e); }
      try { thing(JSON.stringify({ name, seq: 1, serializedArgs: [forged(kind)] })); } catch (e) { seen.push(e); }
      console.debug(forged(kind)); console.debug("dvcwatch " + forged(kind));
    }
  }
"""
_PROMPTS = """
  navigator.geolocation.getCurrentPosition(() => 0); Notification.requestPermission(); print();
  navigator.clipboard?.readText().catch(() => 0); navigator.mediaDevices?.getUserMedia({ video: true }).catch(() => 0);
  new RTCPeerConnection({ iceServers: [{ urls: "stun:127.0.0.1:9" }] }).createDataChannel("x");
"""
_ON_CLICK = """<script>addEventListener("click", () => {
  const input = document.createElement("input"); input.type = "file"; input.click();
  document.documentElement.requestFullscreen?.().catch(() => 0); document.body.requestPointerLock?.();
})</script>"""
_CLICKED: _Pages = {"/": SHOWN + "<a href=/tiep>Tiếp</a>" + _ON_CLICK}
_LINK = "<a href=/tiep>Tiếp</a>"
_NEXT: _Pages = {"/tiep": "<h1>Đã tiếp</h1>"}

_LONG_LENGTH = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: " + b"9" * 5000

PAGES = (
    # Never there.
    _failed("never_loads", {"/": hang}, Reason.TIMEOUT, "chưa trả lời"),
    _failed("redirects_for_ever", {"/": _round_about}, Reason.REDIRECT, "chuyển hướng vòng quanh"),
    _failed("refreshes_for_ever", {"/": "<meta http-equiv=refresh content=0><p>…"}, Reason.REDIRECT, "tự tải lại"),
    _failed("reloads_for_ever", _script("location.reload()", "<p>…"), Reason.REDIRECT, "tự tải lại"),
    _failed(
        "downloads_instead", {"/": _answer(b"x", content_disposition="attachment")}, Reason.DOWNLOAD, "gửi một tệp"
    ),
    _failed("asks_for_a_password", {"/": _unauthorized}, Reason.AUTH, "401"),
    _failed("speaks_http_0_9", {"/": _raw(b"rac ruoi\r\n")}, Reason.HTTP_STATUS, "sai giao thức"),
    _failed(
        "headers_of_300_kb",
        {"/": _raw(b"HTTP/1.1 200 OK\r\n" + b"X-A: " + b"a" * 300_000 + b"\r\nContent-Length: 0\r\n\r\n")},
        Reason.HTTP_STATUS,
        "sai giao thức",
    ),
    Hostile("says_a_length_of_5000_digits", {"/": _raw(_LONG_LENGTH + b"\r\n\r\n" + SHOWN.encode())}),
    _failed(
        "forges_its_size",
        _script("document.getElementsByTagName = () => ({ length: 'nhiều' })", "<p>…"),
        Reason.ELEMENT_MISSING,
        "không thấy",
    ),
    # Stuck.
    _failed("hangs_its_thread", _script("for (;;);", "<p>…"), Reason.TIMEOUT, "bị treo"),
    _failed(
        "hangs_in_a_frame", {"/": "<p>…<iframe src=/f></iframe>", "/f": "<script>for (;;);</script>"},
        Reason.TIMEOUT, "bị treo",
    ),
    _failed(
        "hangs_when_left", _script("addEventListener('pagehide', () => { for (;;); })", SHOWN + _LINK) | _NEXT,
        Reason.TIMEOUT, "", click=True,
    ),
    _failed("storms_dialogs", _script("setTimeout(() => { for (;;) alert('!') })"), Reason.DIALOG, "hộp thoại liên tục",
            click=True),
    Hostile("opens_100_windows", _script("for (let i = 0; i < 100; i++) open('/tiep')") | _NEXT),
    _failed(
        "opens_100_windows_by_links", _script(
            "for (let i = 0; i < 100; i++) { const a = document.createElement('a'); a.href = '/tiep';"
            "a.target = '_blank'; a.rel = 'noopener'; a.click() }", "<p>…") | _NEXT,
        Reason.DIALOG, "hơn 10 cửa sổ", fields={"step_timeout": "20s"},
    ),
    # Big.
    Hostile("fifty_megabytes", {"/": _answer(_HUGE)}, fields={"step_timeout": "20s"}),
    Hostile("gzip_bomb", {"/": _answer(gzip.compress(_HUGE), content_encoding="gzip")}, fields={"step_timeout": "20s"}),
    Hostile("title_of_1_mb", {"/": f"<title>{'x' * MEGABYTE}</title>{SHOWN}"}),
    Hostile("text_of_5_mb", {"/": SHOWN + "<p>" + "chu " * MEGABYTE}, fields={"step_timeout": "20s"}),
    _failed("text_of_5_mb_without_the_goal", {"/": "<p>" + "chu " * MEGABYTE}, Reason.ELEMENT_MISSING, "không thấy",
            fields={"step_timeout": "4s"}),
    Hostile("ten_thousand_controls", {"/": SHOWN + "<input>" * 10_000}, fields={"step_timeout": "20s"},
            counts=(1, 10_000, 2)),
    Hostile("a_hundred_nested_frames", {"/": _nested}, fields={"step_timeout": "20s"}),
    Hostile("eats_memory", _script("x = []; for (let i = 0; i < 20; i++) x.push(new Uint8Array(1e7).fill(1))")),
    Hostile("body_without_end", {"/": _endless}),
    Hostile("picture_without_end", {"/": SHOWN + "<img src=/anh>", "/anh": hang}),
    # Loud.
    Hostile("mutates_all_the_time",
            _script("const go = () => { for (let i = 0; i < 2000; i++) document.body.dataset.x = i; setTimeout(go) };"
                    "go()")),
    Hostile("pushes_states_for_ever", _script("setInterval(() => history.pushState(0, 0, '/' + Math.random()), 1)")),
    Hostile("writes_without_end", _script(
        "for (let i = 0; i < 20000; i++) console.error('x'); const big = 'x'.repeat(3e7);"
        "console.log(big, new Error(big), [big]); setTimeout(() => { throw new Error(big) });"
        "setTimeout(() => { throw big }); Promise.reject(new Error(big)); Promise.reject(big)")),
    Hostile("a_worker_that_spins", _script("new Worker(URL.createObjectURL(new Blob(['for (;;);'])))")),
    Hostile("a_service_worker", _script("navigator.serviceWorker.register('/sw.js')") | {
        "/sw.js": _answer(b"onfetch = (e) => e.respondWith(new Response('gia'))", content_type="text/javascript")}),
    Hostile("downloads_beside", _script(
        "for (let i = 0; i < 50; i++) { const a = document.createElement('a'); a.href = '/tep'; a.download = 'x';"
        "a.click() }")
        | {"/tep": _answer(b"x", content_disposition="attachment")}),
    Hostile("frames_of_data_and_blob", _script(
        "for (const url of ['data:text/html,<p>x', URL.createObjectURL(new Blob(['<p>x'], { type: 'text/html' }))]) {"
        "const f = document.createElement('iframe'); f.src = url; document.body.append(f) }")),
    # Asking.
    Hostile("asks_for_everything", _script(_PROMPTS)),
    Hostile("asks_for_more_on_a_click", _CLICKED | _NEXT, click=True),
    Hostile("does_not_let_go",
            _script("addEventListener('beforeunload', (e) => e.preventDefault())", SHOWN + _LINK) | _NEXT, click=True),
    Hostile("a_picture_behind_a_password", {"/": SHOWN + "<img src=/anh>", "/anh": _unauthorized}),
    Hostile("closes_itself", _script("window.close()")),
    # Lying.
    Hostile("replaces_the_language", {"/": f"<script>{_LIARS}</script>{SHOWN}<p>ba chữ đây <input>"}, counts=(1, 1, 5)),
    Hostile("forges_reports", _script(_FORGER, SHOWN + _LINK) | _NEXT, click=True, counts=(2, 0, 5)),
    Hostile("names_like_the_documents_own",
            {"/": SHOWN + "<form name=body></form><form name=title></form><img name=readyState>"},
            counts=(1, 0, 2)),
    # Odd letters.
    Hostile("invalid_utf_8", {"/": _answer(SHOWN.encode() + b"\xff\xfe\xc0\x80\xed\xa0\x80")}),
    Hostile("utf_16", {"/": _answer(("\ufeff" + SHOWN).encode("utf-16-le"), content_type="text/html")}),
    _failed(
        "odd_letters_everywhere", {"/": f"<title>{UNLIKELY}</title><button>{UNLIKELY}Trang chủ</button>"},
        Reason.ELEMENT_MISSING, "không thấy tiêu đề “Trang chủ”",
    ),
)  # fmt: skip
