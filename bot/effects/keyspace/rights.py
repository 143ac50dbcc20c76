"""Which rights the bot's Redis user has, missing and needless ones too, tried on keys of the bot's own."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass

from redis.exceptions import NoPermissionError, ResponseError

from bot.effects.keyspace.abilities import OLDEST_DUMP
from bot.effects.keyspace.connect import Argument, RedisLink
from bot.effects.keyspace.naming import tag_of
from bot.effects.keyspace.topology import Servers
from bot.release.scope import STAGING

LIVES_MS = 60_000
FOREIGN = b"foreign-to-cache-release:"

Words = tuple[Argument, ...]


@dataclass(frozen=True, kw_only=True)
class Rights:
    """What one server allows: rights by the names of ACL SETUSER.

    `missing` are needed; `useful` are missing, and the bot works around them; `excess` are allowed and never used.
    """

    user: str
    present: tuple[str, ...]
    missing: tuple[str, ...]
    useful: tuple[str, ...]
    excess: tuple[str, ...]


def find_rights(url: str, *, generations: bool) -> Rights:
    """Try each right once; Refusal where the server does not answer. `generations` adds what those routes need."""
    with Servers(url, only_looks=True) as servers:
        probe = b"%b:{%d}%b" % (STAGING.encode(), tag_of(0), secrets.token_hex(6).encode())
        link = servers.owner(probe).link
        try:
            return _tried(link, probe, generations=generations)
        finally:
            link.ask("UNLINK", probe)


def _tried(link: RedisLink, probe: bytes, *, generations: bool) -> Rights:
    needed = dict(_needed(probe)) | (dict(_for_generations(probe)) if generations else {})
    useful: dict[str, Words] = {
        "pexpiretime": ("PEXPIRETIME", probe),
        "memory|usage": ("MEMORY", "USAGE", probe),
        "type": ("TYPE", probe),
        "ping": ("PING",),
        "info": ("INFO", "server"),
    }
    allowed = {name: _may(link, words) for name, words in (needed | useful).items()}
    foreign = FOREIGN + probe.rpartition(b"}")[2]
    excess: dict[str, Words] = {
        "config": ("CONFIG", "GET", "no-such-setting"),
        "eval": ("EVAL", "return 1", 0),
        "keys outside its own (~*)": ("EXISTS", foreign),
    }
    return Rights(
        user=_user(link),
        present=tuple(name for name, may in allowed.items() if may),
        missing=tuple(name for name in needed if not allowed[name]),
        useful=tuple(name for name in useful if not allowed[name]),
        excess=tuple(name for name, words in excess.items() if _may(link, words)),
    )


def _needed(probe: bytes) -> Iterator[tuple[str, Words]]:
    yield "restore", ("RESTORE", probe, LIVES_MS, OLDEST_DUMP)
    yield "dump", ("DUMP", probe)
    yield "scan", ("SCAN", "0", "MATCH", probe, "COUNT", "1")
    yield "exists", ("EXISTS", probe)
    yield "pttl", ("PTTL", probe)
    yield "renamenx", ("RENAMENX", probe, probe)
    yield "unlink", ("UNLINK", probe)
    yield "dbsize", ("DBSIZE",)
    yield "time", ("TIME",)


def _for_generations(probe: bytes) -> Iterator[tuple[str, Words]]:
    yield "get", ("GET", probe)
    yield "set", ("SET", probe, "0", "PX", LIVES_MS)
    yield "watch", ("WATCH", probe)
    yield "multi", ("MULTI",)
    yield "exec", ("EXEC",)


def _may(link: RedisLink, words: Words) -> bool:
    """Return whether the server takes the command: any other error comes after the check of rights."""
    answer = link.ask(*words)
    said = str(answer).lower() if isinstance(answer, ResponseError) else ""
    # EXEC without the right answers EXECABORT, with NOPERM as the reason.
    return not (isinstance(answer, NoPermissionError) or "noperm" in said or "unknown" in said)


def _user(link: RedisLink) -> str:
    """Return the user's name where the server tells it."""
    answer = link.ask("ACL", "WHOAMI")
    return answer.decode(errors="replace") if isinstance(answer, bytes) else "not told"
