"""One connection to one Redis server, with several requests under way, whose every trouble is a sentence."""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, cast

from hiredis import HiredisError, Reader, pack_command
from redis import Connection, ConnectionPool
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry

from bot.effects.keyspace.trouble import error_of, place_of, refusal_of, unreadable_address
from bot.release.refusal import Refusal

Argument = bytes | str | int
CONNECT_S = 5.0
ANSWER_S = 30.0
READ_BYTES = 1 << 18


class RedisLink(AbstractContextManager["RedisLink"]):
    """A connection that never sends a command twice: nobody knows whether the first was carried out.

    Answers are read here, because millions of them are: redis-py opens the connection (TLS, password, database)
    and its parser, hiredis, splits what comes in.
    """

    def __init__(self, url: str) -> None:
        """Take redis://, rediss:// or unix://; nothing is sent before the first call."""
        self.url = url
        self.place = place_of(url)
        try:
            self._pool = ConnectionPool.from_url(
                url,
                protocol=2,
                decode_responses=False,
                socket_connect_timeout=CONNECT_S,
                socket_timeout=ANSWER_S,
                retry=Retry(NoBackoff(), 0),
            )
        except ValueError as error:
            raise unreadable_address() from error
        self._connection = self._pool.make_connection()
        self._socket: socket.socket | None = None
        self._reader = Reader(replyError=error_of)
        self._posted: deque[int] = deque()
        self.lost = False

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connection."""
        self._connection.disconnect()

    def call(self, *words: Argument) -> Any:
        """Send one command and return its answer; Refusal where the server says no."""
        answer = self.ask(*words)
        if isinstance(answer, ResponseError):
            raise refusal_of(answer, f"{words[0]!s} was refused", self.place)
        return answer

    def ask(self, *words: Argument) -> Any:
        """Send one command and return its answer; what the server refuses is returned as a ResponseError."""
        return self.send(packed([words]), 1)[0]

    def ask_all(self, commands: Sequence[Sequence[Argument]]) -> list[Any]:
        """Send many commands at once and return their answers in order, refused ones as ResponseError."""
        return self.send(packed(commands), len(commands)) if commands else []

    def send(self, commands: bytes, answers: int) -> list[Any]:
        """Send bytes that are commands already, and return that many answers."""
        assert not self._posted, "answers are still to be collected"
        self.post(commands, answers)
        return self.collect()

    def post(self, commands: bytes, answers: int) -> None:
        """Send bytes that are commands already, and go on; their answers are collected in the same order."""
        try:
            self._opened().sendall(commands)
        except (RedisError, OSError) as error:
            raise self._lost(error, "no command could be sent") from error
        self._posted.append(answers)

    def collect(self) -> list[Any]:
        """Return the answers of what was posted first."""
        wanted = self._posted.popleft()
        answers: list[Any] = []
        read = self._reader.gets
        try:
            while len(answers) < wanted:
                answer = read()
                if answer is False:
                    self._read_more()
                else:
                    answers.append(answer)
        except (HiredisError, RedisError, OSError) as error:
            raise self._lost(error, "no answer came") from error
        return answers

    def _opened(self) -> socket.socket:
        if self._socket is None:
            self._connection.connect()
            # There is no public name for it.
            self._socket = cast("Connection", self._connection)._sock
        assert self._socket is not None
        return self._socket

    def _read_more(self) -> None:
        received = self._opened().recv(READ_BYTES)
        if not received:
            raise ConnectionResetError("the server closed the connection")
        self._reader.feed(received)

    def _lost(self, error: Exception, failed: str) -> Refusal:
        """What is still under way on a broken connection will not be answered."""
        self._posted.clear()
        self.lost = True
        return refusal_of(error, failed, self.place)


def packed(commands: Iterable[Sequence[Argument]]) -> bytes:
    """Return commands as the bytes that are sent."""
    return b"".join(pack_command(tuple(words)) for words in commands)  # type: ignore[arg-type]
