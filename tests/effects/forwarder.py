"""A TCP address that leads to a server, and can be led to another one: what a failover looks like to a client."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

CHUNK = 65_536


class Forwarder:
    """Listens on a port of its own; connections that stand when it is moved are cut."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._ways: list[tuple[threading.Thread, socket.socket]] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def move(self, port: int) -> None:
        self._target = port
        while self._ways:
            way, client = self._ways.pop()
            _cut(client)
            way.join()

    def close(self) -> None:
        _cut(self._listener)
        self._thread.join()
        self._listener.close()
        self.move(0)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                way = threading.Thread(target=_join, args=(client, self._target))
                self._ways.append((way, client))
                way.start()


def _join(client: socket.socket, port: int) -> None:
    with (
        client,
        suppress(ConnectionRefusedError),
        socket.create_connection(("127.0.0.1", port)) as server,
    ):
        back = threading.Thread(target=_pump, args=(server, client))
        back.start()
        _pump(client, server)
        back.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while chunk := source.recv(CHUNK):
            sink.sendall(chunk)
    _cut(source)
    _cut(sink)


def _cut(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
