"""A small web server whose pages a test writes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request; the headers' names are in lower case."""

    path: str
    query: str
    headers: Mapping[str, str]

    @property
    def session(self) -> str | None:
        """Return the session cookie, None where none was sent."""
        cookies = SimpleCookie(self.headers.get("cookie", ""))
        return cookies["session"].value if "session" in cookies else None


@dataclass(frozen=True, kw_only=True)
class Page:
    """An answer; Date and Content-Length are added."""

    body: str
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


Answer = Callable[[Asked], Page]


@contextmanager
def running_origin(answer: Answer) -> Iterator[str]:
    """Serve the pages on a free port of 127.0.0.1; yield the server's URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            headers = {name.lower(): value for name, value in self.headers.items()}
            page = answer(Asked(path=path, query=query, headers=headers))
            body = page.body.encode()
            self.send_response(page.status)
            for name, value in page.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
