"""A server that answers as PagerDuty's API does, as well or as badly as the test wants."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request."""

    path: str
    query: dict[str, list[str]]
    token: str


@dataclass
class PagerDuty:
    """What the server answers, and what it was asked; `silent` makes it answer nothing at all."""

    url: str = ""
    status: int = 200
    body: bytes = b'{"users": []}'
    silent: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    asked: list[Asked] = field(default_factory=list)

    def on_call(self, *emails: str) -> None:
        """Put people on call."""
        people = [
            {"id": f"PUSER{n}", "type": "user", "name": f"Person {n}", "email": email}
            for n, email in enumerate(emails)
        ]
        self.status, self.body = 200, json.dumps({"users": people}).encode()


@contextmanager
def pagerduty_server() -> Iterator[PagerDuty]:
    """Serve on a free port of this machine."""
    told = PagerDuty()

    class Api(BaseHTTPRequestHandler):
        """GET /schedules/{id}/users."""

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            told.asked.append(
                Asked(
                    path=parts.path,
                    query=parse_qs(parts.query),
                    token=self.headers.get("Authorization", ""),
                )
            )
            if told.silent.is_set():
                told.ended.wait(30)
                return
            self.send_response(told.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(told.body)))
            if told.status == 302:
                self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(told.body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    server.daemon_threads = True
    told.url = f"http://127.0.0.1:{server.server_address[1]}/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield told
    finally:
        told.ended.set()
        server.shutdown()
        thread.join()
        server.server_close()
