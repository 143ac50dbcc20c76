"""A receiver of webhooks on a free port, which answers what the test says."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, kw_only=True)
class Got:
    """One request that arrived; header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(kw_only=True)
class Said:
    """What is answered; `cut` ends the connection instead, `after` is waited for first."""

    status: int = 200
    body: str = "{}"
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    after: threading.Event | None = None


@dataclass
class Receiver:
    """What has arrived, and where."""

    url: str = ""
    got: list[Got] = field(default_factory=list)
    say: Callable[[Got], Said] = lambda got: Said()


@contextmanager
def receiver(say: Callable[[Got], Said] = lambda got: Said()) -> Iterator[Receiver]:
    """Serve until the test ends."""
    book = Receiver(say=say)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _take(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            named = {name.lower(): value for name, value in self.headers.items()}
            got = Got(
                method=self.command, path=self.path, headers=named, body=self.rfile.read(length)
            )
            book.got.append(got)
            said = book.say(got)
            if said.after is not None:
                said.after.wait(20)
            self.close_connection = True
            if said.cut:
                return
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said.body.encode())))
            self.end_headers()
            self.wfile.write(said.body.encode())

        def do_POST(self) -> None:
            self._take()

        def do_GET(self) -> None:
            self._take()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    book.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield book
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
