"""A small portal in a process of its own: pages that lead to each other, with files of theirs that are cached."""

from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from typing import Any

from bench.apart import apart

_TEXT = "<p>Thành phần hồ sơ, trình tự thực hiện, thời hạn giải quyết.</p>" * 80
_HEAD = "".join(f"<link rel=stylesheet href=/{n}.css><script defer src=/{n}.js></script>" for n in range(3))


class _Portal(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        name, _, kind = self.path.strip("/").partition(".")
        bodies = {"css": "h1 {margin: 1em}\n" * 400, "js": "window.dem = (window.dem ?? 0) + 1;\n" * 300}
        page = (
            f"<!doctype html><meta charset=utf-8><title>Bước {name}</title>{_HEAD}<h1>Bước {name}</h1>"
            f"<label>Tìm <input></label>{_TEXT}<a href=/{int(name or 0) + 1 if not kind else 0}>Tiếp tục</a>"
        )
        body = bodies.get(kind, page).encode()
        self.send_response(200)
        self.send_header("Content-Type", {"css": "text/css", "js": "text/javascript"}.get(kind, "text/html"))
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=600" if kind else "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- http.server's name
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a browser drops lines that it does not need any more."""


def _serve(told: Connection) -> None:
    server = _Server(("127.0.0.1", 0), _Portal)
    told.send(server.server_address[1])
    server.serve_forever()


def portal() -> AbstractContextManager[str]:
    """Serve pages that lead to each other; gives `host:port`."""
    return apart(_serve)
