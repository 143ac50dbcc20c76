"""What goes wrong with Redis, as sentences."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from hiredis import HiredisError
from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    BusyLoadingError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    ResponseError,
)
from redis.exceptions import ConnectionError as LostConnection
from redis.exceptions import TimeoutError as SlowAnswer

from bot.release.refusal import Code, Refusal

FORBIDDEN = (AuthenticationError, AuthorizationError, NoPermissionError, ReadOnlyError)
AWAY = (BusyLoadingError, LostConnection, SlowAnswer, OSError, HiredisError)
COMMAND = re.compile(r"'([a-z|]+)' command")
KINDS: dict[str, type[ResponseError]] = {
    "NOPERM": NoPermissionError,
    "OOM": OutOfMemoryError,
    "READONLY": ReadOnlyError,
}


def error_of(said: str) -> ResponseError:
    """Return an error answer as an exception that can be told apart by its class."""
    return KINDS.get(said.partition(" ")[0], ResponseError)(said)


def slot_is_elsewhere(answer: object) -> bool:
    """Return whether a node of a cluster says that another one holds this slot, or is about to."""
    return isinstance(answer, ResponseError) and str(answer).startswith(
        ("MOVED ", "ASK ", "TRYAGAIN")
    )


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


def unreadable_address() -> Refusal:
    """Return the Refusal of a URL that is none."""
    return Refusal(
        code=Code.REDIS_UNREACHABLE,
        failed="The Redis address of this environment cannot be read.",
        expected="redis://host:port/db, rediss://host:port/db, unix:///path, redis+cluster://host:port,host:port or "
        "redis+sentinel://host:port,host:port/primary/db.",
        retry_is_safe=True,
    )


def refusal_of(error: Exception, failed: str, place: str) -> Refusal:
    """Return what went wrong with Redis as a Refusal."""
    said = f"Redis at {place}: {failed} ({error})."
    match error:
        case OutOfMemoryError():
            return Refusal(
                code=Code.REDIS_FULL,
                failed=said,
                expected="free memory below maxmemory; free or raise it, then try again.",
                retry_is_safe=True,
            )
        case _ if isinstance(error, FORBIDDEN):
            return _refused(said, _right(str(error)))
        case _ if slot_is_elsewhere(error) or str(error).startswith("CLUSTERDOWN"):
            return Refusal(
                code=Code.REDIS_UNREACHABLE,
                failed=said,
                expected="a cluster that moves no slot and serves all of them; what was taken so far is in "
                "the snapshot or staged in the cluster, and a retry goes on from there.",
                retry_is_safe=True,
            )
        case _ if isinstance(error, AWAY) or str(error).startswith("LOADING"):
            return Refusal(
                code=Code.REDIS_UNREACHABLE,
                failed=said,
                expected="a Redis server that answers; what was taken so far is in the snapshot or "
                "staged on the server, and a retry goes on from there.",
                retry_is_safe=True,
            )
        case _:
            return _refused(said, "a Redis or Valkey server that knows this command.")


def _right(said: str) -> str:
    """Return what a NOPERM asks for; the servers name the command, `memory|usage` where it has parts."""
    named = COMMAND.search(said)
    if named is None:
        return "a user with the rights of the docs' ACL line, on the primary server."
    return f"the right +{named[1]} for the bot's user; the docs' ACL line holds all it needs."


def _refused(failed: str, expected: str) -> Refusal:
    return Refusal(code=Code.REDIS_REFUSED, failed=failed, expected=expected, retry_is_safe=True)
