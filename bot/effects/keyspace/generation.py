"""Generation keys on the server that owns them: read, and set only where nobody else did."""

from __future__ import annotations

from redis.exceptions import NoPermissionError, ResponseError

from bot.effects.keyspace.connect import RedisLink
from bot.effects.keyspace.server_facts import SelfDescription
from bot.effects.keyspace.topology import Servers
from bot.effects.keyspace.trouble import refusal_of, slot_is_elsewhere
from bot.release.generation import Generation, read_generation
from bot.release.refusal import Code, Refusal
from bot.release.scope import STAGING

ROUNDS = 3
TRIES = 20


class GenerationKeys(SelfDescription):
    """The generation keys of the server behind `_url`, and what that says of itself."""

    def generation(self, key: str) -> Generation:
        """Return what a generation key holds now."""
        with Servers(self._url, only_looks=True) as servers:
            return _read(_owner(servers, key), key)

    def set_generation(self, key: str, *, seen: int, new: int) -> Generation:
        """Set a generation key that holds `seen` to `new`, keeping its expiry; return what it held before.

        Where it held anything else, nothing was done.
        """
        with Servers(self._url, only_looks=True) as servers:
            link = _owner(servers, key)
            for _ in range(TRIES):
                link.call("WATCH", key)
                found = _read(link, key)
                if found.number != seen or _set(link, found, new):
                    return found
        raise Refusal(
            code=Code.NOT_NOW,
            failed=f"{key} was written again and again while it was to be set to {new}; it was left alone.",
            expected="a generation key that is not written all the time.",
            retry_is_safe=True,
        )


def used_key(key: str) -> str:
    """Return the name under which the largest number ever set stands, in the slot of the key itself."""
    # A cluster hashes what stands between the first brace and the next one after it, where that is not empty.
    _, opened, rest = key.partition("{")
    tag, closed, _ = rest.partition("}")
    return f"{STAGING}generation:{{{tag if opened and closed and tag else key}}}:{key}"


def _owner(servers: Servers, key: str) -> RedisLink:
    """Return the link to the key's primary, also where its slot moved since the look."""
    for _ in range(ROUNDS):
        if not slot_is_elsewhere(servers.owner(key.encode()).link.ask("GET", key)):
            break
        servers.look_again()
    return servers.owner(key.encode()).link


def _read(link: RedisLink, key: str) -> Generation:
    held = link.ask("GET", key)
    if isinstance(held, NoPermissionError):
        raise refusal_of(held, "GET was refused", link.place)
    if isinstance(held, ResponseError) and str(held).startswith("WRONGTYPE"):
        held = b"a key of another type"
    if isinstance(held, ResponseError):
        raise refusal_of(held, "GET was refused", link.place)
    return read_generation(key, held, link.call("GET", used_key(key)))


def _set(link: RedisLink, found: Generation, new: int) -> bool:
    """Set it in one transaction; False where somebody wrote it since WATCH."""
    link.call("MULTI")
    link.call("SET", found.key, str(new), "KEEPTTL")
    if new > max(found.used, found.number or 0):
        link.call("SET", used_key(found.key), str(new))
    answer = link.ask("EXEC")
    if isinstance(answer, ResponseError):
        # A right that is missing for EXEC itself is said inside an EXECABORT.
        said = NoPermissionError(str(answer)) if "permission" in str(answer) else answer
        raise refusal_of(said, "EXEC was refused", link.place)
    return answer is not None
