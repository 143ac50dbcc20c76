"""One connection to one Redis server, whose every trouble is said in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from redis import ConnectionPool
from redis.backoff import NoBackoff
from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    BusyLoadingError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
)
from redis.exceptions import ConnectionError as LostConnection
from redis.exceptions import TimeoutError as SlowAnswer
from redis.retry import Retry

from bot.release.refusal import Code, Refusal

Argument = bytes | str | int
FORBIDDEN = (AuthenticationError, AuthorizationError, NoPermissionError, ReadOnlyError)
CONNECT_S = 5.0
ANSWER_S = 30.0
COMMAND = re.compile(r"'([a-z|]+)' command")


class RedisLink(AbstractContextManager["RedisLink"]):
    """A connection that never sends a command twice: a script that was sent again would lose what it captured."""

    def __init__(self, url: str) -> None:
        """Take redis://, rediss:// or unix://; nothing is sent before the first call."""
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
            raise Refusal(
                code=Code.REDIS_UNREACHABLE,
                failed="The Redis address of this environment cannot be read.",
                expected="redis://host:port/db, rediss://host:port/db or unix:///path.",
                retry_is_safe=True,
            ) from error
        self._connection = self._pool.make_connection()
        self._posted = False

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
        self.post(*words)
        return self.collect()

    def post(self, *words: Argument) -> None:
        """Send one command and go on; nothing else may be sent before its answer was collected."""
        assert not self._posted, "an answer is still to be collected"
        try:
            self._connection.send_command(*words)
        except RedisError as error:
            raise refusal_of(error, "no command could be sent", self.place) from error
        self._posted = True

    def collect(self) -> Any:
        """Return the answer of what was posted, as `ask` does."""
        self._posted = False
        return self._answer()

    def ask_all(self, commands: Sequence[Sequence[Argument]]) -> list[Any]:
        """Send many commands at once and return their answers in order, refused ones as ResponseError."""
        if not commands:
            return []
        return self.send(self._connection.pack_commands(commands), len(commands))

    def send(self, packed: Iterable[bytes], answers: int) -> list[Any]:
        """Send bytes that are commands already, and return that many answers."""
        assert not self._posted, "an answer is still to be collected"
        try:
            self._connection.send_packed_command(packed)
        except RedisError as error:
            raise refusal_of(error, "no command could be sent", self.place) from error
        return [self._answer() for _ in range(answers)]

    def _answer(self) -> Any:
        try:
            return self._connection.read_response()
        except ResponseError as error:
            return error
        except (RedisError, OSError) as error:
            raise refusal_of(error, "no answer came", self.place) from error


def place_of(url: str) -> str:
    """Return where a Redis URL points, without user and password."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or parts.path or "127.0.0.1"
        port = f":{parts.port or 6379}" if parts.hostname else ""
    except ValueError:
        return "an address that cannot be read"
    database = parts.path.strip("/") if parts.hostname else ""
    return f"{host}{port}" + (f" database {database}" if database else "")


def refusal_of(error: Exception, failed: str, place: str) -> Refusal:
    """Return what went wrong with Redis as a Refusal."""
    said = f"Redis at {place}: {failed} ({error})."
    match error:
        case _ if isinstance(error, OutOfMemoryError) or str(error).startswith("OOM"):
            return Refusal(
                code=Code.REDIS_FULL,
                failed=said,
                expected="free memory below maxmemory; free or raise it, then try again.",
                retry_is_safe=True,
            )
        case _ if _forbidden(error):
            return _refused(said, _right(str(error)))
        case BusyLoadingError() | LostConnection() | SlowAnswer() | OSError():
            return Refusal(
                code=Code.REDIS_UNREACHABLE,
                failed=said,
                expected="a Redis server that answers; what was taken so far is in the snapshot or "
                "staged on the server, and a retry goes on from there.",
                retry_is_safe=True,
            )
        case _:
            return _refused(said, "a Redis or Valkey server that knows this command.")


def _forbidden(error: Exception) -> bool:
    """A script and a transaction say in words of their own what the server did not let us do."""
    said = str(error)
    told = said.startswith(("NOPERM", "READONLY")) or "no permissions to run" in said
    return isinstance(error, FORBIDDEN) or told


def _right(said: str) -> str:
    """Return what a NOPERM asks for; both servers name the command, `memory|usage` where it has parts."""
    named = COMMAND.search(said)
    if named is None:
        return "a user with the rights of the docs' ACL line, on the primary server."
    return f"the right +{named[1]} for the bot's user; the docs' ACL line holds all it needs."


def _refused(failed: str, expected: str) -> Refusal:
    return Refusal(code=Code.REDIS_REFUSED, failed=failed, expected=expected, retry_is_safe=True)
