from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar


class _Pages(BaseHTTPRequestHandler):
    """Pages that misbehave in one way each; every request line, cookie and connection is noted."""

    protocol_version = "HTTP/1.1"
    seen: ClassVar[list[dict[str, str]]] = []

    def do_GET(self) -> None:
        notes = {name.lower(): value for name, value in self.headers.items()}
        self.seen.append(notes | {"path": self.path, "connection-of": str(self.client_address[1])})
        path, _, query = self.path.partition("?")
        if path == "/cut":
            self.close_connection = True
            return
        if path == "/drip":
            self._answer(b"", length=100)
            for _ in range(8):
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.1)
            return
        if path == "/wait":
            time.sleep(float(query) / 1000)
        body = b"y" * 600_000 if path == "/big" else f"page {self.path} – ü".encode()
        self._answer(body, status=302 if path == "/redirect" else 200)

    def _answer(self, body: bytes, *, status: int = 200, length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.send_header("Set-Cookie", "tracker=1; Path=/")
        self.send_header("Set-Cookie", "other=2; Path=/")
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def pages() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Serve the pages on a free port; yield their address and the requests that arrive."""
    _Pages.seen.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Pages)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", _Pages.seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
