"""The commands that a snapshot is made of, as the bytes that go to a Redis server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

RESTORE = b"*5\r\n$7\r\nRESTORE\r\n$"
ABSTTL = b"\r\n$6\r\nABSTTL\r\n"
# What stands before a key, up to its length, and between a key and its dump.
HEAD = re.compile(rb"\*5\r\n\$7\r\nRESTORE\r\n\$(\d+)\r\n").match
TAIL = re.compile(rb"\r\n\$\d+\r\n(\d+)\r\n\$(\d+)\r\n").match


@dataclass(frozen=True, kw_only=True, slots=True)
class Captured:
    """A key as it was: `expires_at` is Unix time in milliseconds (0: never), `dump` is what DUMP gave."""

    key: bytes
    expires_at: int
    dump: bytes

    def frame(self) -> bytes:
        """Return RESTORE key <absolute ms> <dump> ABSTTL, without REPLACE, in RESP."""
        return restore_frame(self.key, self.expires_at, self.dump)


@dataclass(frozen=True, kw_only=True, slots=True)
class SetAside:
    """A key too large to dump: it stands on the server under its staged name, with its expiry (0: never)."""

    key: bytes
    staged: bytes
    expires_at: int

    def frame(self) -> bytes:
        """Return RENAMENX staged key in RESP, what puts the key back; before it PEXPIREAT where it expires."""
        rename = _command(b"RENAMENX", self.staged, self.key)
        if self.expires_at == 0:
            return rename
        return _command(b"PEXPIREAT", self.staged, b"%d" % self.expires_at) + rename


Record = Captured | SetAside


def restore_frame(key: bytes, expires_at: int, dump: bytes) -> bytes:
    """Return the command that puts one key back, as `Captured.frame` does."""
    at = b"%d" % expires_at
    return b"*5\r\n$7\r\nRESTORE\r\n$%d\r\n%b\r\n$%d\r\n%b\r\n$%d\r\n%b\r\n$6\r\nABSTTL\r\n" % (
        len(key),
        key,
        len(at),
        at,
        len(dump),
        dump,
    )


def records_in(frames: bytes) -> Iterator[Record]:
    """Yield what the frames hold, in order. ValueError where they are no frames of ours."""
    at, expires_at = 0, 0
    while at < len(frames):
        words, at = _words(frames, at)
        match words:
            case [b"RESTORE", key, moment, dump, b"ABSTTL"]:
                yield Captured(key=key, expires_at=int(moment), dump=dump)
            case [b"PEXPIREAT", _, moment]:
                expires_at = int(moment)
            case [b"RENAMENX", staged, key]:
                yield SetAside(key=key, staged=staged, expires_at=expires_at)
                expires_at = 0
            case _:
                raise ValueError(f"unknown command in a snapshot: {words[:1]!r}")


class Span(NamedTuple):
    """Where a captured key's command stands in a batch, and when the key expires (Unix ms, 0: never)."""

    begin: int
    end: int
    expires_at: int


def spans_in(frames: bytes) -> Iterator[Span]:
    """Yield where each RESTORE stands, in order; other commands are left out. ValueError for what is no frame."""
    at, size = 0, len(frames)
    while at < size:
        head = HEAD(frames, at)
        if head is None:
            _, at = _words(frames, at)
            continue
        tail = TAIL(frames, head.end() + int(head[1]))
        if tail is None:
            raise ValueError(f"expected an expiry and a dump after the key at byte {at}")
        end = tail.end() + int(tail[2]) + len(ABSTTL)
        if end > size:
            break
        yield Span(at, end, int(tail[1]))
        at = end
    if at != size:
        raise ValueError("a snapshot's command is cut short")


def key_at(frames: bytes, span: Span) -> bytes:
    """Return the key of one RESTORE."""
    mark = span.begin + len(RESTORE)
    end = frames.index(b"\r\n", mark)
    return frames[end + 2 : end + 2 + int(frames[mark:end])]


def _command(*words: bytes) -> bytes:
    return b"*%d\r\n" % len(words) + b"".join(
        b"$%d\r\n%b\r\n" % (len(word), word) for word in words
    )


def _words(frames: bytes, at: int) -> tuple[list[bytes], int]:
    count, at = _number(frames, at, b"*")
    words: list[bytes] = []
    for _ in range(count):
        length, at = _number(frames, at, b"$")
        words.append(frames[at : at + length])
        at += length + 2
    if at > len(frames):
        raise ValueError("a snapshot's command is cut short")
    return words, at


def _number(frames: bytes, at: int, mark: bytes) -> tuple[int, int]:
    if frames[at : at + 1] != mark:
        raise ValueError(f"expected {mark!r} at byte {at} of a snapshot's commands")
    end = frames.index(b"\r\n", at)
    return int(frames[at + 1 : end]), end + 2
