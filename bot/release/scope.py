"""Which keys a purge may name: the grammar of key patterns, and what a pattern matches."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from bot.release.refusal import Code, Refusal

STAGING = "~q:"
MAX_LENGTH = 200
MAX_STARS = 4
MIN_PREFIX = 4
MAX_NEIGHBOURS = 20

_SCRATCH = re.compile(rf"{STAGING}drill-[0-9a-f]{{12}}:\*")
_ALLOWED = re.compile(r"[A-Za-z0-9:_.{}/=&%,~+@*?-]")
_WILDCARD = re.compile(r"[*?]")
_SEPARATOR = re.compile(r".*[:/._-]")
_GLOB_SPECIAL = re.compile(rb"[*?\[\]\\^-]")
_WORD = rb"[A-Za-z0-9_-]"


def check_pattern(pattern: str) -> None:
    """Refuse a key pattern that the grammar does not allow.

    A pattern is 1 to 200 characters out of letters, digits and `: _ . { } / = & % , ~ + @ -`, with the wildcards
    `*` (any bytes, also none; at most four, never two in a row) and `?` (exactly one byte). What stands before the
    first wildcard must reach a separator (`: / . _ -`) at its fourth character or later, so that `anp:*` is a pattern
    and `*`, `a*` and `anp*` are none. Braces are literal and come in pairs. `~q:` is the bot's own.
    """
    problem = _problem(pattern)
    if problem is not None:
        found, expected = problem
        shown = show_key(pattern.encode())
        shown = shown if len(shown) <= MAX_LENGTH else f"{shown[:60]}…"
        raise Refusal(
            code=Code.SCOPE_INVALID,
            failed=f"The key pattern {shown!r} {found}.",
            expected=f"{expected}.",
            retry_is_safe=True,
        )


def scratch_prefix(token: str) -> str:
    """Return what the names of one drill's copies start with; `token` is 12 hex digits."""
    return f"{STAGING}drill-{token}:"


def check_purgeable(pattern: str) -> None:
    """Refuse what is neither a key pattern nor the copies of one drill; the catalog cannot name the copies."""
    if _SCRATCH.fullmatch(pattern) is None:
        check_pattern(pattern)


def _problem(pattern: str) -> tuple[str, str] | None:
    """Return what is wrong with a pattern and what was expected instead."""
    if not 1 <= len(pattern) <= MAX_LENGTH:
        return f"has {len(pattern)} characters", f"1 to {MAX_LENGTH} characters"
    strange = next((char for char in pattern if not _ALLOWED.match(char)), None)
    if strange is not None:
        return (
            f"holds {show_key(strange.encode())!r}",
            "letters, digits, `: _ . { } / = & % , ~ + @ -`, and the wildcards `*` and `?`",
        )
    if pattern.startswith(STAGING):
        return (
            f"starts with {STAGING}",
            "a pattern of the app's own keys; these names are the bot's own",
        )
    if "**" in pattern or pattern.count("*") > MAX_STARS:
        return (
            f"holds {pattern.count('*')} stars",
            f"at most {MAX_STARS} stars, and never two in a row",
        )
    if not _balanced(pattern):
        return "has a brace without its partner", "braces in pairs, not nested, such as {user1}"
    reached = _SEPARATOR.match(literal_prefix(pattern))
    if reached is None or len(reached[0]) < MIN_PREFIX:
        return (
            "does not begin with a fixed prefix",
            f"at least {MIN_PREFIX} fixed characters that end in one of `: / . _ -`, such as anp:*",
        )
    return None


def _balanced(pattern: str) -> bool:
    depth = 0
    for char in pattern:
        depth += {"{": 1, "}": -1}.get(char, 0)
        if depth not in {0, 1}:
            return False
    return depth == 0


def literal_prefix(pattern: str) -> str:
    """Return what stands before the first wildcard: every key that matches starts with it."""
    return _WILDCARD.split(pattern, maxsplit=1)[0]


def common_prefix(patterns: Iterable[str]) -> str:
    """Return the longest text that every matching key of every pattern starts with."""
    prefixes = [literal_prefix(pattern) for pattern in patterns]
    low, high = min(prefixes, default=""), max(prefixes, default="")
    same = (number for number, (a, b) in enumerate(zip(low, high, strict=False)) if a != b)
    return low[: next(same, min(len(low), len(high)))]


def matches(pattern: str, key: bytes) -> bool:
    """Return whether the key matches, as Redis decides it for `*` and `?`; every other character is itself."""
    return _compiled(pattern).fullmatch(key) is not None


def _expression(pattern: str) -> bytes:
    parts = {ord("*"): b".*", ord("?"): b"."}
    return b"".join(parts.get(byte, re.escape(bytes([byte]))) for byte in pattern.encode())


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[bytes]:
    return re.compile(_expression(pattern), re.DOTALL)


def to_redis_glob(pattern: str) -> bytes:
    """Return the pattern for SCAN MATCH: `*` and `?` are wildcards, all else is escaped to be itself."""
    return b"".join(
        byte if byte in {b"*", b"?"} else escape_glob(byte)
        for byte in (bytes([number]) for number in pattern.encode())
    )


def escape_glob(literal: bytes) -> bytes:
    """Return a glob that matches exactly these bytes."""
    return _GLOB_SPECIAL.sub(rb"\\\g<0>", literal)


def neighbours(pattern: str, keys: Iterable[bytes]) -> tuple[str, ...]:
    """Return the prefixes beside the route that the pattern's last star also takes, sorted, at most 20.

    `/route1*` takes `/route10:a` and `/route1-old`: the word goes on where the route's name had ended. What starts
    with a separator there (`/route1/x`, `/route1?page=2`) belongs to the route and is not named.
    """
    found: set[str] = set()
    for key in keys:
        name = neighbour(pattern, key)
        if name is not None:
            found.add(name)
            if len(found) >= MAX_NEIGHBOURS:
                break
    return tuple(sorted(found))


def neighbour(pattern: str, key: bytes) -> str | None:
    """Return the neighbouring prefix that this one key belongs to, None where the key is the route's own."""
    expression = _neighbour_expression(pattern)
    found = None if expression is None else expression.match(key)
    return None if found is None else show_key(found[0])


@lru_cache(maxsize=256)
def _neighbour_expression(pattern: str) -> re.Pattern[bytes] | None:
    if not pattern.endswith("*") or not re.match(_WORD, pattern[-2:-1].encode()):
        return None
    head = _expression(pattern[:-1]).replace(b".*", b".*?")
    return re.compile(head + _WORD + b"+", re.DOTALL)


def show_key(key: bytes) -> str:
    """Return a key's name for people: what cannot be printed stands as %XX, one for each byte."""
    text = key.decode("utf-8", "surrogateescape")
    return "".join(
        char
        if char.isprintable()
        else "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogateescape"))
        for char in text
    )
