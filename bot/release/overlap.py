"""Whether two key patterns can match one key, computed from the patterns and not guessed from their names."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from functools import lru_cache

from bot.release.scope import literal_prefix

ANY, MANY = "?", "*"
FILLER = "x"


def common_key(one: str, other: str) -> str | None:
    """Return a shortest key that both patterns match, None where there is none.

    A pattern is an automaton with one state per character; the two are walked side by side, breadth first, through
    at most (len + 1) * (len + 1) pairs of states. `*` is any bytes, also none; `?` is exactly one; all else is itself.
    """
    first, second = literal_prefix(one), literal_prefix(other)
    if not (first.startswith(second) or second.startswith(first)):
        return None
    return _walk(one, other)


@lru_cache(maxsize=4096)
def _walk(one: str, other: str) -> str | None:
    queue: deque[tuple[int, int, str]] = deque([(0, 0, "")])
    seen: set[tuple[int, int]] = set()
    while queue:
        at, there, key = queue.popleft()
        if (at, there) in seen:
            continue
        seen.add((at, there))
        if at == len(one) and there == len(other):
            return key
        for step in _steps(one, other, at, there):
            following = (step[0], step[1], key + step[2])
            # What costs no byte goes first, so that the key that is found is a shortest one.
            (queue.append if step[2] else queue.appendleft)(following)
    return None


def _steps(one: str, other: str, at: int, there: int) -> Iterable[tuple[int, int, str]]:
    """Yield the pairs of states that follow, each with the byte it takes to get there."""
    mine = one[at] if at < len(one) else ""
    its = other[there] if there < len(other) else ""
    if mine == MANY:
        yield at + 1, there, ""
    if its == MANY:
        yield at, there + 1, ""
    if not mine or not its:
        return
    byte = its if mine in {ANY, MANY} else mine
    if its not in {ANY, MANY, byte}:
        return
    byte = FILLER if byte in {ANY, MANY} else byte
    yield at + (mine != MANY), there + (its != MANY), byte


def overlap(ours: Iterable[str], theirs: Iterable[str]) -> tuple[str, str, str] | None:
    """Return a pattern of each side and a key that both match, None where the scopes have no key in common."""
    others = tuple(theirs)
    for one in ours:
        for other in others:
            key = common_key(one, other)
            if key is not None:
                return one, other, key
    return None
