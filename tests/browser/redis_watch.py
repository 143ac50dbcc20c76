"""Every command a Redis server carries out, as MONITOR tells it."""

from __future__ import annotations

import re
import socket
import threading
from types import TracebackType
from urllib.parse import urlsplit

from tests.keyspace_picture import in_scope

DESTRUCTIVE = frozenset(
    {
        "DEL", "UNLINK", "RENAME", "RENAMENX", "RESTORE", "MOVE", "COPY", "EXPIRE", "PEXPIRE",
        "EXPIREAT", "PEXPIREAT", "PERSIST", "FLUSHDB", "FLUSHALL",
    }
)  # fmt: skip
WORD = re.compile(r'"((?:[^"\\]|\\.)*)"')
STAGED = re.compile(r"^(?:~q:[^:]*:)+")


class RedisWatch:
    """Reads MONITOR in a thread of its own; https://valkey.io/commands/monitor/."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._address = (parts.hostname or "", parts.port or 0)
        self._lines: list[list[str]] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._socket: socket.socket | None = None

    def __enter__(self) -> RedisWatch:
        self._socket = socket.create_connection(self._address)
        self._socket.sendall(b"MONITOR\r\n")
        assert self._socket.recv(5) == b"+OK\r\n"
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._socket is not None
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()

    def _read(self) -> None:
        assert self._socket is not None
        with self._socket.makefile("r", encoding="utf-8", errors="replace") as lines:
            for line in lines:
                words = WORD.findall(line)
                if words:
                    self._lines.append(words[:3])

    def destroyed(self) -> list[list[str]]:
        """Return every command that took a key away, moved it, wrote it back or re-timed it."""
        return [words for words in list(self._lines) if words[0].upper() in DESTRUCTIVE]

    def touched_outside(self) -> set[str]:
        """Return the keys outside the scope that a command took away, moved, wrote back or re-timed."""
        found = set()
        for words in list(self._lines):
            if words[0].upper() in DESTRUCTIVE:
                named = [STAGED.sub("", word) for word in words[1:] if "anp:" in word]
                found |= {key for key in named if not in_scope(key.encode())}
        return found

    def written_by_shop(self) -> set[bytes]:
        """Return the keys of the scope that the shop wrote."""
        writes = {"SET", "SETEX", "PSETEX", "HSET"}
        keys = {words[1].encode() for words in list(self._lines) if words[0].upper() in writes}
        return {key for key in keys if in_scope(key)}
