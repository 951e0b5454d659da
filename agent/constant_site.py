"""Pages of our own that never change, for measuring the machine: `python -m agent.constant_site`, until its input ends.

A process of its own, so that its work is not the work of who measures. Every page keeps its visitor waiting as a server
would; what is measured is what the machine adds.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

DELAY_S = 0.1

_FRAME = """<!doctype html><html lang="vi"><meta charset="utf-8"><title>{title}</title>
<style>
body{{font:16px/1.5 sans-serif;margin:2rem}}label,input{{display:block}}li{{display:inline-block;width:30%}}</style>
<h1>{title}</h1>{body}</html>"""
_LIST = "<ul>" + "".join(f'<li><a href="/thu-tuc">Thủ tục hành chính số {n}</a></li>' for n in range(60)) + "</ul>"
_FORM = '<form action="/xem-lai">{fields}<button>Tiếp tục</button></form>'.format(
    fields="".join(f'<label>Mục {n}<input name="o{n}"></label>' for n in range(1, 13))
)
_PAGES = {
    "/": _FRAME.format(title="Cổng thử", body=f'<p><a href="/to-khai">Mở tờ khai</a></p>{_LIST}'),
    "/to-khai": _FRAME.format(title="Tờ khai", body=_FORM),
    "/xem-lai": _FRAME.format(title="Xem lại", body=_LIST),
}

CHECKS = """\
version: 1
settings: {{contact: "mailto:capacity@dvcwatch.example", browser: {{sandbox: {sandbox}}}}}
agencies: [{{id: may, name: Máy đo}}]
systems: [{{id: cong, name: Cổng thử, agency: may, url: "{url}", hosts: ["{host}"], environment: test}}]
journeys:
  - id: di
    title: Đi thử
    steps:
      - {{name: Mở, do: [{{goto: "${{system.url}}/"}}], until: {{text: Thủ tục hành chính số 59}}}}
      - {{name: Tờ khai, do: [{{click: {{role: link, name: Mở tờ khai}}}}], until: {{visible: {{label: Mục 12}}}}}}
      - name: Khai
        do:
          - fill: {{label: Mục 1, value: Nguyễn Văn An}}
          - fill: {{label: Mục 7, value: Phường An Thịnh}}
          - fill: {{label: Mục 12, value: "2026"}}
        until: {{visible: {{role: button, name: Tiếp tục}}}}
      - {{name: Xem lại, do: [{{click: {{role: button, name: Tiếp tục}}}}], until: {{text: Thủ tục hành chính số 59}}}}
checks:
  - {{id: di, type: browser, system: cong, journey: di, every: 5m, deadline: 60s}}
  - {{id: hoi, type: http, system: cong, url: "${{system.url}}/xem-lai", every: 5m, deadline: 20s}}
"""
"""A walk and an http check of these pages."""


@asynccontextmanager
async def constant_site() -> AsyncIterator[str]:
    """Serve the pages in a process of its own; yields their address."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "agent.constant_site", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None  # noqa: S101  # asked for above
    assert process.stdout is not None  # noqa: S101  # asked for above
    try:
        yield f"http://127.0.0.1:{int(await process.stdout.readline())}"
    finally:
        process.stdin.close()
        await process.wait()


async def _answer(request: web.Request) -> web.Response:
    await asyncio.sleep(DELAY_S)
    if request.path not in _PAGES:
        raise web.HTTPNotFound
    return web.Response(text=_PAGES[request.path], content_type="text/html")


async def _serve() -> None:
    app = web.Application()
    app.router.add_get("/{path:.*}", _answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(_serve())
