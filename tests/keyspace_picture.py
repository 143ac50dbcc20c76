"""A picture of every key of a server: its content and its absolute expiry."""

from __future__ import annotations

from redis import Redis

SCOPE = ("anp:page:/products", "anp:fragment:products:")


def picture(url: str) -> dict[bytes, tuple[bytes, int]]:
    """Return DUMP and PEXPIRETIME of every key."""
    with Redis.from_url(url) as client:
        names = list(client.scan_iter(count=1000))
        found: dict[bytes, tuple[bytes, int]] = {}
        for start in range(0, len(names), 500):
            page = names[start : start + 500]
            pipe = client.pipeline(transaction=False)
            for name in page:
                pipe.dump(name)
                pipe.pexpiretime(name)
            answers = pipe.execute()
            for index, name in enumerate(page):
                if answers[2 * index] is not None:
                    found[name] = (answers[2 * index], answers[2 * index + 1])
        return found


def in_scope(key: bytes) -> bool:
    """Return whether a key belongs to the shop's products route."""
    return key.startswith(tuple(prefix.encode() for prefix in SCOPE))


def split(
    whole: dict[bytes, tuple[bytes, int]],
) -> tuple[dict[bytes, tuple[bytes, int]], dict[bytes, tuple[bytes, int]]]:
    """Return the keys of the scope and the others, without large keys that a purge set aside by renaming."""
    inside = {key: value for key, value in whole.items() if in_scope(key)}
    outside = {
        key: value
        for key, value in whole.items()
        if key not in inside and not key.startswith(b"~q:")
    }
    return inside, outside
