"""What is sent at once, so that other clients are served in between."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.effects.keyspace.bites import DUMP_BYTE_US, RESTORE_US, Bites
from bot.effects.snapshots.frames import Captured, Record, Span

WINDOW = 200
WINDOW_BYTES = 64_000


def windows(records: Iterator[Record]) -> Iterator[list[Record]]:
    """Yield at most 200 records or 64 kB at a time."""
    window: list[Record] = []
    size = 0
    for record in records:
        window.append(record)
        size += len(record.dump) if isinstance(record, Captured) else 0
        if len(window) >= WINDOW or size >= WINDOW_BYTES:
            yield window
            window, size = [], 0
    if window:
        yield window


def span_windows(spans: Iterable[Span], bites: Bites) -> Iterator[list[Span]]:
    """Yield as many commands at a time as the server can do within the budget of the moment."""
    window: list[Span] = []
    left = bites.budget_us
    for span in spans:
        window.append(span)
        left -= RESTORE_US + (span.end - span.begin) * DUMP_BYTE_US
        if left <= 0:
            yield window
            window, left = [], bites.budget_us
    if window:
        yield window
