"""A web server that waits exactly as long as it is asked: `/5` is answered after 5 ms; prints its port."""

from __future__ import annotations

import socket
import sys
import threading
import time

BODY = b"x" * 2000
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (
    len(BODY),
    BODY,
)
# The last part of a wait is spent awake: a sleep alone ends late by a timer's tick.
AWAKE_S = 0.0005


def _wait(until: float) -> None:
    rest = until - time.perf_counter() - AWAKE_S
    if rest > 0:
        time.sleep(rest)
    while time.perf_counter() < until:
        pass


def _serve(line: socket.socket) -> None:
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with line:
        asked = b""
        while part := line.recv(65536):
            asked += part
            while b"\r\n\r\n" in asked:
                head, _, asked = asked.partition(b"\r\n\r\n")
                wanted_ms = int(head.split(b" ", 2)[1].lstrip(b"/"))
                _wait(time.perf_counter() + wanted_ms / 1000)
                line.sendall(ANSWER)


def main() -> None:
    """Serve each connection in a thread of its own until the process is ended."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        sys.stdout.write(f"{door.getsockname()[1]}\n")
        sys.stdout.flush()
        while True:
            line, _ = door.accept()
            threading.Thread(target=_serve, args=(line,), daemon=True).start()


if __name__ == "__main__":
    main()
