"""A secret that is easy to find again, a portal that repeats it wherever a page can, and a search for all its forms."""

import base64
import html
import json
import unicodedata
import zipfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, quote_plus

from aiohttp import web

TOKEN = "Kx7QzW9vTp"
CANARY = f"Kẹo <{TOKEN}> & \"Ổ khoá\" 100%+'bí\\mật'/9"
OTP_KEY = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

CHECKS = """\
version: 1
settings:
  contact: mailto:giam-sat@anbinh.example
  location: an-binh
  defaults: {{every: 1h, deadline: 30s, confirm_after: 10ms}}
  browser: {{sandbox: false, patience: 1s}}
agencies: [{{id: so, name: Sở Tư pháp, email: [so@anbinh.example]}}]
systems: [{{id: cong, name: Cổng, agency: so, environment: test, url: "{url}", hosts: ["{host}"]}}]
alerts:
  mail: {{host: 127.0.0.1, port: {port}, security: starttls, sender: may@anbinh.example,
    username: dvcwatch, password: "${{env:SMTP}}"}}
  rules: [{{id: hong, to: [agency]}}]
journeys:
  - id: vao
    title: Đăng nhập
    parameters: {{vo: {{}}}}
    steps:
      - {{name: Mở trang, do: [{{goto: "${{system.url}}/?vo=${{vo}}"}}], until: {{visible: {{label: Mật khẩu}}}}}}
      - name: Điền
        do:
          - dialog: {{answer: accept}}
          - fill: {{label: Tài khoản, value: "${{env:CANARY}}"}}
          - fill: {{label: Mật khẩu, value: "${{env:CANARY}}"}}
          - totp: {{label: Mã xác thực, secret: "${{env:OTP}}"}}
        until: {{visible: {{role: button, name: Chào}}}}
      - name: Vào
        do: [{{click: {{role: button, name: Đăng nhập}}}}]
        until: {{text: Hồ sơ của}}
      - name: Tra cứu
        do:
          - store: {{css: "#ma", as: ma}}
          - dialog: {{answer: accept, text: Đã tìm}}
          - fill: {{label: Tra cứu, value: "${{ma}}"}}
        until: {{text: Kết quả}}
      - name: Tải về
        do: [{{download: {{role: link, name: Biên nhận, file: {{name: bien-nhan}}}}}}]
      - {{name: Xem, until: {{text: "Không có ${{env:CANARY}} nào"}}}}
  - id: chon
    title: Chọn
    steps:
      - {{name: Mở trang, do: [{{goto: "${{system.url}}/?vo=0"}}], until: {{visible: {{label: Mật khẩu}}}}}}
      - {{name: Chọn, do: [{{click: {{css: "a[title='${{env:CANARY}}"}}}}], until: {{text: Xong}}}}
checks:
{checks}  - {{id: chon, type: browser, system: cong, journey: chon, depth: L4, step_timeout: 1500ms}}
  - {{id: api, type: http, system: cong, url: "${{system.url}}/api", secret_headers: {{X-Khoa: "${{env:CANARY}}"}},
     expect: {{body_absent: ["{{"]}}}}
"""
_CHECK = """\
  - {{id: vao-{n}, type: browser, system: cong, journey: vao, with: {{vo: "{n}"}}, depth: L4, step_timeout: 1500ms}}
"""
FAULTS = range(1, 8)
"""Which step of the journey breaks; 7 is an error of the page's script in the second one."""


def write_canary_checks(folder: Path, url: str, port: int) -> Path:
    """Write a checks.yaml that breaks the sign-in at every step in turn; `port` is the mail server's."""
    path = folder / "checks.yaml"
    checks = "".join(_CHECK.format(n=n) for n in FAULTS)
    path.write_text(
        CHECKS.format(url=url, host=url.removeprefix("http://"), port=port, checks=checks), encoding="utf-8"
    )
    return path


@dataclass(slots=True)
class Parrot:
    """The portal: `heard` is every value it was told, and so could repeat."""

    heard: set[str] = field(default_factory=set)

    async def sign_in(self, request: web.Request) -> web.Response:
        broken = request.query["vo"]
        if broken == "1" and self.heard:
            return self._page(f"<h1>Lỗi</h1>{self._echo()}", status=500)
        script = _SCRIPT.replace("BROKEN", json.dumps(broken))
        return self._page(f"{_FORM}<main></main><script>{script}</script>", vo=broken)

    async def enter(self, request: web.Request) -> web.Response:
        told = await request.post()
        self.heard |= {str(value) for value in told.values()}
        value = str(told["mk"])
        raise web.HTTPFound(
            f"/ho-so?ten={quote_plus(value)}",
            headers={"X-Nguoi-Dung": quote(value), "Set-Cookie": f"ten={quote(value)}"},
        )

    async def dossier(self, request: web.Request) -> web.Response:
        broken = request.cookies.get("vo", "")
        if broken == "3":
            return self._page(f"<h1>Hỏng rồi</h1>{self._echo()}", status=500)
        found = "Đã tìm" if broken != "4" else "Không tìm thấy"
        script = (
            "const said = document.querySelector('#ma').textContent; console.warn(said, {said});"
            "document.querySelector('[name=tc]').oninput = (e) => { if (e.target.value !== said) return;"
            f"alert('{found} ' + said); document.title = said; document.body.append('Kết quả'); }};"
        )
        name = html.escape(request.query["ten"])
        body = f"<h1>Hồ sơ của {name}</h1><p id=ma>{name}</p><label>Tra cứu <input name=tc></label>"
        return self._page(f"{body}<a href=/bien-nhan>Biên nhận</a>{self._echo()}<script>{script}</script>")

    async def receipt(self, request: web.Request) -> web.Response:
        name = "bien-nhan" if request.cookies.get("vo") != "5" else max(self.heard)
        disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
        return web.Response(text=name, headers={"Content-Disposition": disposition})

    async def api(self, request: web.Request) -> web.Response:
        key = request.headers["X-Khoa"].encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        self.heard.add(key)
        return web.json_response({"khoa": key}, headers={"X-Khoa": quote(key)}, reason=quote(key))

    def _echo(self) -> str:
        """Say everything heard in HTML, JSON, an address, base64 and a comment."""
        parts = []
        for value in sorted(self.heard):
            coded = base64.b64encode(json.dumps({"ten": value}, ensure_ascii=False).encode()).decode()
            parts.append(
                f"<p>{html.escape(value)}</p><p>{html.escape(value.upper())}</p><!-- {html.escape(value)} -->"
                f"<a href='/?phien={coded}' title=\"{html.escape(value)}\">{quote(value)}</a>"
                f"<script type=application/json>{json.dumps(value).replace('<', chr(92) + 'u003c')}</script>"
            )
        return "".join(parts)

    def _page(self, body: str, *, status: int = 200, vo: str | None = None) -> web.Response:
        text = f"<!doctype html><html lang=vi><meta charset=utf-8><title>Cổng</title><body>{body}</body></html>"
        answer = web.Response(text=text, content_type="text/html", status=status)
        if vo is not None:
            answer.set_cookie("vo", vo)
        return answer


_FORM = """<style>input { background: #0f0; color: #0f0 } .lo { background: #0f0 }</style>
<form method=post action=/vao><label>Tài khoản <input name=tk></label>
<label>Mật khẩu <input name=mk type=password></label>
<label>Mã xác thực <input name=otp></label><button>Đăng nhập</button></form>"""

_SCRIPT = """
const broken = BROKEN;
document.querySelector("form").oninput = (e) => {
  const x = e.target.value;
  const safe = x.replace(/[&<>"']/g, (c) => `&#${c.codePointAt(0)};`);
  const coded = btoa(String.fromCharCode(...new TextEncoder().encode("ten=" + x)));
  document.title = x; history.replaceState({}, "", "/?vo=" + broken + "&q=" + encodeURIComponent(x));
  document.cookie = "nhap=" + encodeURIComponent(x);
  localStorage.setItem("nhap", x);
  console.log(x); console.error(JSON.stringify({ x })); console.info({ x }); console.warn(encodeURIComponent(x), coded);
  fetch("/khong-co/" + encodeURIComponent(x) + "?t=" + encodeURIComponent(x), { headers: { "X-Ma": coded } });
  fetch("/khong-co/" + coded, { method: "POST", body: x });
  setTimeout(() => { throw new Error("lỗi " + x); });
  Promise.reject(x);
  alert("Chào " + x);
  const name = broken === "2" || broken === "7" ? "Vào bằng" : "Chào";
  document.querySelector("main").innerHTML = `<p class=lo>${safe}</p><h2 class=lo>${safe.toUpperCase()}</h2>
    <button class=lo title="${safe}">${name} ${safe}</button>
    <a class=lo href="/?phien=${coded}">${encodeURIComponent(x)}</a>
    <iframe srcdoc="<body class=lo>${safe.replaceAll("&", "&amp;")}"></iframe><div id=goc></div>`;
  document.querySelector("#goc").attachShadow({ mode: "closed" }).innerHTML = `<p style="background: #0f0">${safe}</p>`;
  if (broken === "7") x.khong.co();
};
"""


@asynccontextmanager
async def parrot() -> AsyncIterator[tuple[str, Parrot]]:
    """Serve the portal on a free port; yields its address and the portal."""
    bird = Parrot()
    app = web.Application()
    app.router.add_get("/", bird.sign_in)
    app.router.add_post("/vao", bird.enter)
    app.router.add_get("/ho-so", bird.dossier)
    app.router.add_get("/bien-nhan", bird.receipt)
    app.router.add_get("/api", bird.api)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}", bird
    await runner.cleanup()


def forms(value: str) -> Iterator[bytes]:
    """Yield what a value may look like, in lower case but for base64; made by other means than those that hide it."""
    for text in {unicodedata.normalize(form, value) for form in ("NFC", "NFD")}:
        plain = {text, quote(text), quote(text, safe=""), quote(quote(text)), quote_plus(text), html.escape(text)}
        plain |= {
            json.dumps(text)[1:-1],
            json.dumps(text, ensure_ascii=False)[1:-1],
            json.dumps(json.dumps(text))[1:-1],
        }
        plain |= {"".join(f"&#{ord(c)};" for c in text), "".join(f"\\u{ord(c):04x}" for c in text)}
        yield from (form.lower().encode() for form in plain)
        yield text.lower().encode("utf-16-le")


def coded_forms(value: str) -> Iterator[bytes]:
    """Yield what stays of a value in base64, wherever it begins."""
    for text in {unicodedata.normalize(form, value) for form in ("NFC", "NFD")}:
        for written in (text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1], quote(text)):
            for before in range(3):
                coded = base64.b64encode(b"x" * before + written.encode())
                core = coded[4 if before else 0 : len(coded) // 4 * 4 - 4]
                yield from {core, core.replace(b"+", b"-").replace(b"/", b"_")}


def places(data: bytes, values: tuple[str, ...]) -> list[bytes]:
    """Return the forms of `values` that are in `data`."""
    lower = data.lower()
    found = [form for value in values for form in forms(value) if form in lower]
    return found + [form for value in values for form in coded_forms(value) if form in data]


def files_below(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every file below `folder`, and every file inside its zip files."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        yield str(path), path.read_bytes()
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                yield from ((f"{path}!{name}", archive.read(name)) for name in archive.namelist())


def command_lines() -> bytes:
    """Return what every process of this machine was started with, as `ps` shows it."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(path.read_bytes())
        except OSError:  # ended meanwhile, or somebody else's
            continue
    return b"\n".join(lines)
