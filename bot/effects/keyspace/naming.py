"""The names that keys have while they are staged, and the way back to their live names."""

from __future__ import annotations

import binascii
import re
from collections.abc import Sequence
from functools import cache

from bot.release.refusal import Code, Refusal
from bot.release.scope import STAGING

SLOTS = 16_384
STAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Naming:
    """Staged names on one server: a prefix and the key."""

    def __init__(self, stage: str) -> None:
        """Take the name of the purge."""
        self.prefix = f"{STAGING}{stage}:".encode()

    def staged(self, key: bytes) -> bytes:
        """Return a key's staged name."""
        return self.prefix + key

    def live(self, name: bytes) -> bytes:
        """Return the key of a staged name."""
        return name.removeprefix(self.prefix)

    def unlinks(self, names: Sequence[bytes]) -> list[tuple[bytes, ...]]:
        """Return the commands that remove staged names."""
        return [(b"UNLINK", *names)] if names else []


class ClusterNaming(Naming):
    """Staged names in a cluster: a rename works within one slot, so a tag that hashes to it stands before the key."""

    def staged(self, key: bytes) -> bytes:
        """Return a key's staged name, which lies in the key's own slot."""
        return b"%b{%d}:%b" % (self.prefix, tag_of(slot_of(key)), key)

    def live(self, name: bytes) -> bytes:
        """Return the key of a staged name."""
        return name.removeprefix(self.prefix).partition(b"}:")[2]

    def unlinks(self, names: Sequence[bytes]) -> list[tuple[bytes, ...]]:
        """Return one command for each: the names lie in many slots."""
        return [(b"UNLINK", name) for name in names]


def check_stage(stage: str) -> None:
    """Refuse what is no name for a purge."""
    if STAGE.fullmatch(stage):
        return
    raise Refusal(
        code=Code.BAD_REQUEST,
        failed="This is no name for a purge.",
        expected="letters, digits and . _ - , starting with a letter or digit, at most 64.",
        retry_is_safe=True,
    )


def slot_of(key: bytes) -> int:
    """Return the key's slot: CRC16 (XMODEM) of its hash tag, or of all of it where it has none (cluster spec)."""
    begin = key.find(b"{")
    if begin >= 0:
        end = key.find(b"}", begin + 1)
        if end > begin + 1:
            key = key[begin + 1 : end]
    return binascii.crc_hqx(key, 0) % SLOTS


def tag_of(slot: int) -> int:
    """Return the smallest number whose digits hash to the slot."""
    return _tags()[slot]


@cache
def _tags() -> tuple[int, ...]:
    """Return for each slot the smallest number whose digits hash to it."""
    tags: dict[int, int] = {}
    number = 0
    while len(tags) < SLOTS:
        tags.setdefault(slot_of(b"%d" % number), number)
        number += 1
    return tuple(tags[slot] for slot in range(SLOTS))
