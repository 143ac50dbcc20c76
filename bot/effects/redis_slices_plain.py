"""The same slices without scripts, where a server or a proxy does not allow EVAL."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from redis.exceptions import ResponseError

from bot.effects.redis_abilities import Abilities
from bot.effects.redis_connect import Argument, RedisLink, refusal_of
from bot.effects.redis_sizes import sizes_of
from bot.effects.redis_slices import BIG, START, Slice, wrong_of
from bot.effects.redis_wanted import Wanted
from bot.effects.snapshot_frames import Captured, SetAside
from bot.release.refusal import Refusal

PAGE = 50


@dataclass
class _Basket:
    """What one page gave so far."""

    taken: list[Captured] = field(default_factory=list)
    aside: list[SetAside] = field(default_factory=list)
    again: int = 0
    wrong: Refusal | None = None


class PlainSlicer:
    """Slices by MULTI transactions of at most 50 keys: DUMP, expiry and RENAMENX of a key see the same value."""

    def __init__(self, link: RedisLink, found: Abilities, stage: bytes) -> None:
        """Take the staged names' prefix; Refusal where transactions are not allowed."""
        self._link = link
        self._stage = stage
        self._absolute = found.absolute_expiry
        self._sent: tuple[bytes, Wanted, Sequence[bytes]] | None = None
        # Were MULTI not allowed, what follows it would be done all the same.
        link.call("MULTI")
        link.call("EXEC")

    def send(self, cursor: bytes, wanted: Wanted, durable: Sequence[bytes]) -> None:
        """Only note it: without a script a slice is many questions, and no answer may be waiting."""
        self._sent = (cursor, wanted, durable)

    def receive(self) -> Slice:
        """UNLINK what is durable, then take one page of SCAN."""
        assert self._sent is not None, "a slice is sent before it is received"
        cursor, wanted, durable = self._sent
        begun = time.monotonic()
        self._unlink(durable)
        at, found = self._link.call("SCAN", cursor, "MATCH", wanted.glob, "COUNT", PAGE)
        if wanted.expressions or not wanted.wave.whole:
            found = [key for key in found if wanted.pattern_of(key) is not None]
        basket = _Basket()
        sizes = sizes_of(self._link, found)
        sized = [(key, size) for key, size in zip(found, sizes, strict=True) if size is not None]
        for first in range(0, len(sized), PAGE):
            self._take(sized[first : first + PAGE], basket)
        return Slice(
            cursor=at,
            done=at == START,
            taken=tuple(basket.taken),
            aside=tuple(basket.aside),
            again=basket.again,
            unlinked=len(durable),
            scanned=PAGE,
            micros=int((time.monotonic() - begun) * 1e6),
            wrong=basket.wrong,
        )

    def _unlink(self, durable: Sequence[bytes]) -> None:
        for answer in self._link.ask_all([("UNLINK", self._stage + key) for key in durable]):
            if isinstance(answer, ResponseError):
                raise refusal_of(answer, "UNLINK was refused", self._link.place)

    def _take(self, sized: Sequence[tuple[bytes, Any]], basket: _Basket) -> None:
        commands: list[Sequence[Argument]] = [("MULTI",), ("TIME",)]
        keys: list[tuple[bytes, bool]] = []
        for key, size in sized:
            if isinstance(size, ResponseError):
                basket.wrong = wrong_of(self._link, key, str(size))
                continue
            keys.append((key, size <= BIG))
            if size <= BIG:
                commands.append(("DUMP", key))
            commands.append(("PEXPIRETIME" if self._absolute else "PTTL", key))
            commands.append(("RENAMENX", key, self._stage + key))
        answers = self._link.ask_all([*commands, ("EXEC",)])[-1]
        if isinstance(answers, ResponseError):
            basket.wrong = refusal_of(answers, "a transaction was refused", self._link.place)
            return
        seconds, micros = answers[0]
        now_ms = int(seconds) * 1000 + int(micros) // 1000
        rest = iter(answers[1:])
        for key, small in keys:
            dump = next(rest) if small else None
            at = self._at(next(rest), now_ms)
            self._put(basket, key, small, dump, at, next(rest))

    def _at(self, expiry: int, now_ms: int) -> int:
        if self._absolute or expiry < 0:
            return max(expiry, 0)
        return now_ms + expiry

    def _put(
        self, basket: _Basket, key: bytes, small: bool, dump: bytes | None, at: int, moved: Any
    ) -> None:
        gone = small and dump is None
        if isinstance(moved, ResponseError):
            if not gone and "no such key" not in str(moved):
                basket.wrong = wrong_of(self._link, key, str(moved))
        elif moved == 0:
            basket.again += 1
        elif isinstance(dump, bytes):
            basket.taken.append(Captured(key=key, expires_at=at, dump=dump))
        else:
            staged = self._stage + key
            basket.aside.append(SetAside(key=key, staged=staged, expires_at=at))
