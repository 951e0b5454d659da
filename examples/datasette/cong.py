"""The province's portal of this example: one page that shows Datasette in a frame, as portals do."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PAGE = Path(__file__).resolve().parent / "cong.html"


@contextmanager
def portal(port: int, catalogue: str) -> Iterator[str]:
    """Serve the portal on loopback, with the application at `catalogue` in its frame; yields its address."""
    page = PAGE.read_text(encoding="utf-8").replace("{catalogue}", escape(catalogue)).encode()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer every path with the one page."""
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- named by the standard library
            """Stay silent: the access log that counts is Datasette's."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Answer)
    thread = threading.Thread(target=server.serve_forever, name="portal", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
