"""What a Redis server lets this user do, tried on a key of our own before anything is touched."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from redis.exceptions import NoPermissionError, ResponseError

from bot.effects.redis_connect import RedisLink
from bot.effects.redis_trouble import refusal_of
from bot.release.refusal import Code, Refusal
from bot.release.scope import STAGING

# The string "x" as every server since Redis 3.2 reads it: type, length, byte, format 6, CRC-64.
OLDEST_DUMP = b"\x00\x01x\x06\x00\xb4m\xee\xdfH\xbdtC"
FOOTER = 10
VALKEY_FIRST = 80
COMMON_LAST = 11
PROBE_MS = 60_000


@dataclass(frozen=True, kw_only=True)
class Abilities:
    """What was found: `dump_format` is the RDB version of the server's DUMPs.

    `absolute_expiry` is false before Redis 7.0, which lacks PEXPIRETIME.
    """

    server: str
    dump_format: int
    absolute_expiry: bool


def try_abilities(link: RedisLink) -> Abilities:
    """Try every command that a purge or a restore needs; Refusal naming the first that the user may not run."""
    probe = f"{STAGING}:{secrets.token_hex(6)}".encode()
    try:
        link.call("RESTORE", probe, PROBE_MS, OLDEST_DUMP)
        dump: bytes = link.call("DUMP", probe)
        link.call("MEMORY", "USAGE", probe)
        link.call("RENAMENX", probe, probe + b":2")
        link.call("RENAMENX", probe + b":2", probe)
        return Abilities(
            server=_server(link),
            dump_format=format_of(dump),
            absolute_expiry=_absolute_expiry(link, probe),
        )
    finally:
        link.call("UNLINK", probe)


def format_of(dump: bytes) -> int:
    """Return the RDB version in a DUMP's footer: 2 bytes version, 8 bytes checksum."""
    return int.from_bytes(dump[-FOOTER : 2 - FOOTER], "little")


def refuse_unreadable_format(snapshot: int, server: int, place: str) -> None:
    """Refuse a snapshot whose DUMP format this server cannot read; servers read their own and older formats."""
    foreign = COMMON_LAST < snapshot < VALKEY_FIRST <= server
    if snapshot > server or foreign:
        raise Refusal(
            code=Code.SNAPSHOT_FORMAT,
            failed=f"The snapshot holds DUMP format {snapshot}; Redis at {place} reads format {server}. "
            "Nothing was touched.",
            expected=f"a server of the same family that reads format {snapshot} or newer.",
            retry_is_safe=True,
        )


def _server(link: RedisLink) -> str:
    info = link.ask("INFO", "server")
    if isinstance(info, ResponseError):
        return "unknown"
    fields = dict(line.partition(":")[::2] for line in info.decode().splitlines())
    if "valkey_version" in fields:
        return f"valkey {fields['valkey_version']}"
    return f"redis {fields.get('redis_version', 'unknown')}"


def _absolute_expiry(link: RedisLink, probe: bytes) -> bool:
    answer = link.ask("PEXPIRETIME", probe)
    if isinstance(answer, NoPermissionError):
        raise refusal_of(answer, "PEXPIRETIME was refused", link.place)
    return not isinstance(answer, ResponseError)
