"""Renames keys to their staged names and learns what they are: how large, and when they expire."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from redis.exceptions import ResponseError

from bot.effects.keyspace.abilities import Abilities
from bot.effects.keyspace.connect import packed
from bot.effects.keyspace.naming import Naming
from bot.effects.keyspace.sizes import COUNTS, counted
from bot.effects.keyspace.trouble import refusal_of, slot_is_elsewhere
from bot.effects.snapshots.frames import SetAside
from bot.release.refusal import Refusal
from bot.release.scope import show_key

BIG = 1_000_000
TIME = packed([(b"TIME",)])


class Renamed(NamedTuple):
    """A key under its staged name: `expires_at` is Unix time in milliseconds (0: never), `size` bytes of memory."""

    key: bytes
    expires_at: int
    size: int


@dataclass(frozen=True, kw_only=True)
class RenamedPage:
    """What became of a page; `wrong` is what the server refused.

    `again` counts keys whose staged name was taken, or whose slot moved, which `moving` says.
    """

    small: list[Renamed]
    large: list[SetAside]
    again: int
    wrong: Refusal | None
    moving: Refusal | None


class Renaming:
    """The commands for this server, and how their answers are read.

    A staged name is nobody else's: what is asked of it afterwards sees the same value as the rename did.
    """

    def __init__(self, found: Abilities, naming: Naming, place: str) -> None:
        """Take how staged names are made."""
        self._absolute = found.absolute_expiry
        self._memory = found.memory
        self._answers = 3 if found.memory else 2 + len(COUNTS)
        self._expiry = b"PEXPIRETIME" if found.absolute_expiry else b"PTTL"
        self.staged = naming.staged
        self._place = place

    def commands(self, keys: Sequence[bytes]) -> tuple[bytes, int]:
        """Return the commands that stage these keys, and how many answers they have."""
        if not keys:
            return b"", 0
        words = map(self._each if self._memory else self._each_counted, keys)
        return TIME + b"".join(words), 1 + self._answers * len(keys)

    def _each(self, key: bytes) -> bytes:
        name = self.staged(key)
        size = len(name)
        return (
            b"*3\r\n$8\r\nRENAMENX\r\n$%d\r\n%b\r\n$%d\r\n%b\r\n"
            b"*3\r\n$6\r\nMEMORY\r\n$5\r\nUSAGE\r\n$%d\r\n%b\r\n"
            b"*2\r\n$%d\r\n%b\r\n$%d\r\n%b\r\n"
        ) % (
            *(len(key), key, size, name),
            *(size, name),
            *(len(self._expiry), self._expiry, size, name),
        )

    def _each_counted(self, key: bytes) -> bytes:
        name = self.staged(key)
        counts = ((word, name) for word, _ in COUNTS)
        return packed([(b"RENAMENX", key, name), *counts, (self._expiry, name)])

    def _sizes(self, answers: list[Any]) -> list[Any]:
        if self._memory:
            return answers[2::3]
        each, many = self._answers, len(COUNTS)
        return [counted(answers[at : at + many]) for at in range(2, len(answers), each)]

    def read(self, keys: Sequence[bytes], answers: list[Any]) -> RenamedPage:
        """Return what the answers say, in the order of the keys."""
        small: list[Renamed] = []
        large: list[SetAside] = []
        again, wrong, moving = 0, None, None
        now_ms = 0 if self._absolute else _milliseconds(answers[0])
        each = self._answers
        rows = zip(keys, answers[1::each], self._sizes(answers), answers[each::each], strict=True)
        for key, moved, size, expiry in rows:
            if moved == 1 and type(size) is int and type(expiry) is int:
                at = expiry + now_ms if expiry > 0 else 0
                if size <= BIG:
                    small.append(Renamed(key, at, size))
                else:
                    large.append(SetAside(key=key, staged=self.staged(key), expires_at=at))
            elif moved == 0 or slot_is_elsewhere(moved):
                again += 1
                moving = self._wrong(key, (moved,)) or moving
            else:
                wrong = self._wrong(key, (moved, size, expiry)) or wrong
        return RenamedPage(small=small, large=large, again=again, wrong=wrong, moving=moving)

    def _wrong(self, key: bytes, answers: tuple[Any, ...]) -> Refusal | None:
        """A key that went meanwhile is no trouble."""
        for answer in answers:
            if isinstance(answer, ResponseError) and "no such key" not in str(answer):
                return refusal_of(answer, f"key {show_key(key)} was refused", self._place)
        return None


def _milliseconds(time: Any) -> int:
    seconds, micros = time
    return int(seconds) * 1000 + int(micros) // 1000
