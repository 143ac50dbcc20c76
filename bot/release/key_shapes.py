"""What the name of a key gives away: which part of the app it belongs to, and whether it is no cache at all."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.release.scope import literal_prefix

_PART = re.compile(rb"[:/?&|]*[^:/?&|\0]{0,60}", re.DOTALL)
_VARIES = re.compile(
    rb"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
    rb"|(?<![A-Za-z0-9])[0-9a-fA-F]*[0-9][0-9a-fA-F]*(?![A-Za-z0-9])"
)
_WORDS = (
    rb"(?:^|[:/.|{_])"
    rb"(?:sess(?:ion)?s?|(?:red)?locks?|mutex(?:es)?|semaphores?|queues?|jobs?|celery|kombu|sidekiq|resque|bull"
    rb"|rate[-_]?limit(?:s|er)?|throttles?)"
    rb"(?=[:/.|}_]|$)"
)
_ALIKE = re.compile(_WORDS, re.IGNORECASE)
# What every name that `_ALIKE` finds holds: a page of keys without any of them needs no closer look.
_HINTS = (
    *(b"sess", b"lock", b"mutex", b"semaphore", b"queue", b"job", b"celery", b"kombu"),
    *(b"sidekiq", b"resque", b"bull", b"rate", b"throttle"),
)


def parts_of(fixed: int, keys: Sequence[bytes]) -> list[bytes]:
    """Return, for each key, the first part of its name after `fixed` bytes, with `#` where it holds a number.

    `anp:page:/products/12?a=1` with the four bytes of `anp:` is `page`, and with those of `anp:page:/products` is
    `/#`: keys that differ in an id alone have one part.
    """
    match = _PART.match
    found = [match(key, fixed)[0] for key in keys]  # type: ignore[index] # it matches the empty text too
    together = _VARIES.sub(b"#", b"\0".join(found)).split(b"\0")
    return together if keys else []


def fixed_part(pattern: str) -> bytes:
    """Return the bytes that every key of the pattern begins with."""
    return literal_prefix(pattern).encode()


def alike(keys: Sequence[bytes]) -> list[bytes]:
    """Return the prefix of each key that looks like a session, a lock, a queue or a limit, up to that word.

    Numbers in it stand as `#`, so that `user:12:lock` and `user:13:lock` are one.
    """
    together = b"\n".join(keys).lower()
    if not any(hint in together for hint in _HINTS):
        return []
    found = ((key, _ALIKE.search(key)) for key in keys)
    return [_VARIES.sub(b"#", key[: hit.end()]) for key, hit in found if hit is not None]


def may_overlap(one: str, other: str) -> bool:
    """Return whether two patterns can match the same key, by what they begin with."""
    first, second = fixed_part(one), fixed_part(other)
    return first.startswith(second) or second.startswith(first)
