"""Snapshots for tests: what is in them is known."""

from __future__ import annotations

from bot.effects.snapshots.files import SnapshotFiles
from bot.effects.snapshots.frames import Captured, Record, SetAside
from bot.effects.snapshots.writer import SnapshotWriter

PATTERN = "anp:*"
BIG = SetAside(key=b"anp:big", staged=b"~q:r1:anp:big", expires_at=1_900_000_000_000)


def record(number: int) -> Captured:
    return Captured(key=b"anp:%d" % number, expires_at=number, dump=b"\x00\r\n$5\xff" * number)


def fill(files: SnapshotFiles, batches: int = 3, *, seal: bool = True) -> list[Record]:
    """Write batches of ten keys and one large key into r1."""
    written: list[Record] = []
    with files.writer("r1") as writer:
        begin(writer)
        for batch in range(batches):
            records = [record(batch * 10 + number) for number in range(10)]
            writer.append(records, {PATTERN: 10})
            written += records
        writer.append([BIG], {})
        if seal:
            writer.seal()
    return [*written, BIG]


def begin(writer: SnapshotWriter) -> None:
    writer.begin(stage="r1", patterns=(PATTERN,), server="valkey 9", dump_format=80)


def fill_up(writer: SnapshotWriter) -> None:
    for number in range(100):
        writer.append([record(number)], {PATTERN: 1})


def read(files: SnapshotFiles) -> list[Record]:
    return [record for batch in files.reader("r1").batches() for record in batch]
