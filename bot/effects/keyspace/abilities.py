"""What a Redis server lets this user do, tried on a key of our own before anything is touched."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from redis.exceptions import NoPermissionError, ResponseError

from bot.effects.keyspace.connect import Argument, RedisLink
from bot.effects.keyspace.info import info_of
from bot.effects.keyspace.naming import tag_of
from bot.effects.keyspace.sizes import COUNTS
from bot.effects.keyspace.trouble import refusal_of
from bot.release.refusal import Code, Refusal
from bot.release.scope import STAGING

# The string "x" as every server since Redis 3.2 reads it: type, length, byte, format 6, CRC-64.
OLDEST_DUMP = b"\x00\x01x\x06\x00\xb4m\xee\xdfH\xbdtC"
FOOTER = 10
VALKEY_FIRST = 80
COMMON_LAST = 11
PROBE_MS = 60_000
UNTOLD = "unknown server"


@dataclass(frozen=True, kw_only=True)
class Abilities:
    """What was found: `dump_format` is the RDB version of the server's DUMPs.

    `absolute_expiry` is false before Redis 7.0, which lacks PEXPIRETIME. `memory` says whether keys can be
    measured by MEMORY USAGE.
    """

    server: str
    dump_format: int
    absolute_expiry: bool
    memory: bool = True

    def lacks(self) -> tuple[str, ...]:
        """Return what the server does not allow, each with how the bot works then."""
        said = {
            "MEMORY USAGE: sizes from STRLEN and the number of members": self.memory,
            "PEXPIRETIME: expiries computed from PTTL and TIME": self.absolute_expiry,
            "INFO: no look at the memory before a restore": self.server != UNTOLD,
        }
        return tuple(line for line, allowed in said.items() if not allowed)


UNTRIED = Abilities(server=UNTOLD, dump_format=0, absolute_expiry=True)


def try_abilities(link: RedisLink, *, slot: int = 0) -> Abilities:
    """Try every command that a purge or a restore needs; Refusal naming the first that the user may not run.

    In a cluster `slot` is one that this node holds.
    """
    probe = b"%b:{%d}%b" % (STAGING.encode(), tag_of(slot), secrets.token_hex(6).encode())
    try:
        link.call("RESTORE", probe, PROBE_MS, OLDEST_DUMP)
        dump: bytes = link.call("DUMP", probe)
        memory = _may_measure(link, probe)
        _try_the_rest(link, probe)
        link.call("RENAMENX", probe, probe + b":2")
        link.call("RENAMENX", probe + b":2", probe)
        return Abilities(
            server=_server(link),
            dump_format=format_of(dump),
            absolute_expiry=_absolute_expiry(link, probe),
            memory=memory,
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
    fields = info_of(link, "server")
    if fields is None:
        return UNTOLD
    if "valkey_version" in fields:
        return f"valkey {fields['valkey_version']}"
    return f"redis {fields.get('redis_version', 'unknown')}"


def _may_measure(link: RedisLink, probe: bytes) -> bool:
    """Without MEMORY USAGE the other ways to learn a size must be allowed; Refusal naming what is not."""
    measured = link.ask("MEMORY", "USAGE", probe)
    if not isinstance(measured, ResponseError):
        return True
    for answer in link.ask_all([(word, probe) for word, _ in COUNTS]):
        if isinstance(answer, NoPermissionError):
            wrong = measured if isinstance(measured, NoPermissionError) else answer
            raise refusal_of(wrong, "keys cannot be measured", link.place)
    return False


def _try_the_rest(link: RedisLink, probe: bytes) -> None:
    """Read what the walk, the plan and the comparison read; Refusal naming the first right that is missing."""
    words: tuple[tuple[Argument, ...], ...] = (
        ("SCAN", "0", "MATCH", probe, "COUNT", "1"),
        ("TIME",),
        ("EXISTS", probe),
        ("PTTL", probe),
        ("DBSIZE",),
    )
    for command, answer in zip(words, link.ask_all(words), strict=True):
        if isinstance(answer, ResponseError):
            raise refusal_of(answer, f"{command[0]!s} was refused", link.place)


def _absolute_expiry(link: RedisLink, probe: bytes) -> bool:
    answer = link.ask("PEXPIRETIME", probe)
    if isinstance(answer, NoPermissionError):
        raise refusal_of(answer, "PEXPIRETIME was refused", link.place)
    return not isinstance(answer, ResponseError)
